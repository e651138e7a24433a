"""What a synthesizer returns: sound, with the start of every word and phone."""

import ctypes
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import MissingDependency

SILENCE = "sil"
LEVEL_SAMPLES = SAMPLE_RATE // 100  # of one measure of loudness
AUDIBLE = 0.03  # of the loudest: 30 dB below it
SHORTEST_S = 0.02  # of a phone
_SPOKEN = (
    "aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh"
)
PHONES = (SILENCE, *_SPOKEN.split())
"""The phone alphabet of both synthesizers: lower-case ARPAbet with schwa, and silence."""


class MissingSynthesizer(MissingDependency, RuntimeError):
    """A speech synthesizer's shared library is not installed."""


@dataclass(frozen=True)
class Speech:
    """One spoken text.

    samples: float32 [N], mono, 16 kHz, within -1..1.
    words: (start in seconds, word), one for every whitespace-separated word of the text, as written.
    phones: (start in seconds, phone of PHONES), in order of time.
    """

    samples: NDArray[np.float32]
    words: list[tuple[float, str]]
    phones: list[tuple[float, str]]

    @property
    def end_s(self) -> float:
        """End of the last phone that is not silence; 0 when nothing is spoken."""
        starts = [start for start, _ in self.phones[1:]] + [len(self.samples) / SAMPLE_RATE]
        ends = [end for end, (_, phone) in zip(starts, self.phones, strict=False) if phone != SILENCE]
        return ends[-1] if ends else 0.0


def within_sound(samples: NDArray[np.float32], phones: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Phones whose first one begins, and whose last one ends, where something sounds: synthesizers that
    learned their durations give the silence around a sentence to them.
    """
    if not len(samples):
        return phones
    levels = np.sqrt(np.add.reduceat(samples**2, np.arange(0, len(samples), LEVEL_SAMPLES)) / LEVEL_SAMPLES)
    audible = np.flatnonzero(levels > levels.max() * AUDIBLE)
    spoken = [i for i, (_, phone) in enumerate(phones) if phone != SILENCE]
    if not spoken or not len(audible):
        return phones
    first_s, end_s = (float(at) * LEVEL_SAMPLES / SAMPLE_RATE for at in (audible[0], audible[-1] + 1))
    out, last = list(phones), spoken[-1]
    out[spoken[0]] = (min(phones[spoken[0]][0], first_s), phones[spoken[0]][1])
    if last + 1 < len(phones):
        out[last + 1] = (max(phones[last][0] + SHORTEST_S, min(phones[last + 1][0], end_s)), SILENCE)
    return out


def load_library(file: str, debian_package: str) -> ctypes.CDLL:
    """Load a shared library by file name. Raises MissingSynthesizer."""
    try:
        return ctypes.CDLL(file, mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise MissingSynthesizer(f"{file} cannot be loaded: apt-get install {debian_package}") from error


def at_model_rate(pcm: NDArray[np.int16], rate_hz: int) -> NDArray[np.float32]:
    """int16 [N] at rate_hz to float32 [M] at 16 kHz."""
    samples = pcm.astype(np.float32) / 32768.0
    if rate_hz == SAMPLE_RATE:
        return samples
    return np.asarray(soxr.resample(samples, rate_hz, SAMPLE_RATE, quality="LQ"), dtype=np.float32)
