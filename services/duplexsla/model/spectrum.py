"""The real Fourier transform with a cheap gradient."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


class _RealTransform(torch.autograd.Function):
    """rfft whose gradient is one inverse real transform instead of a full complex one."""

    @staticmethod
    def forward(ctx: Any, frames: Tensor, size: int) -> Tensor:
        ctx.size, ctx.length = size, frames.shape[-1]
        return torch.fft.rfft(frames, size)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        halved = gradient * (0.5 * ctx.size)
        halved[..., 0] *= 2
        halved[..., -1] *= 2
        return torch.fft.irfft(halved, ctx.size)[..., : ctx.length], None


def magnitudes(frames: Tensor, size: int) -> Tensor:
    """Frames [..., N] to the magnitudes [..., size / 2 + 1] of their zero-padded spectra; size is even."""
    transform: Callable[[Tensor, int], Tensor] = (
        _RealTransform.apply if frames.requires_grad else torch.fft.rfft
    )
    spectrum = transform(frames, size)
    return (spectrum.real.square() + spectrum.imag.square() + 1e-12).sqrt()
