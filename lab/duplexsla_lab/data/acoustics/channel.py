"""What happens to a user's voice on its way: room, noise, the assistant's echo, a microphone, a codec, loss.

Everything is causal and without a shift, so the times of words and actions stay true.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.data.acoustics import noises
from duplexsla_lab.data.acoustics.impulse_responses import (
    Response,
    Sound,
    channel,
    convolved,
    high_pass,
    low_pass,
    room,
)

Range = tuple[float, float]
TALKING = ("babble", "television")  # kinds of noise that others make
FRAME = SAMPLE_RATE // 50  # samples of 20 ms: a frame of the level meter, and a packet
ACTIVE_DB = -30.0  # frames within this of the loudest are speech (pauses of the tracks are digital silence)
SILENT_LEVEL = 0.05  # rms that a silent track's noise is measured against: that of every utterance
MU = 255  # of the companding (ITU-T G.711)
TELEPHONE_HZ = 3_400.0  # upper end of its band (ITU-T G.712)
SPEAKER_HZ = (200.0, 6_000.0)  # band of a small loudspeaker: a device's own, a television's
ECHO_LEVEL = 0.05  # rms that an echo is measured against: that of every utterance


@dataclass(frozen=True, slots=True)
class Acoustics:
    """The part of the tracks that each link of the chain touches, and what it draws from, evenly."""

    room: float = 0.5  # share
    rt60_s: Range = (0.1, 0.6)  # a car or a furnished bedroom .. a tiled bathroom, an empty garage
    direct_to_rest_db: Range = (0.0, 15.0)  # across the room .. at the microphone
    noise: float = 0.6  # share
    noise_kinds: tuple[tuple[str, float], ...] = (
        ("white", 1), ("pink", 2), ("brown", 1), ("hum", 1), ("engine", 2), ("music", 1), ("babble", 3),
        ("television", 3)
    )  # fmt: skip  # weights; babble and television are drawn only where there are others
    snr_db: Range = (5.0, 30.0)  # of speech while it is active: a loud kitchen .. a quiet office
    echo: float = 0.5  # share of the tracks in which the assistant speaks
    echo_db: Range = (-30.0, -6.0)  # against the user's usual level: a good canceller .. a bad one
    echo_s: Range = (0.0, 0.4)  # of delay: in the device .. through a phone call
    channel: float = 0.5  # share
    low_hz: Range = (60.0, 300.0)  # studio .. telephone
    high_hz: Range = (3_400.0, 7_800.0)  # telephone .. wide band
    tilt_db: Range = (-6.0, 6.0)  # tones above 1 kHz: a hand over the microphone .. a tinny one
    resonance_hz: Range = (400.0, 4_000.0)  # cavity of a case
    resonance_db: Range = (-6.0, 9.0)
    sharpness: Range = (0.7, 4.0)  # Q of the resonance
    gain: float = 0.8  # share
    gain_db: Range = (-12.0, 6.0)  # from across the room .. lips at the microphone
    clip: float = 0.15  # share
    clip_at: Range = (0.3, 0.9)  # of the peak: where an overdriven input saturates
    codec: float = 0.3  # share: mu-law, coarse steps, an 8 kHz telephone or a narrow band, alike
    band_hz: tuple[float, ...] = (4_000.0, 5_500.0)  # of sampling at 8 and at 11.025 kHz
    bits: tuple[int, int] = (8, 12)  # of the coarse steps: 48 .. 72 dB below full scale
    lossy: float = 0.2  # share
    loss: Range = (0.0, 0.03)  # of the packets: more and calls are hung up


TYPICAL_ACOUSTICS = Acoustics()


def degraded(
    samples: Sound,
    rng: np.random.Generator,
    acoustics: Acoustics = TYPICAL_ACOUSTICS,
    *,
    others: Sequence[Sound] = (),
    assistant: Sound | None = None,
) -> Sound:
    """float32 [N] at 16 kHz, in -1..1 -> the same through a chain that `rng` draws.

    others: people who talk in the background, each float32 [any > 0]. assistant: what the loudspeaker plays
    meanwhile, float32 [N].
    """
    heard = samples.astype(np.float32)
    if not len(heard):
        return heard
    if rng.random() < acoustics.room:
        heard = _in_room(heard, rng, acoustics)
    if rng.random() < acoustics.noise:
        heard = _with_noise(heard, rng, acoustics, others)
    if assistant is not None and assistant.any() and rng.random() < acoustics.echo:
        level_db, delay_s = rng.uniform(*acoustics.echo_db), rng.uniform(*acoustics.echo_s)
        heard = heard + echo(assistant, rng, level_db=level_db, delay_s=delay_s, acoustics=acoustics)
    if rng.random() < acoustics.channel:
        heard = _through_channel(heard, rng, acoustics)
    if rng.random() < acoustics.gain:
        heard = heard * np.float32(10 ** (rng.uniform(*acoustics.gain_db) / 20))
    if rng.random() < acoustics.clip:
        heard = saturated(heard, rng.uniform(*acoustics.clip_at))
    if rng.random() < acoustics.codec:
        heard = _coded(heard, rng, acoustics)
    if rng.random() < acoustics.lossy:
        heard = _with_losses(heard, rng, rng.uniform(*acoustics.loss))
    return np.clip(heard, -1, 1)


def active_level(samples: Sound) -> float:
    """Rms of the frames in which somebody speaks; 0.0 for silence. float32 [N]."""
    frames = np.resize(samples, (max(1, len(samples) // FRAME), min(FRAME, len(samples))))
    powers = np.mean(frames * frames, axis=1, dtype=np.float64)
    active = powers[powers >= powers.max() * 10 ** (ACTIVE_DB / 10)]
    return float(np.sqrt(active.mean()))


def _in_room(samples: Sound, rng: np.random.Generator, acoustics: Acoustics) -> Sound:
    rt60_s, direct_db = rng.uniform(*acoustics.rt60_s), rng.uniform(*acoustics.direct_to_rest_db)
    return convolved(samples, room(rng, rt60_s=rt60_s, direct_to_rest_db=direct_db))


def _with_noise(
    samples: Sound, rng: np.random.Generator, acoustics: Acoustics, others: Sequence[Sound]
) -> Sound:
    kinds = [(kind, weight) for kind, weight in acoustics.noise_kinds if others or kind not in TALKING]
    weights = np.array([weight for _, weight in kinds])
    kind = kinds[rng.choice(len(kinds), p=weights / weights.sum())][0]
    noise = noise_of(kind, rng, len(samples), others)
    level = (active_level(samples) or SILENT_LEVEL) * 10 ** (-rng.uniform(*acoustics.snr_db) / 20)
    return samples + np.float32(level) * noise


def noise_of(kind: str, rng: np.random.Generator, count: int, others: Sequence[Sound] = ()) -> Sound:
    """[count] of one of Acoustics.noise_kinds, at an rms of 1."""
    if kind == "babble":
        return noises.babble(rng, count, others)
    if kind == "television":
        return noises.unit(convolved(noises.talk(rng, count, others), _loudspeaker()))
    plain = {
        "white": noises.white, "pink": noises.pink, "brown": noises.brown, "hum": noises.hum,
        "engine": noises.engine, "music": noises.music,
    }  # fmt: skip
    return plain[kind](rng, count)


def echo(
    assistant: Sound,
    rng: np.random.Generator,
    *,
    level_db: float,
    delay_s: float,
    acoustics: Acoustics = TYPICAL_ACOUSTICS,
) -> Sound:
    """The loudspeaker as a microphone hears it, float32 [N]: late, in a room, at a level while it sounds."""
    shift = min(round(delay_s * SAMPLE_RATE), len(assistant))
    late = np.concatenate([np.zeros(shift, np.float32), assistant[: len(assistant) - shift]])
    heard = _in_room(convolved(late, _loudspeaker()), rng, acoustics)
    level = active_level(heard)
    return heard * np.float32(ECHO_LEVEL * 10 ** (level_db / 20) / level) if level else heard


@cache
def _loudspeaker() -> Response:
    low_hz, high_hz = SPEAKER_HZ
    return np.fft.irfft(high_pass(low_hz) * low_pass(high_hz))


def _through_channel(samples: Sound, rng: np.random.Generator, acoustics: Acoustics) -> Sound:
    taps = channel(
        low_hz=rng.uniform(*acoustics.low_hz),
        high_hz=rng.uniform(*acoustics.high_hz),
        tilt_db=rng.uniform(*acoustics.tilt_db),
        resonance_hz=rng.uniform(*acoustics.resonance_hz),
        resonance_db=rng.uniform(*acoustics.resonance_db),
        sharpness=rng.uniform(*acoustics.sharpness),
    )
    return convolved(samples, taps)


def saturated(samples: Sound, at: float) -> Sound:
    """Soft clipping at `at` of the peak."""
    limit = np.float32(max(at * float(np.abs(samples).max()), 1e-9))
    return limit * np.tanh(samples / limit)


def _coded(samples: Sound, rng: np.random.Generator, acoustics: Acoustics) -> Sound:
    kind = rng.integers(4)
    if kind == 0:
        return companded(samples)
    if kind == 1:
        steps = np.float32(2 ** (int(rng.integers(acoustics.bits[0], acoustics.bits[1] + 1)) - 1))
        return np.round(samples * steps) / steps
    return telephone(samples) if kind == 2 else narrow_band(samples, float(rng.choice(acoustics.band_hz)))


def companded(samples: Sound) -> Sound:
    """Through 8 bits of mu-law; silence stays silence."""
    loud = np.log1p(MU * np.minimum(np.abs(samples), 1)) * np.float32(127 / np.log1p(MU))
    return np.sign(samples) * np.expm1(np.round(loud) * np.float32(np.log1p(MU) / 127)) / np.float32(MU)


def narrow_band(samples: Sound, hz: float) -> Sound:
    """Nothing above `hz`: 48 dB an octave, causal."""
    return convolved(samples, np.fft.irfft(low_pass(hz) * low_pass(hz)))


def telephone(samples: Sound) -> Sound:
    """Through 8 kHz and mu-law. The filters are causal, so nothing rings before its sound."""
    line = np.fft.irfft(low_pass(TELEPHONE_HZ) * low_pass(TELEPHONE_HZ))
    narrow = np.zeros_like(samples)
    narrow[::2] = 2 * companded(convolved(samples, line)[::2])
    return convolved(narrow, line)


def _with_losses(samples: Sound, rng: np.random.Generator, share: float) -> Sound:
    """Lost packets are silent, or the one before is heard again at half its level."""
    out, repeats = samples.copy(), rng.random() < 0.5
    for packet in np.flatnonzero(rng.random(len(samples) // FRAME) < share):
        here = out[packet * FRAME : (packet + 1) * FRAME]
        here[:] = out[(packet - 1) * FRAME : packet * FRAME] / 2 if repeats and packet else 0
    return out
