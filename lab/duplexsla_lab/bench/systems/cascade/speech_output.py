"""What the cascade says: a synthesizer's sound, played chunk by chunk until it is cut."""

import threading
import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla_lab.data.voices.reply_voice import ReplyVoice

AUDIBLE = 0.01  # of full scale: what is quieter at the beginning is cut
LEAD_SAMPLES = SAMPLE_RATE // 50


class SynthesizedReply(NamedTuple):
    """int16 [N], and the time of one core that it took."""

    sound: NDArray[np.int16]
    spent_s: float


class Synthesizer:
    """Flite, for several threads; what it has said once is kept. Raises MissingSynthesizer."""

    def __init__(self) -> None:
        self._voice, self._lock = ReplyVoice(), threading.Lock()
        self._spoken: dict[str, SynthesizedReply] = {}

    def __call__(self, text: str) -> SynthesizedReply:
        with self._lock:
            if text not in self._spoken:
                start_s = time.thread_time()
                samples = self._voice.speak(text).samples
                sound = (np.clip(_without_lead(samples), -1, 1) * 32_767).astype(np.int16)
                self._spoken[text] = SynthesizedReply(sound, time.thread_time() - start_s)
            return self._spoken[text]


def _without_lead(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
    return samples[max(0, loud[0] - LEAD_SAMPLES) :] if len(loud) else samples[:0]


class SpeechOutput:
    """Plays one sound at a time."""

    def __init__(self) -> None:
        self._left = np.zeros(0, np.int16)

    @property
    def speaking(self) -> bool:
        return len(self._left) > 0

    def say(self, sound: NDArray[np.int16]) -> None:
        """Instead of what it is saying."""
        self._left = sound

    def stop(self) -> None:
        self._left = self._left[:0]

    def play(self) -> NDArray[np.int16]:
        """The next chunk, int16 [2560]."""
        now, self._left = self._left[:CHUNK_SAMPLES], self._left[CHUNK_SAMPLES:]
        return np.pad(now, (0, CHUNK_SAMPLES - len(now)))
