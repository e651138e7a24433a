"""The codec's layers, time-major: [B, T, C]."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from duplexsla.protocol.tokens import CODE_DIGITS, CODE_LEVELS


class _Depthwise(torch.autograd.Function):
    """Weighted sum of shifted frames; a gradient without one zero-filled copy a tap."""

    @staticmethod
    def forward(ctx: Any, padded: Tensor, taps: Tensor) -> Tensor:
        ctx.save_for_backward(padded, taps)
        length = padded.shape[1] - len(taps) + 1
        mixed = padded[:, :length] * taps[0]
        for tap in range(1, len(taps)):
            mixed.addcmul_(padded[:, tap : tap + length], taps[tap])
        return mixed

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        padded, taps = ctx.saved_tensors
        length = gradient.shape[1]
        to_padded, to_taps = torch.zeros_like(padded), torch.empty_like(taps)
        for tap in range(len(taps)):
            to_padded[:, tap : tap + length].addcmul_(gradient, taps[tap])
            to_taps[tap] = (padded[:, tap : tap + length] * gradient).sum((0, 1))
        return to_padded, to_taps


class DepthwiseBlock(nn.Module):
    """Residual block: a depthwise convolution over time, then a two-layer network on every frame.

    With ahead = 0 it is causal.
    """

    def __init__(self, width: int, kernel: int, *, ahead: int = 0, expansion: int = 3) -> None:
        super().__init__()
        self.ahead, self.past = ahead, kernel - 1 - ahead
        self.taps = nn.Parameter(torch.randn(kernel, width) / kernel**0.5)
        self.shift = nn.Parameter(torch.zeros(width))
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, width * expansion)
        self.narrow = nn.Linear(width * expansion, width)
        self.scale = nn.Parameter(torch.full((width,), 0.2))

    def forward(self, frames: Tensor) -> Tensor:
        """[B, T, C] to [B, T, C]; beyond both ends there are zeros."""
        padded = F.pad(frames, (0, 0, self.past, self.ahead))
        return frames + self.update(padded)

    def update(self, padded: Tensor) -> Tensor:
        """What the block adds: frames with their surroundings [B, T + kernel - 1, C] to [B, T, C]."""
        mixed: Tensor = _Depthwise.apply(padded, self.taps)  # type: ignore[no-untyped-call]
        mixed = mixed + self.shift
        return self.narrow(F.gelu(self.widen(self.norm(mixed)), approximate="tanh")) * self.scale


class Quantizer(nn.Module):
    """Finite scalar quantization with three levels a digit (Mentzer et al. 2023, arXiv 2309.15505)."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(CODE_DIGITS, affine=False, momentum=0.05)

    def forward(self, values: Tensor) -> Tensor:
        """[B, T, 8] to levels -1, 0, 1 [B, T, 8]; gradients pass straight through."""
        bounded = torch.tanh(self.norm(values.float().transpose(1, 2)).transpose(1, 2))
        return bounded + (torch.round(bounded) - bounded).detach()


def code_of(levels: Tensor) -> Tensor:
    """Levels -1, 0, 1 [..., 8] to codes [...] int64, first digit least."""
    weights = CODE_LEVELS ** torch.arange(CODE_DIGITS, device=levels.device)
    return ((levels.round().long() + 1) * weights).sum(-1)


def levels_of(codes: Tensor) -> Tensor:
    """Codes [...] to levels -1, 0, 1 float32 [..., 8]."""
    weights = CODE_LEVELS ** torch.arange(CODE_DIGITS, device=codes.device)
    return (codes.unsqueeze(-1) // weights % CODE_LEVELS - 1).float()
