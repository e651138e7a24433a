"""Rooms, channels and noise for the user's track, drawn anew for every batch, in the log-mel domain."""

import math

import torch
from torch import Tensor

from duplexsla.model.frontend import front_edges_hz
from duplexsla.model.mel import NATURAL

TRACTS = (0.85, 1.18)  # factors on all frequencies: a longer .. a shorter vocal tract


def noisy(mels: Tensor, generator: torch.Generator, *, masks: int = 2) -> Tensor:
    """log power [B, T, bins] -> the same through a random channel, with noise, a gain and masked bands.

    Speech at rms 0.05 peaks near +4; the noise's level goes from inaudible to about 5 dB below speech.
    """
    rows, steps, bins = mels.shape

    def uniform(*shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        drawn = torch.rand(shape, generator=generator, device=generator.device)
        return (low + (high - low) * drawn).to(mels.device)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=generator.device).to(mels.device)

    across = torch.linspace(0, 1, bins, device=mels.device)
    ripple = torch.cos(2 * math.pi * (across * 2 * uniform(rows, 1, 1) + uniform(rows, 1, 1)))
    channel = normal(rows, 1, 1) * (across - 0.5) + 0.6 * normal(rows, 1, 1) * ripple
    level = uniform(rows, 1, 1, low=-9.5, high=-1.0) + 1.5 * normal(rows, 1, 1) * (across - 0.5)
    flicker = 0.5 - 0.5 * torch.log(uniform(rows, steps, bins).clamp(min=1e-6))
    mixed = torch.log(torch.exp(mels + channel) + torch.exp(level) * flicker) + 0.8 * normal(rows, 1, 1)
    bin_index = torch.arange(bins, device=mels.device)
    for _ in range(masks):
        low = uniform(rows, 1, 1, high=bins - 8.0)
        hit = (
            (bin_index >= low)
            & (bin_index < low + uniform(rows, 1, 1, high=9.0))
            & (uniform(rows, 1, 1) < 0.5)
        )
        mixed = torch.where(hit, torch.full_like(mixed, -6.0), mixed)
    return mixed


def warped(mels: Tensor, generator: torch.Generator, *, factors: tuple[float, float] = TRACTS) -> Tensor:
    """log power [B, T, bins] -> the same, each row from a vocal tract of another length (Jaitly and Hinton,
    2013): all its frequencies are multiplied by one factor; what has none below or above repeats the edge.
    """
    low, high = map(math.log, factors)
    drawn = torch.rand(len(mels), generator=generator, device=generator.device).to(mels.device)
    return mels @ stretched_axis(torch.exp(low + (high - low) * drawn), mels.shape[-1])


def stretched_axis(factors: Tensor, bins: int) -> Tensor:
    """[B] -> [B, bins, bins]: to the mel spectrum with its frequencies times a factor, interpolated."""
    hz = front_edges_hz(bins)[1:-1].to(factors.device)
    mel = NATURAL.mel(hz)
    mixed = (NATURAL.mel(hz / factors[:, None]) - mel[0]) / (
        mel[1] - mel[0]
    )  # bin that each bin is taken from
    index = torch.arange(bins, device=factors.device)
    return torch.relu(1 - (mixed.clamp(0, bins - 1)[:, None] - index[:, None]).abs())
