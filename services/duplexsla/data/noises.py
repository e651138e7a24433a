"""Background sounds, each float32 [N] at an rms of 1."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla.data.impulse_responses import Response, Sound, convolved

COLOR_TAPS = 4_096  # 0.26 s: below 4 Hz a colored noise is white
TALKERS = (3, 6)  # of a babble: fewer are understood, more are a hiss
MAINS_HZ = (50.0, 60.0)
FIRING_HZ = (25.0, 90.0)  # of an engine: 750 to 2,700 turns a minute, four cylinders
WANDER_HZ = 0.3  # how fast an engine's speed wanders


def _unit(sound: NDArray[np.floating]) -> Sound:
    return (sound / max(float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))), 1e-9)).astype(np.float32)


def white(rng: np.random.Generator, count: int) -> Sound:
    return rng.standard_normal(count, dtype=np.float32)


def _power_law(exponent: float) -> Response:
    """Taps of a filter whose power falls as 1 / frequency ** exponent (fractional integration)."""
    k = np.arange(1, COLOR_TAPS)
    return np.concatenate([[1.0], np.cumprod((k - 1 + exponent / 2) / k)])


def _colored(rng: np.random.Generator, count: int, exponent: float) -> Sound:
    """The filter's first taps have nothing behind them yet: they are thrown away."""
    return _unit(convolved(white(rng, count + COLOR_TAPS), _power_law(exponent))[COLOR_TAPS:])


def pink(rng: np.random.Generator, count: int) -> Sound:
    return _colored(rng, count, 1.0)


def brown(rng: np.random.Generator, count: int) -> Sound:
    return _colored(rng, count, 1.9)  # 2 would be a sum without end


def _harmonics(rng: np.random.Generator, turns: NDArray[np.floating], numbers: Sequence[float]) -> Sound:
    """turns [N]: of the ground tone so far."""
    out = np.zeros(len(turns), np.float32)
    for number in numbers:
        angle = 2 * np.pi * ((turns * number + rng.random()) % 1.0)
        out += rng.uniform(0.2, 1.0) / number * np.sin(angle.astype(np.float32))
    return out


def hum(rng: np.random.Generator, count: int) -> Sound:
    """A mains hum with its overtones."""
    turns = np.arange(count) * (rng.choice(MAINS_HZ) / SAMPLE_RATE)
    return _unit(_harmonics(rng, turns, (1, 2, 3, 4, 6)))


def engine(rng: np.random.Generator, count: int) -> Sound:
    """A car's engine at a wandering speed, and its tires on the road."""
    time_s = np.arange(count) / SAMPLE_RATE
    wander = 0.1 / WANDER_HZ * np.sin(2 * np.pi * WANDER_HZ * time_s + rng.uniform(0, 2 * np.pi))
    turns = rng.uniform(*FIRING_HZ) * (time_s + wander / (2 * np.pi))
    tires = rng.uniform(0.5, 2.0) * _colored(rng, count, 1.4)
    return _unit(_unit(_harmonics(rng, turns, (0.5, 1, 1.5, 2, 3, 4))) + tires)


def babble(rng: np.random.Generator, count: int, others: Sequence[Sound]) -> Sound:
    """Several of the others at once, each from a place of its own on, again and again."""
    out = np.zeros(count, np.float32)
    for _ in range(rng.integers(TALKERS[0], TALKERS[1] + 1)):
        other = others[rng.integers(len(others))]
        said = np.resize(np.roll(other, -int(rng.integers(len(other)))), count)
        out += rng.uniform(0.4, 1.0) * _unit(said)
    return _unit(out)
