"""Each service's extra holds what the service imports, and nothing that faces the network holds torch."""

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from scripts.lock import needed

ROOT = Path(__file__).parents[1]
# What each extra must be able to start.
STARTS = {
    "client": ["duplexsla.cli.call", "duplexsla.cli.recorded_call", "duplexsla.audio.wav"],
    "gateway": ["duplexsla.gateway.__main__", "kubernetes.client"],
    "deletion-cost": ["duplexsla.kubernetes.deletion_cost.__main__", "kubernetes.client"],
    "executor": ["duplexsla.executor.__main__"],
    "home": ["duplexsla.home.__main__"],
    "decoder": ["duplexsla.engine.checkpoint", "duplexsla.engine.session_registry"],
    "talk": ["duplexsla.cli.talk", "duplexsla.cli.in_process", "duplexsla.engine.checkpoint"],
    "loadtest": [
        "duplexsla_loadtest.command",
        "duplexsla_loadtest.run",
        "duplexsla_loadtest.capacity_search",
        "duplexsla_loadtest.report_files",
    ],
    "data": ["duplexsla_lab.data.shards", "duplexsla_lab.data.voices.user_speech"],
}
# Only modules of the standard library, of ours and of the allowed distributions can be found.
CONFINED = """
import importlib, importlib.metadata, sys
allowed = set({allowed!r})
owners = importlib.metadata.packages_distributions()
canonical = lambda name: name.lower().replace("_", "-").replace(".", "-")
class Confined:
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top in owners and top not in sys.stdlib_module_names and not top.startswith("duplexsla"):
            if not allowed & {{canonical(owner) for owner in owners[top]}}:
                raise ModuleNotFoundError(f"the extra lacks {{owners[top]}} for {{name}}", name=name)
sys.meta_path.insert(0, Confined())
for module in {modules!r}:
    importlib.import_module(module)
"""


@pytest.mark.parametrize("extra", ["client", "gateway", "executor", "home", "loadtest"])
def test_what_faces_the_network_needs_no_torch(extra: str) -> None:
    assert "torch" not in _closure(extra)


@pytest.mark.parametrize("extra", STARTS)
def test_an_extra_holds_all_that_its_service_imports(extra: str) -> None:
    program = CONFINED.format(allowed=sorted(_closure(extra)), modules=STARTS[extra])
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]


def test_the_lock_holds_what_the_metadata_asks_for() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    locked = {line.split("==")[0] for line in lines if not line.startswith("#")}
    assert locked == needed(Requirement("duplexsla[dev]")).keys(), "make lock"


def _closure(extra: str) -> set[str]:
    return set(needed(Requirement(f"duplexsla[{extra}]")))
