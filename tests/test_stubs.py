"""The committed stubs are those that protos/ generates with the tools of this environment."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STUBS = ROOT / "services" / "duplexsla" / "v1"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("stubs")
    subprocess.run(["sh", ROOT / "scripts" / "stubs.sh", out], check=True, env={"PYTHON": sys.executable})
    return out / "duplexsla" / "v1"


def test_every_stub_is_committed_and_nothing_else(fresh: Path) -> None:
    committed = {path.name for path in STUBS.iterdir() if path.name not in ("__init__.py", "__pycache__")}
    assert committed == {path.name for path in fresh.iterdir()}


def test_no_stub_is_stale(fresh: Path) -> None:
    stale = [path.name for path in fresh.iterdir() if path.read_text() != (STUBS / path.name).read_text()]
    assert not stale, "make stubs"
