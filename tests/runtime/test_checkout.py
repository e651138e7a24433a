"""Where a system's files lie, and how progress is told."""

import io

import pytest

from duplexsla.errors import SettingError
from duplexsla.local.progress import Progress
from duplexsla.local.stack import Options
from duplexsla.runtime.checkout import ROOT, RUNS, run_directory


def test_a_system_lies_in_the_checkouts_cache() -> None:
    assert run_directory("demo-2") == RUNS / "demo-2"
    assert (ROOT / "pyproject.toml").exists()


@pytest.mark.parametrize("name", ["", "..", "a/b", "/etc", "a b"])
def test_a_name_that_is_a_path_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="no name"):
        run_directory(name)


def test_missing_weights_are_told_before_anything_starts() -> None:
    with pytest.raises(SettingError, match="no folder"):
        Options(weights=RUNS / "nothing-here")


def test_progress_tells_the_seconds_since_its_start() -> None:
    times = iter([100.0, 103.25])
    out = io.StringIO()
    Progress(out, clock=lambda: next(times))("kafka: ready")
    assert out.getvalue() == "   3.2 s  kafka: ready\n"
