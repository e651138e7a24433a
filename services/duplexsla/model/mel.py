"""Log-mel spectrograms of 16 kHz speech, 10 ms a frame."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from duplexsla.clock import SAMPLE_RATE
from duplexsla.model.spectrum import magnitudes

HOP_SAMPLES = 160
FLOOR = 1e-4
LOG_FLOOR = math.log(FLOOR)


def mel_points_hz(count: int, low_hz: float, high_hz: float) -> Tensor:
    """float32 [count]: frequencies evenly spaced on the mel scale, both ends included."""
    low, high = (2595 * math.log10(1 + hz / 700) for hz in (low_hz, high_hz))
    return 700 * (10 ** (torch.linspace(low, high, count, dtype=torch.float64) / 2595) - 1)


def mel_filters(bands: int, bins: int, low_hz: float, high_hz: float) -> Tensor:
    """float32 [bands, bins]: triangles of height 1 over the bins 0..8,000 Hz."""
    points = mel_points_hz(bands + 2, low_hz, high_hz)
    hz = torch.linspace(0, SAMPLE_RATE / 2, bins, dtype=torch.float64)
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
        self.register_buffer("filters", mel_filters(bands, fft // 2 + 1, 30.0, 8000.0).T, persistent=False)
        self.register_buffer("window", torch.hann_window(window_samples), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        margin = (self.window_samples - HOP_SAMPLES) // 2
        frames = F.pad(samples, (margin, margin)).unfold(1, self.window_samples, HOP_SAMPLES) * self.window
        return (magnitudes(frames, self.fft) @ self.filters).clamp(min=FLOOR).log()
