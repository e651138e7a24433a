"""Background sounds, each float32 [N] at an rms of 1 above what no microphone hears."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.data.acoustics.impulse_responses import Response, Sound, convolved, high_pass

COLOR_TAPS = 4_096  # 0.26 s: below 4 Hz a colored noise is white
HEARD_HZ = 80.0  # below, small microphones fade out; else a rumble that nobody hears would set the level
TALKERS = (3, 6)  # of a babble: fewer are understood, more are a hiss
MAINS_HZ = (50.0, 60.0)
FIRING_HZ = (25.0, 90.0)  # of an engine: 750 to 2,700 turns a minute, four cylinders
WANDER, WANDER_HZ = 0.1, 0.3  # by how much of an engine's speed, how often
BEAT_S = (0.25, 0.7)  # of music: fast .. slow
SCALE = (0, 2, 4, 5, 7, 9, 11)  # semitones of a major one
NOTES = (2, 4)  # at once
CUT_S = (1.0, 6.0)  # how long one speaks on television before another does
TIRES = (0.5, 2.0)  # on the road, against the engine: slow on tarmac .. fast on concrete


def unit(sound: NDArray[np.floating]) -> Sound:
    """At an rms of 1."""
    return (sound / max(float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))), 1e-9)).astype(np.float32)


def white(rng: np.random.Generator, count: int) -> Sound:
    return rng.standard_normal(count, dtype=np.float32)


@cache
def _fading() -> Response:
    """Taps that leave what a microphone hears."""
    return np.fft.irfft(high_pass(HEARD_HZ))


@cache
def _power_law(exponent: float) -> Response:
    """Taps of a filter whose power falls as 1 / frequency ** exponent (fractional integration), and fades."""
    k = np.arange(1, COLOR_TAPS)
    falling = np.concatenate([[1.0], np.cumprod((k - 1 + exponent / 2) / k)])
    return np.convolve(falling, _fading())[:COLOR_TAPS]


def _colored(rng: np.random.Generator, count: int, exponent: float) -> Sound:
    """The filter's first taps have nothing behind them yet: they are thrown away."""
    return unit(convolved(white(rng, count + COLOR_TAPS), _power_law(exponent))[COLOR_TAPS:])


def pink(rng: np.random.Generator, count: int) -> Sound:
    return _colored(rng, count, 1.0)


def brown(rng: np.random.Generator, count: int) -> Sound:
    return _colored(rng, count, 1.9)  # 2 would be a sum without end


def _harmonics(rng: np.random.Generator, turns: NDArray[np.float64], numbers: Sequence[int]) -> Sound:
    """turns [N]: of the ground tone so far. The higher a harmonic, the softer; phases are drawn."""
    ground = np.exp(2j * np.pi * (turns % 1.0)).astype(np.complex64)
    out, tone = np.zeros(len(turns), np.float32), np.ones(len(turns), np.complex64)
    for number in range(1, max(numbers) + 1):
        tone *= ground
        if number in numbers:
            phase = np.exp(2j * np.pi * rng.random()) * rng.uniform(0.2, 1.0) / number
            out += (np.complex64(phase) * tone).real
    return out


def hum(rng: np.random.Generator, count: int) -> Sound:
    """A mains hum with its overtones."""
    turns = np.arange(count) * (rng.choice(MAINS_HZ) / SAMPLE_RATE)
    return unit(convolved(_harmonics(rng, turns, (1, 2, 3, 4, 6)), _fading()))


def engine(rng: np.random.Generator, count: int) -> Sound:
    """A car's engine at a wandering speed, and its tires on the road."""
    time_s = np.arange(count) / SAMPLE_RATE
    wander_s = (
        WANDER * np.sin(2 * np.pi * WANDER_HZ * time_s + rng.uniform(0, 2 * np.pi)) / (2 * np.pi * WANDER_HZ)
    )
    half_turns = (
        rng.uniform(*FIRING_HZ) / 2 * (time_s + wander_s)
    )  # cylinders differ: half harmonics sound too
    motor = convolved(_harmonics(rng, half_turns, (1, 2, 3, 4, 6, 8)), _fading())
    return unit(unit(motor) + rng.uniform(*TIRES) * _colored(rng, count, 1.4))


def babble(rng: np.random.Generator, count: int, others: Sequence[Sound]) -> Sound:
    """Several of the others at once, each from a place of its own on, again and again."""
    out = np.zeros(count, np.float32)
    for _ in range(rng.integers(TALKERS[0], TALKERS[1] + 1)):
        other = others[rng.integers(len(others))]
        said = np.resize(np.roll(other, -int(rng.integers(len(other)))), count)
        out += rng.uniform(0.4, 1.0) * unit(said)
    return unit(out)


def talk(rng: np.random.Generator, count: int, others: Sequence[Sound]) -> Sound:
    """One of the others after another, each from a place of its own on, until a cut."""
    out, at = np.zeros(count, np.float32), 0
    while at < count:
        other = others[rng.integers(len(others))]
        lasts = min(count - at, int(rng.uniform(*CUT_S) * SAMPLE_RATE))
        out[at : at + lasts] = np.resize(unit(np.roll(other, -int(rng.integers(len(other))))), lasts)
        at += lasts
    return unit(out)


def music(rng: np.random.Generator, count: int) -> Sound:
    """Chords of a scale on a beat, each note with overtones and a decay of its own."""
    out, beat = np.zeros(count, np.float32), int(rng.uniform(*BEAT_S) * SAMPLE_RATE)
    root_hz = rng.uniform(110.0, 220.0)
    for at in range(0, count, beat):
        lasts = min(2 * beat, count - at)
        fading = np.exp(-np.arange(lasts) * rng.uniform(1.0, 4.0) / beat).astype(np.float32)
        for _ in range(rng.integers(NOTES[0], NOTES[1] + 1)):
            semitones = rng.choice(SCALE) + 12 * rng.integers(0, 3)
            turns = np.arange(lasts) * (root_hz * 2 ** (semitones / 12) / SAMPLE_RATE)
            out[at : at + lasts] += fading * _harmonics(rng, turns, (1, 2, 3, 4))
    return unit(out)
