"""Where things lie in a checkout of the repository, and what is fetched or built once for all of a machine's.

The cache outlives a checkout: a fresh clone on the same machine finds what another one fetched.
"""

import os
from pathlib import Path

from duplexsla.errors import SettingError

ROOT = Path(__file__).resolve().parents[3]
MODEL = ROOT / "model_repository" / "duplexsla" / "1"  # the weights that ship
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "duplexsla"  # <part>-<version>/
RUNS = ROOT / ".cache" / "run"  # <name>/: state, logs and data of one running system


def model_folder(given: Path | None = None) -> Path:
    """The folder of the weights: the one that was given, else the shipped ones of this checkout.

    Raises SettingError, with the place that was looked at, when there are none.
    """
    folder = given or MODEL
    if not (folder / "vocabulary.json").is_file():
        hint = "" if given else ": run this from a checkout of the repository, or name a folder with --model"
        raise SettingError(f"no model in {folder}{hint}")
    return folder


def run_directory(name: str) -> Path:
    """Directory of the system called `name`. Raises SettingError outside a checkout."""
    if not (ROOT / "pyproject.toml").exists():
        raise SettingError(f"{ROOT} is no checkout of the repository: run this from one, installed with -e")
    if not name.replace("-", "").replace("_", "").isalnum():
        raise SettingError(f"{name!r} is no name for a system: use letters, digits, - and _")
    return RUNS / name
