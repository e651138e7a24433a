"""Noises: each at an rms of one, with its power where it belongs."""

import numpy as np
import pytest

from duplexsla_lab.data.acoustics import noises
from duplexsla_lab.data.acoustics.impulse_responses import Sound

COUNT = 10 * 16_000
RNG = np.random.default_rng
PLAIN = {
    "white": noises.white,
    "pink": noises.pink,
    "brown": noises.brown,
    "hum": noises.hum,
    "engine": noises.engine,
    "music": noises.music,
}


def octave_db(sound: Sound) -> float:
    """By how much the power density falls from 200 to 3,200 Hz, per octave."""
    power, hz = np.abs(np.fft.rfft(sound)) ** 2, np.fft.rfftfreq(len(sound), 1 / 16_000)
    low, high = (power[(hz > f / 1.1) & (hz < f * 1.1)].mean() for f in (200, 3_200))
    return float(10 * np.log10(low / high) / 4)


@pytest.mark.parametrize("kind", PLAIN)
def test_each_noise_has_an_rms_of_one(kind: str) -> None:
    noise = PLAIN[kind](RNG(0), COUNT)
    assert noise.shape == (COUNT,) and noise.dtype == np.float32
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("kind", "slope_db"), [("white", 0), ("pink", 3), ("brown", 5.7)])
def test_colors_fall_by_their_slope(kind: str, slope_db: float) -> None:
    assert octave_db(PLAIN[kind](RNG(1), COUNT)) == pytest.approx(slope_db, abs=0.5)


@pytest.mark.parametrize("kind", ["hum", "engine"])
def test_hum_and_engine_are_low(kind: str) -> None:
    for seed in range(5):
        power = np.abs(np.fft.rfft(PLAIN[kind](RNG(seed), COUNT))) ** 2
        assert power[50 * 10 : 500 * 10].sum() > 0.5 * power.sum()  # an eighteenth of the band


def test_babble_is_made_of_the_others() -> None:
    tones = [np.sin(2 * np.pi * hz * np.arange(8_000) / 16_000).astype(np.float32) for hz in (300, 700)]
    noise = noises.babble(RNG(0), COUNT, tones)
    power = np.abs(np.fft.rfft(noise)) ** 2
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(1, abs=0.01)
    assert power[[300 * 10, 700 * 10]].sum() > 0.99 * power.sum()


def test_on_television_one_speaks_at_a_time() -> None:
    tones = [np.sin(2 * np.pi * hz * np.arange(8_000) / 16_000).astype(np.float32) for hz in (300, 700)]
    noise = noises.talk(RNG(2), COUNT, tones)
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(1, abs=0.01)
    frames = np.abs(np.fft.rfft(noise.reshape(-1, 1_600), axis=1)) ** 2
    shares = frames[:, [30, 70]] / frames.sum(axis=1, keepdims=True)
    assert np.mean(shares.max(axis=1) > 0.9) > 0.9  # but where one follows the other
    assert (shares.argmax(axis=1) == 0).any() and (shares.argmax(axis=1) == 1).any()
