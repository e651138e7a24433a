"""The tree as README draws it, and files that can be read in one sitting."""

import subprocess
import tomllib

from tests.support.source_tree import ROOT, written_by_hand

FOLDERS = {
    *("services", "protos", "helm", "model_repository", "loadtest", "lab", "tests", "deploy", "benchmarks"),
    *("docs", "examples", "scripts"),
}
MOST_LINES = 400


def test_the_top_level_is_the_one_of_the_design() -> None:
    tops = {path.partition("/")[0] for path in _tracked() if "/" in path}
    assert {top for top in tops if not top.startswith(".")} == FOLDERS


def test_no_file_written_by_hand_is_too_long_to_read() -> None:
    lengths = {
        path: len(path.read_text().splitlines()) for path in written_by_hand(".py", ".c", ".h", ".sh", ".tpl")
    }
    assert not {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > MOST_LINES}


def test_every_file_that_is_no_module_is_installed_with_its_package() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    wings = [ROOT / wing for wing in setuptools["packages"]["find"]["where"]]
    installed = {
        path
        for package, patterns in setuptools["package-data"].items()
        for wing in wings
        for pattern in patterns
        for path in (wing / package.replace(".", "/")).glob(pattern)
    }
    beside = {
        path
        for name in _tracked()
        if (path := ROOT / name).suffix not in (".py", ".pyi", ".md")
        and any(path.is_relative_to(wing) for wing in wings)
    }
    assert beside <= installed


def _tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
