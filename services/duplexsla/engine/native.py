"""Compiles kernels.c for this very processor, once, and loads it; without a compiler, torch serves."""

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("kernels.c")
FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-std=gnu11", "-shared", "-fPIC")
TIMEOUT_S = 60


@cache
def kernels() -> ctypes.CDLL | None:
    """The compiled kernels; None where they cannot be made, for want of a compiler or of half precision."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    name = f"kernels-{_fingerprint()}.so"
    for folder in _folders():
        try:
            return _load(compiler, folder / name)
        except (OSError, subprocess.SubprocessError):
            continue  # not writable, not executable, or the compiler is too old
    return None


def _load(compiler: str, path: Path) -> ctypes.CDLL:
    """Raises OSError or SubprocessError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        partial = path.with_suffix(f".{os.getpid()}")
        subprocess.run(
            [compiler, *FLAGS, "-o", partial, SOURCE, "-lm"],
            check=True,
            capture_output=True,
            timeout=TIMEOUT_S,
        )
        partial.replace(path)
    return ctypes.CDLL(str(path))


def _folders() -> list[Path]:
    cached = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "duplexsla"
    return [cached, Path(tempfile.mkdtemp(prefix="duplexsla-"))]


def _fingerprint() -> str:
    """Of the source, the flags and the processor: a cache may be shared by machines."""
    parts = [SOURCE.read_bytes(), " ".join(FLAGS).encode(), platform.machine().encode(), _processor()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _processor() -> bytes:
    try:
        lines = Path("/proc/cpuinfo").read_bytes().splitlines()
    except OSError:
        return platform.processor().encode()
    return b"".join(
        sorted({line for line in lines if line.startswith((b"flags", b"Features", b"model name"))})
    )
