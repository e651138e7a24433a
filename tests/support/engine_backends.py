"""Torch's and the compiled parts of one tiny engine, side by side, on streams of several slots."""

import random
from collections.abc import Iterator

import pytest
from tests.support.tiny_engine import tiny_codec

from duplexsla.engine.backends import Backends, select_backends
from duplexsla.engine.native.library import KINDS, KernelChoice, load_kernels, processor_flags
from duplexsla.model.backbone import NanoModel

SLOTS = 5
BOTH: tuple[KernelChoice, ...] = ("torch", "any")
RUNNABLE: tuple[KernelChoice, ...] = (
    "torch",
    *(kind.name for kind in KINDS if load_kernels() and not kind.lacks(processor_flags())),
)
with_compiler = pytest.mark.skipif(load_kernels() is None, reason="no C compiler that knows half precision")


def both_backends(model: NanoModel) -> tuple[Backends, Backends]:
    """Torch's, then the compiled ones."""
    codec = tiny_codec()
    codec.decoder.half().float()  # as a checkpoint holds it
    built = [
        select_backends(model, codec, slots=SLOTS, most_positions=4, kernels=kernels) for kernels in BOTH
    ]
    return built[0], built[1]


def batches(steps: int) -> Iterator[list[int]]:
    """Slots that share a step, in ascending order."""
    rng = random.Random(0)
    for _ in range(steps):
        yield sorted(rng.sample(range(SLOTS), rng.randint(1, SLOTS)))
