"""Encodings of samples: bytes of a client to numbers in the scale of 16-bit samples, and back.

Every encoding is little-endian. What is louder than full scale is held at full scale, in both directions.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from duplexsla.errors import AudioError

Samples = NDArray[np.float64]  # whole numbers, or halves where two channels were mixed

FULL_SCALE = 32_768  # of 16-bit samples; 1.0 of float samples
LOWEST, HIGHEST = -FULL_SCALE, FULL_SCALE - 1
MAGNITUDES = 128  # levels of each sign in G.711


class Encoding(NamedTuple):
    width: int  # bytes of a sample
    decode: Callable[[bytes], Samples]  # AudioError for what is no sample
    encode: Callable[[Samples], bytes]


def to_int16(samples: Samples) -> NDArray[np.int16]:
    """The nearest 16-bit values; halves go to the even one."""
    return np.clip(np.rint(samples), LOWEST, HIGHEST).astype("<i2")


def _decode_s16(data: bytes) -> Samples:
    return np.frombuffer(data, "<i2").astype(np.float64)


def _encode_s16(samples: Samples) -> bytes:
    return to_int16(samples).tobytes()


def _decode_f32(data: bytes) -> Samples:
    samples = np.frombuffer(data, "<f4").astype(np.float64)
    if np.isnan(samples).any():
        raise AudioError("a float sample that is no number")
    scaled: Samples = np.rint(np.clip(samples, -1.0, 1.0) * FULL_SCALE)
    return scaled


def _encode_f32(samples: Samples) -> bytes:
    return (to_int16(samples) / np.float32(FULL_SCALE)).astype("<f4").tobytes()


def _mu_law_levels() -> NDArray[np.int64]:
    """What the magnitudes 0 to 127 of mu-law stand for (ITU-T G.711 table 2, in 16 bits)."""
    magnitudes = np.arange(MAGNITUDES)
    return ((((magnitudes & 15) << 3) + 132) << (magnitudes >> 4)) - 132


def _a_law_levels() -> NDArray[np.int64]:
    """The same of A-law (table 1): the lowest segment has the steps of the one above it."""
    magnitudes = np.arange(MAGNITUDES)
    segment, step = magnitudes >> 4, magnitudes & 15
    return np.where(segment, ((step << 4) + 264) << np.maximum(segment - 1, 0), (step << 4) + 8)


def _g711(levels: NDArray[np.int64], positive: int) -> Encoding:
    """`positive` is the byte of magnitude 0 with a positive sign; its highest bit is the sign."""
    magnitudes = np.arange(MAGNITUDES)
    values = np.zeros(256)
    values[positive ^ magnitudes], values[positive ^ 0x80 ^ magnitudes] = levels, -levels
    samples = np.arange(LOWEST, HIGHEST + 1)
    halfway = (levels[1:] + levels[:-1]) / 2  # belongs to the louder of the two
    nearest = np.searchsorted(halfway, np.abs(samples), side="right")
    codes = (np.where(samples < 0, positive ^ 0x80, positive) ^ nearest).astype(np.uint8)
    return Encoding(
        1,
        lambda data: values[np.frombuffer(data, np.uint8)],
        lambda given: codes[to_int16(given).astype(np.int64) + FULL_SCALE].tobytes(),
    )


# By the name of the wire's encoding.
ENCODINGS = {
    "pcm_s16le": Encoding(2, _decode_s16, _encode_s16),
    "pcm_f32le": Encoding(4, _decode_f32, _encode_f32),
    "mu_law": _g711(_mu_law_levels(), 0xFF),
    "a_law": _g711(_a_law_levels(), 0xD5),
}
