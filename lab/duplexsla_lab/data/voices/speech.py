"""What a synthesizer returns: sound, with the start of every word and phone."""

import ctypes
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import MissingDependency

SILENCE = "sil"
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
