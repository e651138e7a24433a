"""What a room and a microphone's channel do to a sound: causal impulse responses, and their convolution."""

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE

Sound = NDArray[np.float32]
Response = NDArray[np.float64]
Spectrum = NDArray[np.complex128]

EARLY_S = (0.001, 0.04)  # when the first reflections come; later ones are dense enough to be noise
DAMPING = 0.5  # of the tail's high tones: walls and air take them first
CHANNEL_TAPS = 4_096  # 0.26 s: the slowest filter here, 60 Hz, has long decayed
BLOCK = 32_768  # samples of one FFT: they fit into the cache


def convolved(samples: Sound, response: Response) -> Sound:
    """[N], [taps < BLOCK] -> [N]: causal, no shift; what rings on beyond the end is cut. Overlap-add."""
    step = BLOCK - len(response) + 1
    rows = -(-len(samples) // step)
    padded = np.zeros(rows * step, np.float32)
    padded[: len(samples)] = samples
    spectra = np.fft.rfft(padded.reshape(rows, step), BLOCK) * np.fft.rfft(response, BLOCK)
    out = np.zeros(rows * step + BLOCK, np.float32)
    for row, block in enumerate(np.fft.irfft(spectra, BLOCK)):
        out[row * step : row * step + BLOCK] += block
    return out[: len(samples)]


def room(rng: np.random.Generator, *, rt60_s: float, direct_to_rest_db: float) -> Response:
    """Direct sound at sample 0, early reflections, a tail that decays by 60 dB in `rt60_s`. Energy 1."""
    taps = int(rt60_s * SAMPLE_RATE)
    decay = np.exp(-6.91 / taps * np.arange(taps))  # 60 dB of amplitude: a factor of exp(-6.91)
    first, last = (int(seconds * SAMPLE_RATE) for seconds in EARLY_S)
    rest = rng.standard_normal(taps) * decay
    rest[:last] *= np.linspace(0, 1, last)  # it gets dense little by little
    rest = np.convolve(rest, (1 - DAMPING) * DAMPING ** np.arange(8))[:taps]
    at = rng.integers(first, last, rng.integers(6, 20))
    rest[at] += rng.choice((-1, 1), len(at)) * rng.uniform(0.2, 1.0, len(at)) * decay[at]
    rest[:first] = 0
    share = 10 ** (-direct_to_rest_db / 10)
    rest *= np.sqrt(share / np.sum(rest**2))
    rest[0] = 1
    return rest / np.sqrt(1 + share)


def channel(
    *,
    low_hz: float,
    high_hz: float,
    tilt_db: float,
    resonance_hz: float,
    resonance_db: float,
    sharpness: float,
) -> Response:
    """Taps of a microphone and its line: high pass, steep low pass, a tilt around 1 kHz and one resonance."""
    response = high_pass(low_hz) * low_pass(high_hz)
    response *= _shelf(1_000, tilt_db) * _peak(resonance_hz, resonance_db, sharpness)
    return np.fft.irfft(response)


def high_pass(hz: float) -> Spectrum:
    """12 dB per octave (Butterworth)."""
    return _high_pass(hz, 0.707)


def low_pass(hz: float) -> Spectrum:
    """24 dB per octave (Butterworth, two second-order parts)."""
    return _low_pass(hz, 0.541) * _low_pass(hz, 1.307)


# Second-order parts after R. Bristow-Johnson's "Cookbook formulae for audio equalizer biquad filter
# coefficients". w: radians per sample, alpha: width; amplitude = 10^(dB/40).


def _biquad(b: tuple[float, float, float], a: tuple[float, float, float]) -> Spectrum:
    """Frequency response [CHANNEL_TAPS // 2 + 1]."""
    z = np.exp(-2j * np.pi * np.arange(CHANNEL_TAPS // 2 + 1) / CHANNEL_TAPS)
    response: Spectrum = (b[0] + z * (b[1] + z * b[2])) / (a[0] + z * (a[1] + z * a[2]))
    return response


def _turn(hz: float, sharpness: float) -> tuple[float, float]:
    """(cos w, alpha)."""
    w = 2 * np.pi * min(hz, 0.49 * SAMPLE_RATE) / SAMPLE_RATE
    return float(np.cos(w)), float(np.sin(w) / (2 * sharpness))


def _low_pass(hz: float, sharpness: float) -> Spectrum:
    cos, alpha = _turn(hz, sharpness)
    return _biquad(((1 - cos) / 2, 1 - cos, (1 - cos) / 2), (1 + alpha, -2 * cos, 1 - alpha))


def _high_pass(hz: float, sharpness: float) -> Spectrum:
    cos, alpha = _turn(hz, sharpness)
    return _biquad(((1 + cos) / 2, -1 - cos, (1 + cos) / 2), (1 + alpha, -2 * cos, 1 - alpha))


def _peak(hz: float, db: float, sharpness: float) -> Spectrum:
    cos, alpha = _turn(hz, sharpness)
    up = 10 ** (db / 40)
    return _biquad((1 + alpha * up, -2 * cos, 1 - alpha * up), (1 + alpha / up, -2 * cos, 1 - alpha / up))


def _shelf(hz: float, db: float) -> Spectrum:
    """The tones above `hz` louder by `db`, softly."""
    cos, alpha = _turn(hz, 0.4)
    up = 10 ** (db / 40)
    slope = 2 * np.sqrt(up) * alpha
    more, less = up + 1, up - 1
    return _biquad(
        (
            up * (more + less * cos + slope),
            -2 * up * (less + more * cos),
            up * (more + less * cos - slope),
        ),
        (more - less * cos + slope, 2 * (less - more * cos), more - less * cos - slope),
    )
