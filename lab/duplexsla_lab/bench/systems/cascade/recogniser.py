"""Speech to text: Moonshine, fitted to a toolset's domain by the texts of the training split."""

from collections.abc import Callable, Sequence

import numpy as np
import soxr
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.bench.systems.cascade.moonshine import Moonshine
from duplexsla_lab.bench.systems.cascade.word_model import WordModel
from duplexsla_lab.bench.systems.cascade.word_search import WordSearch, WordSequence

Transcribe = Callable[[NDArray[np.int16]], str]

QUIET_BEFORE, QUIET_AFTER = 3_000, 6_000  # samples of silence around an utterance
TARGET_RMS = 0.05  # rms
MIN_SCORE = 0.0  # per word; below, a slower version is recognised too
SLOW_DOWN = 1.14  # times as slow and as deep then: as of a longer vocal tract, which suits high voices
SHORTEST = SAMPLE_RATE // 10  # samples: there is no word in less


class Recogniser:
    """Transcribes one utterance at a time, int16 [N] at 16 kHz."""

    def __init__(self, moonshine: Moonshine, sentences: Sequence[str]) -> None:
        self._moonshine = moonshine
        self._search = WordSearch(WordModel(sentences), moonshine.tokenizer)

    def __call__(self, samples: NDArray[np.int16]) -> str:
        if len(samples) < SHORTEST or not samples.any():
            return ""
        sound = samples.astype(np.float32) / 32_768
        sound *= TARGET_RMS / float(np.sqrt(np.mean(sound**2)))
        found = self._transcribe(sound)
        if found.score_per_word < MIN_SCORE:
            slower = soxr.resample(sound, SAMPLE_RATE, SAMPLE_RATE * SLOW_DOWN, quality="LQ")
            found = max(found, self._transcribe(np.asarray(slower, np.float32)))
        return " ".join(found.words)

    def _transcribe(self, sound: NDArray[np.float32]) -> WordSequence:
        heard = self._moonshine.encode(np.pad(sound, (QUIET_BEFORE, QUIET_AFTER)))
        return self._search.best(heard, len(sound) / SAMPLE_RATE)
