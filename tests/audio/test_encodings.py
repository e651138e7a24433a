"""Encodings of samples: levels of G.711, full scale, byte order."""

import math
import struct

import numpy as np
import pytest

from duplexsla.audio.encodings import ENCODINGS, HIGHEST, LOWEST
from duplexsla.errors import AudioError

EVERY_SAMPLE = np.arange(LOWEST, HIGHEST + 1).astype(np.float64)
G711 = pytest.mark.parametrize("law", ["mu_law", "a_law"])


@pytest.mark.parametrize(
    ("law", "levels"),
    [
        ("mu_law", {0xFF: 0, 0xFE: 8, 0x80: 32_124, 0x00: -32_124, 0xEF: 132, 0x6F: -132}),
        ("a_law", {0xD5: 8, 0x55: -8, 0xAA: 32_256, 0x2A: -32_256, 0xC5: 264, 0x45: -264}),
    ],
)
def test_bytes_of_g711_stand_for_the_levels_of_its_tables(law: str, levels: dict[int, int]) -> None:
    assert ENCODINGS[law].decode(bytes(levels)).tolist() == list(levels.values())


@G711
def test_a_level_of_g711_keeps_its_byte(law: str) -> None:
    codes = bytes(range(256))
    again = ENCODINGS[law].encode(ENCODINGS[law].decode(codes))
    negative_zero = {0x7F} if law == "mu_law" else set()
    assert {a for a, b in zip(codes, again, strict=True) if a != b} == negative_zero


@G711
def test_every_sample_becomes_the_nearest_level(law: str) -> None:
    levels = ENCODINGS[law].decode(bytes(range(256)))
    nearest = np.abs(EVERY_SAMPLE[:, None] - levels[None, :]).min(axis=1)
    found = np.abs(ENCODINGS[law].decode(ENCODINGS[law].encode(EVERY_SAMPLE)) - EVERY_SAMPLE)
    assert np.array_equal(found, nearest)


@G711
def test_g711_is_odd(law: str) -> None:
    positive = np.arange(1, HIGHEST + 1).astype(np.float64)
    decode, encode = ENCODINGS[law].decode, ENCODINGS[law].encode
    assert np.array_equal(decode(encode(-positive)), -decode(encode(positive)))


@pytest.mark.parametrize("name", ["pcm_s16le", "pcm_f32le"])
def test_pcm_gives_every_sample_back(name: str) -> None:
    encoding = ENCODINGS[name]
    assert np.array_equal(encoding.decode(encoding.encode(EVERY_SAMPLE)), EVERY_SAMPLE)


def test_pcm_is_little_endian() -> None:
    assert ENCODINGS["pcm_s16le"].encode(np.array([1.0, -2.0])) == b"\x01\x00\xfe\xff"
    assert ENCODINGS["pcm_f32le"].encode(np.array([16_384.0])) == struct.pack("<f", 0.5)
    assert ENCODINGS["pcm_f32le"].decode(struct.pack("<f", -0.25)).tolist() == [-8_192.0]


def test_what_is_too_loud_is_held_at_full_scale() -> None:
    loud = np.array([40_000.0, -40_000.0])
    assert ENCODINGS["pcm_s16le"].encode(loud) == struct.pack("<2h", HIGHEST, LOWEST)
    assert ENCODINGS["pcm_f32le"].encode(loud) == struct.pack("<2f", HIGHEST / 32_768, -1.0)
    assert ENCODINGS["mu_law"].encode(loud) == b"\x80\x00"
    assert ENCODINGS["a_law"].encode(loud) == b"\xaa\x2a"
    given = ENCODINGS["pcm_f32le"].decode(struct.pack("<4f", 1.5, -1.5, math.inf, -math.inf))
    assert given.tolist() == [32_768.0, -32_768.0, 32_768.0, -32_768.0]


def test_a_float_that_is_no_number_is_refused() -> None:
    with pytest.raises(AudioError, match="no number"):
        ENCODINGS["pcm_f32le"].decode(struct.pack("<2f", 0.0, math.nan))
