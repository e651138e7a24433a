"""The kernels for this processor: prebuilt, or compiled once, from kernels/*.c; without them torch serves.

python -m duplexsla.engine.native.library      # builds those of every kind, for an image without a compiler
"""

import ctypes
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from torch import Tensor

from duplexsla.errors import KernelsMissing
from duplexsla.model.norm import EPSILON

logger = logging.getLogger(__name__)
KernelChoice = Literal["auto", "any", "avx512", "avx2", "native", "torch"]
SOURCES = sorted(Path(__file__).with_name("kernels").glob("*.[ch]"))
PREBUILT = Path(__file__).with_name("prebuilt")
FLAGS = ("-O3", "-fno-math-errno", "-std=gnu11", "-shared", "-fPIC", f"-DRMS_EPSILON={EPSILON}f")
TIMEOUT_S = 60
LANES = 16  # how weights are packed: all widths are multiples


@dataclass(frozen=True, slots=True)
class KernelKind:
    """Kernels for every processor that has some instructions, named as /proc/cpuinfo names them."""

    name: KernelChoice
    march: str
    instructions: frozenset[str] = frozenset()

    def lacks(self, flags: Collection[str]) -> list[str]:
        return sorted(self.instructions.difference(flags))


_AVX2 = frozenset(("avx2", "fma", "f16c", "bmi2"))
KINDS = (  # the widest first
    KernelKind("avx512", "x86-64-v4", _AVX2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
    KernelKind("avx2", "x86-64-v3", _AVX2),
)
NATIVE = KernelKind("native", "native")  # of an architecture that has no kind of its own
KERNEL_KINDS: tuple[KernelChoice, ...] = (*(kind.name for kind in KINDS), NATIVE.name, "torch")

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


@dataclass(frozen=True, slots=True)
class Kernels:
    """Loaded ones, and of which kind they are."""

    kind: KernelChoice
    library: ctypes.CDLL


@cache
def load_kernels(choice: KernelChoice = "any") -> Kernels | None:
    """The best kind that this processor can run, or the one that is chosen; None: torch is to serve.

    "auto" wants some; "any" takes torch where there are none, and says so in the log, once in a process: it
    takes two to three times as long, or more. Raises KernelsMissing, with what mends it.
    """
    if choice == "torch":
        return None
    try:
        kind = kind_for(choice, processor_flags(), platform.machine())
        return Kernels(kind.name, _library(kind))
    except KernelsMissing as reason:
        if choice != "any":
            raise
        logger.warning("the engine runs in torch, more slowly: %s", reason)
        return None


def kind_for(choice: KernelChoice, flags: Collection[str], architecture: str) -> KernelKind:
    """Raises KernelsMissing that names the instructions which the processor lacks."""
    if architecture != "x86_64":
        if choice in ("auto", "any", "native"):
            return NATIVE
        raise KernelsMissing(f"kernels {choice} are for x86_64, this is {architecture}: take native or torch")
    if choice == "native":
        return NATIVE
    fit = [kind for kind in KINDS if not kind.lacks(flags)]
    if choice in ("auto", "any"):
        if fit:
            return fit[0]
        raise KernelsMissing(
            f"this processor lacks {', '.join(KINDS[-1].lacks(flags))}: only torch can serve"
        )
    kind = next(kind for kind in KINDS if kind.name == choice)
    if kind in fit:
        return kind
    others = " or ".join([*(each.name for each in fit), "torch"])
    raise KernelsMissing(f"this processor lacks {', '.join(kind.lacks(flags))} for {choice}: take {others}")


def build(kind: KernelKind, path: Path) -> None:
    """Compiles them to `path`, atomically. Raises KernelsMissing."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise KernelsMissing("no C compiler (cc, gcc, clang): install gcc and libc6-dev, or choose torch")
    partial, sources = path.with_suffix(f".{os.getpid()}"), [s for s in SOURCES if s.suffix == ".c"]
    command: list[str | Path] = [compiler, *FLAGS, f"-march={kind.march}", "-o", partial, *sources, "-lm"]
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
        partial.replace(path)
    except subprocess.CalledProcessError as error:
        told = error.stderr.strip().splitlines()[-1:] or [f"status {error.returncode}"]
        raise KernelsMissing(f"{compiler} cannot compile the kernels {kind.name}: {told[0]}") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise KernelsMissing(f"the kernels {kind.name} cannot be compiled: {error}") from error


def _library(kind: KernelKind) -> ctypes.CDLL:
    """Prebuilt, compiled before, or compiled now. Raises KernelsMissing."""
    name = file_name(kind)
    if (PREBUILT / name).exists():
        return _load(PREBUILT / name)
    for folder in _folders():
        path = folder / name
        try:
            if not path.exists():
                build(kind, path)
            return _load(path)
        except KernelsMissing as error:
            reason = error  # the folder may be the reason: not writable, not executable
    raise reason


def file_name(kind: KernelKind) -> str:
    """Of sources, flags, and for "native" of the processor: a cache may be shared by machines."""
    parts = [
        *(source.read_bytes() for source in SOURCES),
        " ".join(FLAGS).encode(),
        platform.machine().encode(),
    ]
    if kind is NATIVE:
        parts += [_cpuinfo(b"flags", b"Features", b"model name")]
    return f"kernels-{kind.name}-{hashlib.sha256(bytes(1).join(parts)).hexdigest()[:16]}.so"


def _folders() -> Iterator[Path]:
    """Where compiled kernels may lie, best first."""
    with suppress(RuntimeError):  # no home
        yield Path.home() / ".cache" / "duplexsla"
    yield Path(tempfile.mkdtemp(prefix="duplexsla-"))


def _load(path: Path) -> ctypes.CDLL:
    """Raises KernelsMissing for a file that is damaged."""
    try:
        library = ctypes.CDLL(str(path))
        for name, arguments in _ARGUMENTS.items():
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, _N if name.endswith("scratch_floats") else None
    except (OSError, AttributeError) as error:
        raise KernelsMissing(f"{path} is damaged ({error}): remove it, or build it again") from error
    return library


def processor_flags() -> list[str]:
    return _cpuinfo(b"flags").decode("ascii", "replace").split()


def _cpuinfo(*fields: bytes) -> bytes:
    try:
        lines = Path("/proc/cpuinfo").read_bytes().splitlines()
    except OSError:
        return platform.processor().encode()
    return b"".join(sorted({line for line in lines if line.startswith(fields)}))


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


def main() -> None:
    for kind in KINDS:
        build(kind, PREBUILT / file_name(kind))
        print(f"built the kernels {kind.name} in {PREBUILT}")


if __name__ == "__main__":
    main()
