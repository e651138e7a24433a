"""Compiles kernels/*.c for this very processor, once, and loads them; without a compiler, torch serves."""

import ctypes
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from torch import Tensor

from duplexsla.model.norm import EPSILON

logger = logging.getLogger(__name__)
SOURCES = sorted(Path(__file__).with_name("kernels").glob("*.[ch]"))
FLAGS = (
    *("-O3", "-march=native", "-fno-math-errno", "-std=gnu11", "-shared", "-fPIC"),
    f"-DRMS_EPSILON={EPSILON}f",
)
TIMEOUT_S = 60
LANES = 16  # floats of a vector: all widths are multiples

_P, _N = ctypes.c_void_p, ctypes.c_int64
_ARGUMENTS: dict[str, list[type[ctypes.c_void_p | ctypes.c_int64]]] = {
    "backbone_pass": [_P, _N, _P, _P, _P, _P, _P],
    "backbone_scratch_floats": [_P, _N, _N],
    "choose_tokens": [_P, _N, _P, _N, _N, _N, _P, _P, _P],
    "conv_blocks": [_P, _N, _N, _P, _N, _P, _P],
    "strided_conv": [_P, _N, _P, _N, _P, _P, _P],
    "rms_norm_rows": [_P, _N, _N, _P],
    "linear": [_P, _N, _P, _P, _N, _N, _P],
    "speech_embedding": [_P, _N, _P, _N, _P, _P, _P],
    "embedding_scratch_floats": [_P, _N],
    "decode_codes": [_P, _N, _P, _P, _P],
}


@cache
def kernels() -> ctypes.CDLL | None:
    """The compiled kernels; None where they cannot be made, for want of a compiler or of half precision.

    Says so in the log, once in a process: torch takes two to three times as long.
    """
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        logger.warning("no C compiler (cc, gcc, clang): the engine runs in torch, more slowly")
        return None
    name = f"kernels-{_fingerprint()}.so"
    for folder in _folders():
        try:
            return _load(compiler, folder / name)
        except (OSError, subprocess.SubprocessError) as error:
            reason = error  # not writable, not executable, or the compiler is too old
    logger.warning("the kernels cannot be compiled: the engine runs in torch, more slowly: %s", reason)
    return None


def _folders() -> Iterator[Path]:
    """Where the compiled kernels may lie, best first."""
    with suppress(RuntimeError):  # no home
        yield Path.home() / ".cache" / "duplexsla"
    yield Path(tempfile.mkdtemp(prefix="duplexsla-"))


def _load(compiler: str, path: Path) -> ctypes.CDLL:
    """Raises OSError or SubprocessError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        partial, sources = path.with_suffix(f".{os.getpid()}"), [s for s in SOURCES if s.suffix == ".c"]
        command: list[str | Path] = [compiler, *FLAGS, "-o", partial, *sources, "-lm"]
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
        partial.replace(path)
    library = ctypes.CDLL(str(path))
    for name, arguments in _ARGUMENTS.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, _N if name.endswith("scratch_floats") else None
    return library


def _fingerprint() -> str:
    """Of the sources, the flags and the processor: a cache may be shared by machines."""
    sources = [source.read_bytes() for source in SOURCES]
    parts = [*sources, " ".join(FLAGS).encode(), platform.machine().encode(), _processor()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _processor() -> bytes:
    try:
        lines = Path("/proc/cpuinfo").read_bytes().splitlines()
    except OSError:
        return platform.processor().encode()
    return b"".join(
        sorted({line for line in lines if line.startswith((b"flags", b"Features", b"model name"))})
    )


def whole_vectors(*widths: int) -> bool:
    """Whether all widths are whole vectors."""
    return all(width % LANES == 0 for width in widths)


def packed(weight: Tensor) -> Tensor:
    """weight [out, in] -> half precision [out / 16, in, 16], out padded with zeros."""
    weight = weight.detach().half()
    padded = weight.new_zeros(len(weight) + -len(weight) % LANES, weight.shape[1])
    padded[: len(weight)] = weight
    vectors: Tensor = padded.unflatten(0, (-1, LANES))
    return vectors.transpose(1, 2).contiguous()
