"""The seam for crash tests: a process dies at the point that is named, and nowhere else."""

import subprocess
import sys

import pytest

from duplexsla.executor.crash_points import POINTS, die_at

PASS_ALL = """
from duplexsla.executor.crash_points import POINTS, die_at, never
pass_point = {}
for point in POINTS:
    print(point, flush=True)
    pass_point(point)
"""


def passed(pass_point: str) -> tuple[int, list[str]]:
    done = subprocess.run([sys.executable, "-c", PASS_ALL.format(pass_point)], capture_output=True, text=True)
    return done.returncode, done.stdout.split()


def test_a_process_is_killed_at_its_point() -> None:
    assert passed("die_at('called')") == (-9, ["read", "claimed", "decided", "called"])


def test_nobody_dies_unasked() -> None:
    assert passed("never") == (0, list(POINTS))


def test_an_unknown_point_is_named() -> None:
    with pytest.raises(ValueError, match="no crash point 'lunch'"):
        die_at("lunch")
