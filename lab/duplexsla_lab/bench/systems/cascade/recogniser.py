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

QUIET_BEFORE, QUIET_AFTER = 3_000, 6_000  # samples of silence around what it hears
LOUDNESS = 0.05  # rms
SURE = 0.0  # score a word: below, it listens again
SLOWER = 1.14  # times as slow and as deep then: as of a longer vocal tract, which suits high voices
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
        sound *= LOUDNESS / float(np.sqrt(np.mean(sound**2)))
        found = self._heard(sound)
        if found.score_per_word < SURE:
            slower = soxr.resample(sound, SAMPLE_RATE, SAMPLE_RATE * SLOWER, quality="LQ")
            found = max(found, self._heard(np.asarray(slower, np.float32)))
        return " ".join(found.words)

    def _heard(self, sound: NDArray[np.float32]) -> WordSequence:
        heard = self._moonshine.hear(np.pad(sound, (QUIET_BEFORE, QUIET_AFTER)))
        return self._search.best(heard, len(sound) / SAMPLE_RATE)
