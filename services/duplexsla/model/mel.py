"""The mel scale, and log-mel spectrograms of 16 kHz speech, 10 ms a frame."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from duplexsla.clock import SAMPLE_RATE

HOP_SAMPLES = 160  # 10 ms
FLOOR = 1e-4  # of a magnitude
LOG_FLOOR = math.log(FLOOR)


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


@dataclass(frozen=True)
class MelScale:
    """mel = factor * log(1 + hz / 700). Weights are trained with one of the two below, to the last bit."""

    factor: float
    log: Callable[[Tensor], Tensor]
    scalar_log: Callable[[float], float]
    power: Callable[[Tensor], Tensor]  # inverse of `log`
    dtype: torch.dtype  # in which frequencies are computed

    def mel(self, hz: Tensor) -> Tensor:
        return self.factor * self.log(1 + hz / 700)

    def scalar_mel(self, hz: float) -> float:
        return self.factor * self.scalar_log(1 + hz / 700)

    def hz(self, mel: Tensor) -> Tensor:
        return 700 * (self.power(mel / self.factor) - 1)


NATURAL = MelScale(1127, torch.log, math.log, torch.exp, torch.float32)  # of the front end
DECIMAL = MelScale(2595, torch.log10, math.log10, lambda mel: 10**mel, torch.float64)  # of the codec


def mel_points_hz(count: int, low_hz: float, high_hz: float, scale: MelScale) -> Tensor:
    """[count]: frequencies evenly spaced on the mel scale, both ends included."""
    ends = scale.scalar_mel(low_hz), scale.scalar_mel(high_hz)
    return scale.hz(torch.linspace(*ends, count, dtype=scale.dtype))


def mel_filters(bands: int, bins: int, low_hz: float, high_hz: float, scale: MelScale) -> Tensor:
    """float32 [bands, bins]: triangles of height 1 over the bins 0..8,000 Hz."""
    points = mel_points_hz(bands + 2, low_hz, high_hz, scale)
    hz = torch.linspace(0, SAMPLE_RATE / 2, bins, dtype=scale.dtype)
    left, middle, right = points[:-2, None], points[1:-1, None], points[2:, None]
    rising, falling = (hz - left) / (middle - left), (right - hz) / (right - middle)
    return torch.minimum(rising, falling).clamp(min=0).float()


class LogMel(nn.Module):
    """Samples [B, N] to natural-log mel magnitudes [B, N / 160, bands], at least LOG_FLOOR.

    Frame t is centred on sample 160 t + 80; beyond both ends there is silence.
    """

    filters: Tensor
    window: Tensor

    def __init__(self, bands: int = 80, fft: int = 1024, window_samples: int = 640) -> None:
        super().__init__()
        self.fft, self.window_samples = fft, window_samples
        filters = mel_filters(bands, fft // 2 + 1, 30.0, 8000.0, DECIMAL).T
        self.register_buffer("filters", filters, persistent=False)
        self.register_buffer("window", torch.hann_window(window_samples), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        margin = (self.window_samples - HOP_SAMPLES) // 2
        frames = F.pad(samples, (margin, margin)).unfold(1, self.window_samples, HOP_SAMPLES) * self.window
        return (magnitudes(frames, self.fft) @ self.filters).clamp(min=FLOOR).log()
