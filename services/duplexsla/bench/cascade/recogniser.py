"""Speech to text: Moonshine, fitted to a toolset's domain by the texts of the training split."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from duplexsla.bench.cascade.moonshine import Moonshine
from duplexsla.bench.cascade.word_model import WordModel
from duplexsla.bench.cascade.word_search import WordSearch
from duplexsla.clock import SAMPLE_RATE

Transcribe = Callable[[NDArray[np.int16]], str]

QUIET_BEFORE, QUIET_AFTER = 3_000, 6_000  # samples of silence around what it hears
LOUDNESS = 0.05  # rms
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
        heard = self._moonshine.hear(np.pad(sound, (QUIET_BEFORE, QUIET_AFTER)))
        return " ".join(self._search.best(heard, len(samples) / SAMPLE_RATE))
