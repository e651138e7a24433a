"""Rooms and channels: causal, decaying as named, and a convolution that equals the plain one."""

import numpy as np
import pytest

from duplexsla_lab.data.acoustics.impulse_responses import BLOCK, Response, channel, convolved, room


def decay_s(taps: Response) -> float:
    """RT60 from the fall between -5 and -25 dB of the energy that is still to come (ISO 3382, T20)."""
    left_db = 10 * np.log10(np.cumsum(taps[::-1] ** 2)[::-1] / np.sum(taps**2) + 1e-20)
    start, end = int(np.argmax(left_db < -5)), int(np.argmax(left_db < -25))
    return 3 * (end - start) / 16_000


@pytest.mark.parametrize("length", [1, 1_000, BLOCK, 2 * BLOCK + 17])
def test_the_convolution_is_the_plain_one_cut_to_length(length: int) -> None:
    rng = np.random.default_rng(length)
    samples, taps = rng.standard_normal(length).astype(np.float32), rng.standard_normal(300)
    assert np.allclose(convolved(samples, taps), np.convolve(samples, taps)[:length], atol=1e-4)


@pytest.mark.parametrize("rt60_s", [0.1, 0.3, 0.6])
def test_a_room_decays_as_long_as_named(rt60_s: float) -> None:
    rooms = [room(np.random.default_rng(i), rt60_s=rt60_s, direct_to_rest_db=0.0)[1:] for i in range(20)]
    assert np.mean([decay_s(taps) for taps in rooms]) == pytest.approx(rt60_s, rel=0.25)


def test_a_room_has_the_direct_sound_first_and_as_strong_as_named() -> None:
    taps = room(np.random.default_rng(0), rt60_s=0.4, direct_to_rest_db=6.0)
    assert np.argmax(np.abs(taps)) == 0 and not taps[1:16].any()
    assert 10 * np.log10(taps[0] ** 2 / np.sum(taps[1:] ** 2)) == pytest.approx(6.0)
    assert np.sum(taps**2) == pytest.approx(1.0)


def test_a_channel_passes_its_band_and_tilts_and_resonates_as_named() -> None:
    def db(hz: float, **changed: float) -> float:
        plain = {"low_hz": 200, "high_hz": 4_000, "tilt_db": 0, "resonance_hz": 1_500, "resonance_db": 0}
        power = np.abs(np.fft.rfft(channel(**{**plain, "sharpness": 3.0, **changed}))) ** 2
        return float(10 * np.log10(power[round(hz / 16_000 * (2 * len(power) - 2))]))

    assert db(1_000) == pytest.approx(0, abs=0.3)
    assert db(200) == pytest.approx(-3, abs=0.5) and db(4_000) == pytest.approx(-3, abs=0.5)
    assert db(50) < -20 and db(7_900) < -40
    assert db(1_500, resonance_db=9) == pytest.approx(9, abs=0.5)
    wide = {"low_hz": 20, "high_hz": 7_800, "tilt_db": 6}
    assert db(6_000, **wide) - db(100, **wide) == pytest.approx(6, abs=1)
