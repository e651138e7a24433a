"""One spoken request of a user: a voice says words, with hesitations, and every word's end is known."""

import random
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import soxr
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.data.language.fillers import FILLERS
from duplexsla_lab.data.voices.espeak import Espeak
from duplexsla_lab.data.voices.flite import Flite
from duplexsla_lab.data.voices.kokoro import Kokoro
from duplexsla_lab.data.voices.pico import Pico
from duplexsla_lab.data.voices.speech import SILENCE, Speech
from duplexsla_lab.data.voices.voices import UserVoice

LOUDNESS = 0.05  # rms of every utterance
PAUSE_S = (0.3, 1.0)


@dataclass(frozen=True, slots=True)
class Utterance:
    """samples: float32 [N] at 16 kHz, trimmed. words: (start s, end s, word). phones: (start s, phone)."""

    samples: NDArray[np.float32]
    words: list[tuple[float, float, str]]
    phones: list[tuple[float, str]]
    voice: UserVoice

    @property
    def end_s(self) -> float:
        return self.words[-1][1]


class Synthesizers:
    """All synthesizers in one process, behind one call; public packages are fetched when one is asked."""

    def __init__(self) -> None:
        self._espeak, self._flite = Espeak(), Flite()

    @cached_property
    def _kokoro(self) -> Kokoro:
        return Kokoro()

    @cached_property
    def _pico(self) -> Pico:
        return Pico()

    def say(self, text: str, voice: UserVoice) -> Speech:
        """Raises ValueError for an unknown voice, MissingDependency for a synthesizer that cannot be had."""
        match voice.synthesizer:
            case "espeak":
                return self._espeak.speak(
                    text,
                    voice=voice.name,
                    rate_wpm=voice.rate_wpm,
                    pitch=voice.pitch,
                    pitch_range=voice.pitch_range,
                )
            case "flite":
                return self._flite.speak(text, voice=voice.name, stretch=voice.stretch, f0_hz=voice.f0_hz)
            case "kokoro":
                return self._kokoro.speak(text, voice=voice.name, speed=1 / voice.stretch)
            case "pico":
                return self._pico.speak(
                    text, voice=voice.name, speed=1 / voice.stretch, pitch=voice.pitch / 100
                )
        raise ValueError(f"there is no synthesizer {voice.synthesizer!r}")


def hesitant(words: list[str], rng: random.Random) -> tuple[list[str], list[int]]:
    """Inserts one or two fillers or pauses; returns the words and which of them a pause precedes."""
    said = list(words)
    pauses: list[int] = []
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randint(1, len(said) - 1) if len(said) > 1 else 0
        kind = rng.random()
        if kind < 0.5:
            said.insert(at, rng.choice(FILLERS))
            pauses = [p + (p >= at) for p in pauses]
        if kind > 0.3 and at:
            pauses.append(at + (kind < 0.5))
    return said, sorted({p for p in pauses if 0 < p < len(said)})


def trimmed(speech: Speech, warp: float) -> Utterance | None:
    """Cuts the silence around, resamples by `warp`; None when the synthesizer lost a word's time."""
    sounding = [start for start, phone in speech.phones if phone != SILENCE]
    starts = [start for start, _ in speech.words]
    if not sounding or starts != sorted(starts):
        return None
    begin, end = max(0.0, sounding[0] - 0.02), speech.end_s
    samples = speech.samples[int(begin * SAMPLE_RATE) : int((end + 0.03) * SAMPLE_RATE)]
    if warp != 1:
        samples = np.asarray(
            soxr.resample(samples, SAMPLE_RATE * warp, SAMPLE_RATE, quality="LQ"), np.float32
        )
    rms = float(np.sqrt(np.mean(samples**2)))
    if rms < 1e-4:
        return None
    phones = [(max(0.0, t - begin) / warp, phone) for t, phone in speech.phones if t <= end]
    starts = [max(0.0, t - begin) / warp for t in starts] + [(end - begin) / warp]
    words = []
    for i, (_, word) in enumerate(speech.words):
        stop = next(
            (t for t, p in phones if p == SILENCE and starts[i] + 0.04 < t < starts[i + 1]), starts[i + 1]
        )
        words.append((starts[i], stop, word))
    return Utterance(samples * (LOUDNESS / rms), words, phones, UserVoice("", ""))


def with_pause(utterance: Utterance, before_word: int, pause_s: float) -> Utterance:
    """Inserts silence before a word; what follows moves by `pause_s`."""
    cut_s = utterance.words[before_word - 1][1]
    cut = int(cut_s * SAMPLE_RATE)
    silence = np.zeros(int(pause_s * SAMPLE_RATE), np.float32)
    samples = np.concatenate([utterance.samples[:cut], silence, utterance.samples[cut:]])
    words = [
        (start + pause_s * (i >= before_word), end + pause_s * (i >= before_word), word)
        for i, (start, end, word) in enumerate(utterance.words)
    ]
    before = [(t, p) for t, p in utterance.phones if t < cut_s]
    after = [(t + pause_s, p) for t, p in utterance.phones if t >= cut_s]
    resumed = [(words[before_word][0], utterance.phones[len(before) - 1][1])] if not after else []
    return Utterance(samples, words, [*before, (cut_s, SILENCE), *resumed, *after], utterance.voice)


def speak_request(
    synthesizers: Synthesizers, text: str, voice: UserVoice, rng: random.Random, *, hesitation: float = 0.3
) -> Utterance | None:
    """Says `text`, hesitantly with probability `hesitation`. None when its word times are unusable."""
    words = text.split()
    pauses: list[int] = []
    if rng.random() < hesitation and len(words) > 2:
        words, pauses = hesitant(words, rng)
    utterance = trimmed(synthesizers.say(" ".join(words), voice), voice.warp)
    if utterance is None or len(utterance.words) != len(words):
        return None
    for index in pauses:
        utterance = with_pause(utterance, index, rng.uniform(*PAUSE_S))
    return Utterance(utterance.samples, utterance.words, utterance.phones, voice)
