"""The seam for crash tests."""

import subprocess
import sys

import pytest

from duplexsla.executor.crash_points import POINTS, die_at, never


def test_a_process_dies_at_its_point_and_at_no_other() -> None:
    code = "from duplexsla.executor.crash_points import die_at; p = die_at('called'); {}"
    done = [
        subprocess.run(
            [sys.executable, "-c", code.format(f"p({point!r}); print('alive')")], capture_output=True
        )
        for point in ("claimed", "called")
    ]
    assert [each.returncode for each in done] == [0, -9]
    assert done[0].stdout == b"alive\n"


def test_nobody_dies_unasked() -> None:
    for point in POINTS:
        never(point)


def test_an_unknown_point_is_named() -> None:
    with pytest.raises(ValueError, match="no crash point 'lunch'"):
        die_at("lunch")
