"""What one core of this machine can do at most, measured beside every figure of the engine.

A matrix product of the backbone's largest shape, by torch in each type and by our kernels, and a copy that is
larger than the caches. The best of a few rounds by the thread's processor time: other load makes it less.
"""

import ctypes
import time
from collections.abc import Callable

import torch

from duplexsla.engine.native.library import load_kernels, packed
from duplexsla.model.config import NanoConfig

ROWS = 64
ROUNDS = 7
COPIED_FLOATS = 32 * 1024 * 1024


def ceilings() -> dict[str, float]:
    """GFLOP/s of products by type, and GB/s of a copy, reads and writes together."""
    config = NanoConfig(vocab_size=2)
    inner, outer = config.width, 2 * config.ff_width
    flops = 2 * ROWS * inner * outer
    found = {}
    for name, dtype in (("torch_float32", torch.float32), ("torch_bf16", torch.bfloat16)):
        x, weight = torch.randn(ROWS, inner).to(dtype), torch.randn(outer, inner).to(dtype)
        found[f"{name}_gflops"] = _rate(flops, lambda x=x, weight=weight: x @ weight.T)
    loaded = load_kernels()
    if loaded is not None:
        found["kernels_gflops"] = _rate(flops, _product(loaded.library, inner, outer))
    source, target = torch.ones(COPIED_FLOATS), torch.empty(COPIED_FLOATS)
    found["copy_gbytes_s"] = _rate(2 * 4 * COPIED_FLOATS, lambda: target.copy_(source))
    return found


def _product(library: ctypes.CDLL, inner: int, outer: int) -> Callable[[], None]:
    x, y, bias = torch.randn(ROWS, inner), torch.empty(ROWS, outer), torch.zeros(outer)
    weight = packed(torch.randn(outer, inner))
    pointers = x.data_ptr(), ROWS, weight.data_ptr(), bias.data_ptr(), inner, outer, y.data_ptr()

    def run(_held: object = (x, y, bias, weight)) -> None:
        library.linear(*pointers)

    return run


def _rate(amount: float, run: Callable[[], object]) -> float:
    """Thousand millions of `amount` a second of processor time."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.thread_time()
        run()
        once = max(time.thread_time() - began, 1e-7)
        times = max(1, int(0.01 / once))
        began = time.thread_time()
        for _ in range(times):
            run()
        best = min(best, (time.thread_time() - began) / times)
    return round(amount / best / 1e9, 1)
