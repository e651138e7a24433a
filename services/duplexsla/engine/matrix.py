"""A weight matrix as decoding reads it: half precision in memory, float32 in the sum.

A step multiplies few rows by large weights, so its time is the time to read them. Checkpoints hold half
precision, so nothing is lost; the products are those of the float32 model.
"""

from collections.abc import Callable

import torch
from torch import Tensor

HALF_KERNELS = "fbgemm" in torch.backends.quantized.supported_engines  # x86 with AVX2


class Matrix:
    """weight [out, in], rounded to half precision -> a function of x [N, in] float32: x weight^T [N, out]."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = half = weight.detach().half().float()
        self._multiply = _packed(half) if HALF_KERNELS and not weight.is_cuda else _transposed(half)

    def __call__(self, x: Tensor) -> Tensor:
        return self._multiply(x)


def _packed(weight: Tensor) -> Callable[[Tensor], Tensor]:
    packed = torch.ops.quantized.linear_prepack_fp16(weight, None)
    multiply = torch.ops.quantized.linear_dynamic_fp16
    return lambda x: multiply(x, packed)


def _transposed(weight: Tensor) -> Callable[[Tensor], Tensor]:
    transposed = weight.t().contiguous()
    return lambda x: x @ transposed
