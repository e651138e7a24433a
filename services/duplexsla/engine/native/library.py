"""Compiles kernels/*.c for this very processor, once, and loads them; without a compiler, torch serves."""

import ctypes
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from torch import Tensor

logger = logging.getLogger(__name__)
SOURCES = sorted(Path(__file__).with_name("kernels").glob("*.[ch]"))
FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-std=gnu11", "-shared", "-fPIC")
TIMEOUT_S = 60
LANES = 16  # floats of a vector: all widths are multiples

_P, _N = ctypes.c_void_p, ctypes.c_int64
_ARGUMENTS: dict[str, list[type[ctypes.c_void_p | ctypes.c_int64]]] = {
    "advance": [_P, _N, _P, _P, _P, _P, _P, _P],
    "scratch_floats": [_P, _N, _N],
    "choose": [_P, _N, _P, _N, _N, _N, _P, _P, _P],
    "convolve": [_P, _N, _N, _P, _N, _P, _P],
    "stride": [_P, _N, _P, _N, _P, _P, _P],
    "normalize": [_P, _N, _N, _P],
    "linear": [_P, _N, _P, _P, _N, _N, _P],
    "speak": [_P, _N, _P, _P, _P],
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
    for folder in (Path.home() / ".cache" / "duplexsla", Path(tempfile.mkdtemp(prefix="duplexsla-"))):
        try:
            return _load(compiler, folder / name)
        except (OSError, subprocess.SubprocessError) as error:
            reason = error  # not writable, not executable, or the compiler is too old
    logger.warning("the kernels cannot be compiled: the engine runs in torch, more slowly: %s", reason)
    return None


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
        function.argtypes, function.restype = arguments, _N if name == "scratch_floats" else None
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


def fit(*widths: int) -> bool:
    """Whether all widths are whole vectors."""
    return all(width % LANES == 0 for width in widths)


def packed(weight: Tensor) -> Tensor:
    """weight [out, in] -> half precision [out / 16, in, 16], out padded with zeros."""
    weight = weight.detach().half()
    padded = weight.new_zeros(len(weight) + -len(weight) % LANES, weight.shape[1])
    padded[: len(weight)] = weight
    return padded.unflatten(0, (-1, LANES)).transpose(1, 2).contiguous()


class StructLayout(ctypes.Structure):
    """A struct of the kernels, given its numbers and tensors in the order of its fields; it holds them."""

    def __init__(self, *values: int | Tensor) -> None:
        assert len(values) == len(self._fields_), (len(values), type(self))
        self.held = [value.contiguous() if isinstance(value, Tensor) else value for value in values]
        super().__init__(*(v.data_ptr() if isinstance(v, Tensor) else v for v in self.held))


def fields(numbers: str, tensors: str) -> list[tuple[str, type[ctypes.c_void_p | ctypes.c_int64]]]:
    """Of a struct: names of its numbers, then of its tensors."""
    return [(name, _N) for name in numbers.split()] + [(name, _P) for name in tensors.split()]


class Records:
    """Records of one kind as an array."""

    def __init__(self, records: Sequence[StructLayout]) -> None:
        self.records, self.count = list(records), len(records)
        self._array = (type(records[0]) * len(records))()
        for at, record in enumerate(records):
            ctypes.memmove(
                ctypes.byref(self._array, at * ctypes.sizeof(record)),
                ctypes.byref(record),
                ctypes.sizeof(record),
            )
        self.address = ctypes.addressof(self._array)
