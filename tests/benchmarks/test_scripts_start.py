"""Every benchmark starts: its imports hold and it explains itself."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(
    str(path) for path in (ROOT / "benchmarks").glob("*.py") if "argparse.ArgumentParser(" in path.read_text()
)
PROGRAM = f"""
import runpy, sys
sys.path[:0] = {[str(ROOT / folder) for folder in ("services", "lab", "loadtest", "")]!r}
for script in {SCRIPTS!r}:
    sys.argv = [script, "--help"]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        assert not end.code, script
    else:
        raise AssertionError(f"{{script}} does not end with its help")
"""


@pytest.mark.slow
def test_each_shows_its_help() -> None:
    assert len(SCRIPTS) > 8
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1_000:]
    assert done.stdout.count("usage:") == len(SCRIPTS)
