"""Another rate of speech and another length of the vocal tract: cheap hours of what was said, times included.

A tract is changed by resampling, which moves pitch and formants alike; the rate by waveform-similarity
overlap-add (W. Verhelst, M. Roelands, 1993), which keeps both.
"""

import random
from dataclasses import replace

import numpy as np
import soxr
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.data.spoken_scenario import SpokenScenario
from duplexsla_lab.data.timeline.timeline import SpokenLine

Sound = NDArray[np.float32]

FACTORS = (0.88, 1.14)  # of the rate, and of all frequencies
HOP = SAMPLE_RATE // 100  # of the output: half a window
SEARCH = SAMPLE_RATE // 200  # samples around the place that is due: the most similar one of them is taken
_WINDOW = np.hanning(2 * HOP + 1)[:-1].astype(np.float32)  # two that are HOP apart sum to 1


def varied(spoken: SpokenScenario, rng: random.Random) -> SpokenScenario:
    """The same, said by another throat at another pace: one of both for all lines."""
    rate, tract = rng.uniform(*FACTORS), rng.uniform(*FACTORS)
    lines = tuple(changed(line, rate=rate, tract=tract) for line in spoken.lines)
    return replace(spoken, lines=lines)


def changed(line: SpokenLine, *, rate: float, tract: float) -> SpokenLine:
    """`rate` times as fast, all frequencies times `tract`; words and phones move along."""
    samples = line.samples
    if tract != 1:
        resampled = soxr.resample(samples, SAMPLE_RATE * tract, SAMPLE_RATE, quality="LQ")
        samples = np.asarray(resampled, np.float32)
    samples = with_length(samples, round(len(line.samples) / rate))
    words = [(start / rate, end / rate, word) for start, end, word in line.words]
    phones = [(start / rate, phone) for start, phone in line.phones]
    return replace(line, samples=samples, words=words, phones=phones)


def with_length(samples: Sound, length: int) -> Sound:
    """[N] -> [length] at the same pitch: windows of 20 ms, each from where it continues the last one best."""
    if length == len(samples):
        return samples
    if len(samples) < 4 * HOP:  # nothing that has a pitch
        return np.concatenate([samples, np.zeros(max(0, length - len(samples)), np.float32)])[:length]
    hops = -(-length // HOP) + 1
    due = np.linspace(0, len(samples) - 1, hops).astype(int) + SEARCH
    padded = np.pad(
        samples, (SEARCH + HOP, 2 * SEARCH + 3 * HOP)
    )  # a window at i + SEARCH has i in its middle
    out = np.zeros((hops + 1) * HOP, np.float32)
    at = due[0]
    for number in range(hops):
        if number:
            wanted = padded[at + HOP : at + 3 * HOP]  # what would follow undisturbed
            around = padded[due[number] - SEARCH : due[number] + SEARCH + 2 * HOP]
            at = due[number] - SEARCH + _most_similar(wanted, around)
        out[number * HOP : (number + 2) * HOP] += padded[at : at + 2 * HOP] * _WINDOW
    return out[HOP : HOP + length]


def _most_similar(wanted: Sound, around: Sound) -> int:
    """Where in `around` a stretch correlates best with what is wanted, normalized by its own loudness."""
    similarity = np.correlate(around, wanted)
    energy = np.convolve(around**2, np.ones(len(wanted), np.float32), "valid")
    return int(np.argmax(similarity / np.sqrt(energy + 1e-9)))
