"""Times for a synthesizer that tells none: the same text by one that does, aligned by dynamic time warping.

H. Sakoe, S. Chiba: Dynamic programming algorithm optimization for spoken word recognition, 1978.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.data.voices.speech import Speech

HOP, WINDOW, BANDS = SAMPLE_RATE // 100, SAMPLE_RATE // 40, 24
FLOOR = 1e-5  # of a band's power: what is softer is silence alike
TURN = 0.1  # cost of a step along one of both alone, against the mean distance of two frames


def aligned(samples: NDArray[np.float32], reference: Speech) -> Speech:
    """float32 [N] at 16 kHz, and another speech of the same text -> the samples with its times."""
    if len(samples) < WINDOW or len(reference.samples) < WINDOW:
        return Speech(samples, [], [])
    times = warp_path(band_levels(reference.samples), band_levels(samples))
    frame_s = HOP / SAMPLE_RATE

    def at(start_s: float) -> float:
        return float(np.interp(start_s / frame_s, np.arange(len(times)), times)) * frame_s

    words = [(at(start_s), word) for start_s, word in reference.words]
    phones = [(at(start_s), phone) for start_s, phone in reference.phones]
    return Speech(samples, words, [(0.0, phones[0][1]), *phones[1:]] if phones else [])


def warp_path(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frames [n, bands], [m, bands] -> [n]: the other's frame that each goes with, never falling."""
    distances = np.sqrt(np.maximum(_squared_distances(one, other), 0))
    n, m = distances.shape
    turn = TURN * float(distances.mean())
    costs = np.full((n + 1, m + 1), np.inf)
    costs[0, 0] = 0
    for diagonal in range(2, n + m + 1):  # all cells of one diagonal depend on the two before it
        i = np.arange(max(1, diagonal - m), min(n, diagonal - 1) + 1)
        j = diagonal - i
        along = np.minimum(costs[i - 1, j], costs[i, j - 1]) + turn
        costs[i, j] = distances[i - 1, j - 1] + np.minimum(costs[i - 1, j - 1], along)
    i, j = n, m
    found: list[list[int]] = [[] for _ in range(n)]
    while i and j:
        found[i - 1].append(j - 1)
        before = ((i - 1, j - 1), (i - 1, j), (i, j - 1))
        i, j = min(before, key=lambda cell: costs[cell] + turn * (cell != before[0]))
    return np.array([np.mean(frames) for frames in found])


def _squared_distances(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T


def band_levels(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log power of BANDS bands every 10 ms, [frames, BANDS], each band without its mean and of spread 1."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW))) ** 2
    levels = np.log(power @ _bands() + FLOOR)
    return np.asarray((levels - levels.mean(axis=0)) / (levels.std(axis=0) + 1e-3))


@cache
def _bands() -> NDArray[np.float64]:
    """Triangles [bins, BANDS], evenly on the mel scale (HTK) from 100 Hz to 7 kHz."""
    mel = 2595 * np.log10(1 + np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE) / 700)
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (100.0, 7_000.0))
    centers = np.linspace(low, high, BANDS + 2)
    width = centers[1] - centers[0]
    return np.clip(1 - np.abs(mel[:, None] - centers[None, 1:-1]) / width, 0, None)
