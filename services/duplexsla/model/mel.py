"""The mel scale, and log-mel spectrograms of 16 kHz speech, 10 ms a frame."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from duplexsla.clock import SAMPLE_RATE
from duplexsla.model.spectrum import magnitudes

HOP_SAMPLES = 160  # 10 ms
FLOOR = 1e-4  # of a magnitude
LOG_FLOOR = math.log(FLOOR)
POWER_FLOOR = 1e-4  # hides the digital silence of synthetic speech
FRONT_LOW_HZ, FRONT_HIGH_HZ = 40.0, 7_600.0


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


def front_edges_hz(bands: int) -> Tensor:
    """[bands + 2]: where the front end's filters begin, peak and end."""
    return mel_points_hz(bands + 2, FRONT_LOW_HZ, FRONT_HIGH_HZ, NATURAL)


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


class CausalLogMel(nn.Module):
    """Samples [B, LEFT + 160 n] to natural-log mel powers [B, n, bands]; a frame ends where its hop ends."""

    window_samples, fft = 400, 512  # 25 ms
    left_samples = window_samples - HOP_SAMPLES  # of the past, before the first hop

    window: Tensor
    filters: Tensor

    def __init__(self, bands: int) -> None:
        super().__init__()
        window = torch.hann_window(self.window_samples, periodic=False)
        self.register_buffer("window", window, persistent=False)
        filters = mel_filters(bands, self.fft // 2 + 1, FRONT_LOW_HZ, FRONT_HIGH_HZ, NATURAL)
        self.register_buffer("filters", filters.T.contiguous(), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        frames = samples.unfold(-1, self.window_samples, HOP_SAMPLES) * self.window
        power = torch.view_as_real(torch.fft.rfft(frames, self.fft)).square_().sum(-1)
        return torch.log((power @ self.filters).add_(POWER_FLOOR))
