"""A trigram model of words: absolute discounting, interpolated down to one word.

It knows the words of its texts and the end of a sentence, nothing else.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

DISCOUNT = 0.75
CACHED = 4_096  # histories whose probabilities stay in memory: some 16 MB

History = tuple[int, int]  # the two words before; NOTHING at the beginning
NOTHING = -1
START: History = (NOTHING, NOTHING)


class WordModel:
    """Counts different sentences: how often one was drawn means nothing.

    `words` by number; the number behind the last word is the end of the sentence.
    """

    def __init__(self, sentences: Iterable[str]) -> None:
        texts = [text.split() for text in dict.fromkeys(sentences)]
        self.words = tuple(sorted({word for text in texts for word in text}))
        self.end = len(self.words)
        numbers = {word: number for number, word in enumerate(self.words)}
        self._pairs: dict[int, Counter[int]] = defaultdict(Counter)
        self._triples: dict[History, Counter[int]] = defaultdict(Counter)
        single = np.full(self.end + 1, 0.5)
        for text in texts:
            before, last = START
            for number in (*(numbers[word] for word in text), self.end):
                single[number] += 1
                self._pairs[last][number] += 1
                self._triples[before, last][number] += 1
                before, last = last, number
        self._single = single / single.sum()
        self.log_probabilities = lru_cache(CACHED)(self._log_probabilities)

    def _log_probabilities(self, history: History) -> NDArray[np.float32]:
        """Natural logarithms, float32 [words + 1], of what comes behind two words."""
        pair = _interpolated(self._pairs.get(history[1], {}), self._single)
        return np.log(_interpolated(self._triples.get(history, {}), pair)).astype(np.float32)


def _interpolated(counts: Mapping[int, int], lower: NDArray[np.float64]) -> NDArray[np.float64]:
    if not counts:
        return lower
    total = sum(counts.values())
    found = lower * (DISCOUNT * len(counts) / total)
    found[list(counts)] += (np.fromiter(counts.values(), float) - DISCOUNT) / total
    return found
