"""The resampler: its delay, its bands, its counts, and that streamed equals whole."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duplexsla.audio.encodings import Samples
from duplexsla.audio.resampler import DELAY_S, TRANSITION_HZ, Resampler, impulse_response, polyphase
from duplexsla.clock import SAMPLE_RATE

OTHER_RATES = (8_000, 24_000, 44_100, 48_000)
PAIRS = [(rate, SAMPLE_RATE) for rate in OTHER_RATES] + [(SAMPLE_RATE, rate) for rate in OTHER_RATES]
EVERY_PAIR = pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
PASSED_DB, STOPPED_DB = 0.002, -80.0


def tone(hz: float, rate: int, count: int) -> Samples:
    return np.sin(2 * math.pi * hz * np.arange(count) / rate)


def level_db(samples: Samples) -> float:
    return 20 * math.log10(math.sqrt(2 * float(np.mean(samples**2))) + 1e-30)


def pieces(samples: Samples, sizes: list[int]) -> Iterator[Samples]:
    start = 0
    for size in sizes:
        yield samples[start : start + size]
        start += size
    yield samples[start:]


@EVERY_PAIR
def test_the_delay_is_what_is_stated(rate_in: int, rate_out: int) -> None:
    """Centre of gravity of the response to one sample; and the response is symmetrical about it."""
    at = rate_in // 10  # 100 ms, a whole number of samples at every rate
    samples = np.zeros(rate_in // 5)
    samples[at] = 10_000.0
    response = Resampler(rate_in, rate_out).push(samples)
    centre_s = float(response @ np.arange(len(response))) / float(response.sum()) / rate_out
    assert abs(centre_s - at / rate_in - DELAY_S) < 2e-6
    assert DELAY_S <= 0.005
    assert not response[: math.ceil(at * rate_out / rate_in)].any(), "nothing is given before it came"
    assert not response[math.ceil((at / rate_in + 2 * DELAY_S) * rate_out) + 1 :].any()


@pytest.mark.parametrize(
    ("rate_in", "rate_out"),
    [pytest.param(*pair, marks=[pytest.mark.slow] * (44_100 in pair)) for pair in PAIRS],
)
def test_bands(rate_in: int, rate_out: int) -> None:
    """Of the filter itself, on a grid of 0.5 Hz or finer."""
    rate, nyquist_hz = math.lcm(rate_in, rate_out), min(rate_in, rate_out) / 2
    response = impulse_response(rate, nyquist_hz)
    bins = 1 << math.ceil(math.log2(2 * rate))
    found_db = 20 * np.log10(np.abs(np.fft.rfft(response, bins)) + 1e-30)
    hz = np.fft.rfftfreq(bins, 1 / rate)
    assert np.abs(found_db[hz <= nyquist_hz - TRANSITION_HZ]).max() < PASSED_DB
    assert found_db[hz >= nyquist_hz].max() < STOPPED_DB


@EVERY_PAIR
@pytest.mark.parametrize("part", [0.02, 0.3, 0.83])
def test_a_tone_of_the_pass_band_passes_alone(rate_in: int, rate_out: int, part: float) -> None:
    """Against the same tone made at the other rate and delayed: at least 75 dB between it and the rest."""
    hz = part * min(rate_in, rate_out) / 2
    out = Resampler(rate_in, rate_out).push(tone(hz, rate_in, rate_in))[rate_out // 50 :]
    times = np.arange(len(out)) / rate_out + 0.02 - DELAY_S
    assert level_db(out - np.sin(2 * math.pi * hz * times)) < -75


@pytest.mark.parametrize("rate_in", [24_000, 44_100, 48_000])
@pytest.mark.parametrize("hz", [8_000.0, 9_000.0, 11_900.0])
def test_a_tone_that_has_no_place_at_the_lower_rate_goes(rate_in: int, hz: float) -> None:
    out = Resampler(rate_in, SAMPLE_RATE).push(tone(hz, rate_in, rate_in))[SAMPLE_RATE // 50 :]
    assert level_db(out) < STOPPED_DB


@EVERY_PAIR
def test_as_many_samples_come_out_as_are_due(rate_in: int, rate_out: int) -> None:
    """Half a minute in frames of an odd length, and every chunk of 160 ms is whole at both rates."""
    resampler, came, given_in = Resampler(rate_in, rate_out), 0, 0
    frame = np.zeros(9_973)
    for _ in range(30 * rate_in // len(frame)):
        came += len(resampler.push(frame))
        given_in += len(frame)
        assert came == -(-given_in * rate_out // rate_in)
    chunks = Resampler(rate_in, rate_out)
    lengths = {len(chunks.push(np.zeros(rate_in * 160 // 1_000))) for _ in range(20)}
    assert lengths == {rate_out * 160 // 1_000}


@EVERY_PAIR
def test_nothing_grows_with_the_length_of_a_stream(rate_in: int, rate_out: int) -> None:
    """What a stream holds is less than a block and its history."""
    resampler, block = Resampler(rate_in, rate_out), polyphase(rate_in, rate_out)
    second = tone(440, rate_in, rate_in)
    for _ in range(5):
        resampler.push(second)
        assert len(resampler._buffer) < block.history + block.inputs
        assert resampler._given_out < block.outputs


@EVERY_PAIR
@settings(max_examples=20, deadline=None)
@given(sizes=st.lists(st.integers(0, 700), max_size=12), seed=st.integers(0, 2**32 - 1))
def test_streamed_equals_whole(rate_in: int, rate_out: int, sizes: list[int], seed: int) -> None:
    samples = np.random.default_rng(seed).integers(-65_536, 65_536, sum(sizes) + 500) / 2
    whole = Resampler(rate_in, rate_out).push(samples)
    streamed = Resampler(rate_in, rate_out)
    assert np.array_equal(np.concatenate([streamed.push(each) for each in pieces(samples, sizes)]), whole)


@EVERY_PAIR
def test_silence_may_be_left_out_once_nothing_else_is_held(rate_in: int, rate_out: int) -> None:
    chunk = rate_in * 160 // 1_000
    sound = np.rint(1_000 * tone(440, rate_in, chunk))
    steady, skipping = Resampler(rate_in, rate_out), Resampler(rate_in, rate_out)
    for samples in (sound, np.zeros(chunk), sound):
        assert np.array_equal(steady.push(samples), skipping.push(samples))
        assert skipping.silent == (not samples.any())
        if skipping.silent:
            assert not steady.push(np.zeros(chunk)).any()
