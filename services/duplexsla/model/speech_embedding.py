"""A causal speech embedding, trained by others on recorded people: 96 numbers each 80 ms, no look-ahead.

Log-mels of 32 bands go through twenty convolutions of three taps, across the bands and over time in turn,
and through five poolings; a vector has heard 0.76 s (Lin and others 2020, arXiv 2002.01322).
Every convolution over time keeps two steps of its past, so chunk by chunk equals the whole.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from duplexsla.model.config import NanoConfig
from duplexsla.model.frontend import FrontState
from duplexsla.model.mel import HOP_SAMPLES
from duplexsla.model.norm import RMSNorm

BANDS = 32
EMBEDDING_WIDTH = 96
TAPS = 3
KEPT_STEPS = TAPS - 1
FIRST_WIDTH = 24
SLOPE, LEAST = 0.2, -0.4  # of what is below zero, and its bound
WINDOW_SAMPLES, FFT = 400, 512  # 25 ms
FULL_SCALE = 32_768  # the embedding was trained on samples in that range
POWER_FLOOR = 1e-6  # of samples in -1..1: hides the digital silence of synthetic speech
STEPS_PER_VECTOR = 8  # of 10 ms


class TapConvolution(NamedTuple):
    """One layer: over time or across the bands; then the highest of `pooled` steps and two bands, or all."""

    over_time: bool
    width_in: int
    width_out: int
    bands: int  # that it sees
    pooled: int  # steps; 0: none


def _layers() -> tuple[TapConvolution, ...]:
    groups = ((FIRST_WIDTH, 1, 2), (48, 2, 1), (72, 2, 2), (EMBEDDING_WIDTH, 2, 1), (EMBEDDING_WIDTH, 2, 2))
    width, bands, made = FIRST_WIDTH, BANDS, []
    for wide, pairs, pooled in groups:
        for pair in range(pairs):
            last = pair == pairs - 1
            made.append(TapConvolution(False, width, wide, bands, 0))
            made.append(TapConvolution(True, wide, wide, bands, pooled if last else 0))
            width = wide
        bands //= 2
    return (*made, TapConvolution(True, width, EMBEDDING_WIDTH, bands, 0))


LAYERS = _layers()


class SpeechEmbedding(nn.Module):
    """[B, 8 n, 32] log-mels, in the unit of `scaled` -> [B, n, 96]."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, FIRST_WIDTH, TAPS, padding=(0, 1))
        self.convs = nn.ModuleList(_convolution(layer) for layer in LAYERS)

    @staticmethod
    def past_shapes() -> list[tuple[int, int, int]]:
        """[channels, steps, bands] of the pasts of one stream, in order."""
        over_time = [(layer.width_in, KEPT_STEPS, layer.bands) for layer in LAYERS if layer.over_time]
        return [(1, KEPT_STEPS, BANDS), *over_time]

    def forward(self, mels: Tensor, pasts: list[Tensor]) -> Tensor:
        """`pasts` [B, channels, 2, bands] each; they move on."""
        x, pasts[0] = _joined(pasts[0], mels[:, None])
        x, kept = _bent(self.first(x)), 1
        for layer, conv in zip(LAYERS, self.convs, strict=True):
            if layer.over_time:
                x, pasts[kept] = _joined(pasts[kept], x)
                kept += 1
            x = conv(x) if layer is LAYERS[-1] else _bent(conv(x))
            if layer.pooled:
                x = F.max_pool2d(x, (layer.pooled, 2))
        return x[..., 0].transpose(1, 2)


def _convolution(layer: TapConvolution) -> nn.Conv2d:
    kernel, padding = ((TAPS, 1), (0, 0)) if layer.over_time else ((1, TAPS), (0, 1))
    return nn.Conv2d(layer.width_in, layer.width_out, kernel, padding=padding, bias=layer is not LAYERS[-1])


def _joined(past: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """What a convolution over time sees, and its next past."""
    joined = torch.cat([past, x.to(past.dtype)], dim=2)
    return joined, joined[:, :, -KEPT_STEPS:]


def _bent(x: Tensor) -> Tensor:
    return F.leaky_relu(x, SLOPE).clamp(min=LEAST)


def scaled(mels: Tensor) -> Tensor:
    """Natural log powers of samples in -1..1, in the embedding's unit: bels of samples in +-32,768, and 2."""
    return mels / math.log(10) + (2 * math.log10(FULL_SCALE) + 2)


class EmbeddingLogMel(nn.Module):
    """Samples [B, LEFT + 160 n] to natural-log mel powers [B, n, 32]; a frame ends where its hop ends."""

    left_samples = WINDOW_SAMPLES - HOP_SAMPLES
    window: Tensor
    filters: Tensor  # [257, 32]: the embedding's own, part of the weights

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(WINDOW_SAMPLES), persistent=False)
        self.register_buffer("filters", torch.zeros(FFT // 2 + 1, BANDS))

    def forward(self, samples: Tensor) -> Tensor:
        frames = samples.unfold(-1, WINDOW_SAMPLES, HOP_SAMPLES) * self.window
        power = torch.view_as_real(torch.fft.rfft(frames, FFT)).square().sum(-1)
        return torch.log((power @ self.filters).add(POWER_FLOOR))


class EmbeddingFrontEnd(nn.Module):
    """[B, 2560 n] samples in -1..1 -> [B, 2 n, width] features; `phones` is a training-only head."""

    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        self.config = config
        self.log_mel = EmbeddingLogMel()
        self.embedding = SpeechEmbedding()
        self.widen = nn.Linear(EMBEDDING_WIDTH, config.width)
        self.out_norm = RMSNorm(config.width)
        self.phones = nn.Linear(config.width, 2 * config.num_phones)  # one class per 40 ms

    def new_state(self, rows: int) -> FrontState:
        shapes = [(EmbeddingLogMel.left_samples,), *SpeechEmbedding.past_shapes()]
        device = self.out_norm.weight.device
        return FrontState([torch.zeros(rows, *shape, device=device) for shape in shapes])

    def mels(self, samples: Tensor, state: FrontState) -> Tensor:
        """[B, 160 n] -> [B, n, 32], log power; keeps the last samples in the state."""
        joined = torch.cat([state.tensors[0], samples], dim=1)
        state.tensors[0] = joined[:, joined.shape[1] - EmbeddingLogMel.left_samples :]
        mels: Tensor = self.log_mel(joined)
        return mels

    def encode(self, mels: Tensor, state: FrontState) -> Tensor:
        """[B, 16 n, 32] log power -> [B, 2 n, width]; advances the state's convolutions."""
        pasts = state.tensors[1:]
        heard = self.embedding(scaled(mels), pasts)
        state.tensors[1:] = pasts
        return self.features(heard)

    def features(self, heard: Tensor) -> Tensor:
        """[B, n, 96] -> [B, n, width]."""
        features: Tensor = self.out_norm(self.widen(heard))
        return features

    def forward(self, samples: Tensor, state: FrontState) -> Tensor:
        return self.encode(self.mels(samples, state), state)
