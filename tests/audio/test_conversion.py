"""Clients' formats to ours and back: every rate, encoding and number of channels."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duplexsla.audio.conversion import (
    InputConverter,
    OutputConverter,
    delay_us,
)
from duplexsla.audio.encodings import ENCODINGS
from duplexsla.audio.formats import CHANNELS, RATES, SAMPLE_BYTES, chunk_bytes
from duplexsla.audio.resampler import Resampler
from duplexsla.clock import CHUNK_BYTES, SAMPLE_RATE

EVERY_FORMAT = list(itertools.product(ENCODINGS, RATES, CHANNELS))
LEAST_SNR_DB = {"pcm_s16le": 70.0, "pcm_f32le": 70.0, "mu_law": 35.0, "a_law": 35.0}
CHUNKS = 6


def voice(chunks: int) -> bytes:
    """Tones within the band of a telephone, ours; quarter of full scale."""
    times = np.arange(chunks * CHUNK_BYTES // 2) / SAMPLE_RATE
    mixed = sum(np.sin(2 * math.pi * hz * times + hz) for hz in (210.0, 450.0, 1_330.0, 3_100.0))
    return np.rint(2_048 * mixed).astype("<i2").tobytes()


def chunks_of(sound: bytes, size: int) -> list[bytes]:
    return [sound[start : start + size] for start in range(0, len(sound), size)]


@pytest.mark.parametrize(("encoding", "rate", "channels"), EVERY_FORMAT)
def test_there_and_back_is_the_same_sound_later(encoding: str, rate: int, channels: int) -> None:
    ours = voice(CHUNKS)
    outward = OutputConverter(encoding, rate, channels)
    theirs = [outward.push_chunk(chunk) for chunk in chunks_of(ours, CHUNK_BYTES)]
    assert {len(each) for each in theirs} == {chunk_bytes(encoding, rate, channels)}
    inward = InputConverter(encoding, rate, channels)
    back = [inward.push(each) for each in theirs]
    assert {len(each) for each in back} == {CHUNK_BYTES}
    late = 2 * delay_us(rate) * SAMPLE_RATE // 1_000_000
    sent = np.frombuffer(ours, "<i2").astype(float)[400 : len(ours) // 2 - late]
    came = np.frombuffer(b"".join(back), "<i2").astype(float)[400 + late :]
    snr_db = 10 * math.log10(float(np.mean(sent**2)) / float(np.mean((came - sent) ** 2) + 1e-12))
    assert snr_db > LEAST_SNR_DB[encoding]


@pytest.mark.parametrize(("encoding", "rate", "channels"), EVERY_FORMAT)
@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 3_000), max_size=10), seed=st.integers(0, 2**32 - 1))
def test_streamed_equals_whole_for_any_cut_of_the_bytes(
    encoding: str, rate: int, channels: int, cuts: list[int], seed: int
) -> None:
    samples = np.random.default_rng(seed).integers(-32_768, 32_768, 700 * channels).astype(float)
    data = ENCODINGS[encoding].encode(samples) + b"\0" * (seed % 3)
    whole = InputConverter(encoding, rate, channels).push(data)
    streamed = InputConverter(encoding, rate, channels)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert b"".join(streamed.push(data[a:b]) for a, b in itertools.pairwise(edges)) == whole


def test_every_encoding_has_its_size() -> None:
    assert {name: each.width for name, each in ENCODINGS.items()} == SAMPLE_BYTES


def test_ours_passes_unchanged() -> None:
    sound = np.random.default_rng(1).bytes(CHUNK_BYTES)
    assert InputConverter("pcm_s16le", SAMPLE_RATE, 1).push(sound) == sound
    assert OutputConverter("pcm_s16le", SAMPLE_RATE, 1).push_chunk(sound) == sound
    assert delay_us(SAMPLE_RATE) == 0 and all(0 < delay_us(rate) <= 5_000 for rate in RATES if rate != 16_000)


def test_two_channels_become_their_mean_and_are_given_the_same() -> None:
    left_right = np.array([100, 300, -5, 5, 32_767, 32_767, 1, 2], "<i2").tobytes()
    ours = InputConverter("pcm_s16le", SAMPLE_RATE, 2).push(left_right)
    assert np.frombuffer(ours, "<i2").tolist() == [200, 0, 32_767, 2]
    theirs = OutputConverter("pcm_s16le", SAMPLE_RATE, 2).push_chunk(ours)
    assert np.frombuffer(theirs, "<i2").tolist() == [200, 200, 0, 0, 32_767, 32_767, 2, 2]


@pytest.mark.parametrize("rate", RATES)
def test_a_wave_at_full_scale_is_held_and_never_wraps(rate: int) -> None:
    square = np.tile(np.repeat(np.array([32_767, -32_768], "<i2"), rate // 500), 50)
    ours = np.frombuffer(InputConverter("pcm_s16le", rate, 1).push(square.tobytes()), "<i2").astype(int)
    exact = (
        square.astype(float)
        if rate == SAMPLE_RATE
        else Resampler(rate, SAMPLE_RATE).push(square.astype(float))
    )
    assert rate == SAMPLE_RATE or np.abs(exact).max() > 33_000
    assert np.array_equal(ours, np.clip(np.rint(exact), -32_768, 32_767))


@pytest.mark.parametrize("rate", RATES)
def test_silence_stays_empty_and_what_is_held_comes_before_it(rate: int) -> None:
    outward = OutputConverter("pcm_s16le", rate, 1)
    assert outward.push_chunk(b"") == b""
    steady = OutputConverter("pcm_s16le", rate, 1)
    sounds = [voice(1), b"", b"", voice(1)]
    for sound in sounds:
        given = outward.push_chunk(sound)
        assert (given or bytes(chunk_bytes("pcm_s16le", rate, 1))) == steady.push_chunk(
            sound or bytes(CHUNK_BYTES)
        )
