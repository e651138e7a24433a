"""What images are built from: one version, files that are there, packages that belong in them."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from deploy.images.build import CONTEXTS, SERVICES, TRIAL, image_of

from duplexsla import __version__
from duplexsla.runtime.checkout import ROOT

WHEEL = [
    "-m",
    "pip",
    "wheel",
    "-q",
    "--no-deps",
    "--no-index",
    "--no-build-isolation",
    "-w",
    "out",
    "./source",
]
IMAGES = ROOT / "deploy" / "images"
PACKAGES = {"gateway": {"duplexsla", "duplexsla_loadtest"}} | {
    name: {"duplexsla"} for name in ("decoder", "executor", "home")
}


def _dockerfile(name: str) -> str:
    return (IMAGES / name / "Dockerfile").read_text()


def _copied(name: str) -> list[str]:
    """Paths of the checkout that an image copies."""
    lines = re.findall(r"^COPY (?!--)(.+)$", _dockerfile(name), flags=re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_the_chart_the_images_and_the_package_have_one_version() -> None:
    chart = yaml.safe_load((ROOT / "helm" / "duplexsla" / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == __version__
    assert {image_of(name).rpartition(":")[2] for name in (*SERVICES, *TRIAL)} == {__version__}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "duplexsla.__version__"}


def test_the_version_is_written_down_in_two_places_alone() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if not tracked:
        pytest.skip("no checkout of git")
    parts = ("helm/", "deploy/", "services/", "scripts/", "pyproject.toml", "Makefile")
    files = [file for file in tracked if file.startswith(parts) and (ROOT / file).is_file()]
    texts = {file: (ROOT / file).read_bytes() for file in files}
    wanted = re.compile(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])".encode())
    named = {file for file, text in texts.items() if wanted.search(text)}
    assert named == {"helm/duplexsla/Chart.yaml", "services/duplexsla/__init__.py"}


@pytest.mark.parametrize("name", [*SERVICES, *TRIAL])
def test_what_an_image_copies_is_there_and_in_the_build_context(name: str) -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in _copied(name):
        if source == "loaded_only.py":
            continue
        assert (ROOT / source).exists(), source
        assert any(f"{each}/".startswith(f"{source}/") or source.startswith(each) for each in kept), source


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_s_image_holds_its_own_packages_and_no_lab(name: str) -> None:
    folders = {source for source in _copied(name) if source in ("services", "lab", "loadtest")}
    found = {"services": "duplexsla", "lab": "duplexsla_lab", "loadtest": "duplexsla_loadtest"}
    assert {found[folder] for folder in folders} == PACKAGES[name]


@pytest.mark.parametrize("name", TRIAL)
def test_a_build_context_from_elsewhere_is_one_that_the_build_gives(name: str) -> None:
    stages = set(re.findall(r"^FROM .* AS (\S+)$", _dockerfile(name), flags=re.MULTILINE))
    asked = set(re.findall(r"^COPY --from=(\S+)", _dockerfile(name), flags=re.MULTILINE)) - stages
    assert asked == set(CONTEXTS.get(name, {}))


@pytest.mark.slow
@pytest.mark.parametrize(("folders", "packages"), [(("services",), 1), (("services", "loadtest"), 2)])
def test_a_wheel_is_built_from_the_folders_that_an_image_copies(
    tmp_path: Path, folders: tuple[str, ...], packages: int
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    for folder in folders:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, *WHEEL]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "out").glob("*.whl")
    assert wheel.name.startswith(f"duplexsla-{__version__}-")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert len(tops) == packages and "duplexsla_lab" not in tops
    sources = {str(file.relative_to(ROOT / "services")) for file in (ROOT / "services").glob("**/*.[ch]")}
    assert sources and sources <= set(names)
