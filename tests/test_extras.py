"""An extra holds what its service imports, and no torch for the network; the lock answers every extra."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement
from scripts.locked import ROOT, entries, read

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCK = (ROOT / "requirements.lock").read_text()
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
    ],
    "bench": ["duplexsla_lab.bench.command", "duplexsla_lab.bench.html_report"],
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
    assert "torch" not in read([extra])


@pytest.mark.slow
@pytest.mark.parametrize("extra", STARTS)
def test_an_extra_holds_all_that_its_service_imports(extra: str) -> None:
    program = CONFINED.format(allowed=sorted(read([extra])), modules=STARTS[extra])
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_lock_answers_what_an_extra_asks_for(extra: str) -> None:
    locked = entries(LOCK)
    for line in [*PROJECT["dependencies"], *EXTRAS[extra]]:
        wanted = Requirement(line)
        if wanted.name != PROJECT["name"]:
            name = re.sub(r"[-_.]+", "-", wanted.name).lower()
            assert wanted.specifier.contains(locked[name].version), f"{line}: make lock"


def test_every_locked_file_has_its_hash_and_no_host_is_named() -> None:
    assert all("--hash=sha256:" in entry.text for entry in entries(LOCK).values())
    assert not re.search(r"://|--(extra-)?index-url|--find-links", LOCK)


def test_what_is_installed_is_what_is_locked() -> None:
    different = {}
    for name, entry in read(["dev"]).items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "none"
        if installed != entry.version:
            different[name] = f"{installed} installed, {entry.version} locked"
    assert not different, "make venv"


def test_a_distribution_that_comes_from_elsewhere_takes_what_it_alone_needs_with_it() -> None:
    whole, rest = read(["decoder"]), read(["decoder"], without=["torch"])
    assert "torch" in whole and not {"torch", "triton", "sympy"} & rest.keys()
    assert {"numpy", "safetensors", "setuptools"} <= rest.keys()
