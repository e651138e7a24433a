"""Environments of programs that are not ours: what their lock names, beside our own, made once a machine."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from duplexsla.errors import StartFailed
from duplexsla.runtime.checkout import ROOT

CACHE = Path.home() / ".cache" / "duplexsla"
INSTALL_S = 600.0
ATTEMPTS = 3


def install(name: str, lock: Path, say: Callable[[str], None] = print) -> Path:
    """The folder of the environment. Raises StartFailed with what the installer said. Quick when there."""
    home = CACHE / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:8]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.install").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if (home / "installed").exists():
            return home
        say(f"installing {name} into {home}")
        for attempt in range(ATTEMPTS):
            shutil.rmtree(home, ignore_errors=True)
            done = _installed(home, lock)
            if done.returncode == 0:
                (home / "installed").touch()
                return home
            say(f"attempt {attempt + 1} of {ATTEMPTS} failed: {done.stderr[-2_000:]}")
    raise StartFailed(f"{name} cannot be installed: {done.stderr[-500:]}")


def _installed(home: Path, lock: Path) -> "subprocess.CompletedProcess[str]":
    python = home / "bin" / "python"
    made = _run([sys.executable, "-m", "venv", "--without-pip", str(home)])
    if made.returncode:
        return made
    uv = [str(ROOT / ".venv" / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(python)]
    return _run([*uv, "--require-hashes", "--no-deps", "-r", str(lock)])


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"not through after {INSTALL_S:.0f} s")
