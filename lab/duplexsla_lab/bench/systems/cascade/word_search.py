"""The best sentence for a recording: a beam over tokens, held to a vocabulary and led by a word model.

Shallow fusion, as recognisers are fitted to a domain: log p(tokens | sound) + WEIGHT log p(words) + BONUS for
every word. A word's probability is charged when it is completed; before, a hypothesis is measured by the most
probable word that it can still become.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from duplexsla_lab.bench.systems.cascade.moonshine import BEGIN, END
from duplexsla_lab.bench.systems.cascade.word_model import START, History, WordModel
from duplexsla_lab.bench.systems.cascade.word_trie import Tokenizer, TrieNode, word_trie

WEIGHT, BONUS = 0.5, 2.5  # found with voices of the training side
BEAM = 12
PUNCTUATION = (",", ".", "?")  # is written and means no word
TOKENS_A_SECOND, MORE_TOKENS = 8, 8  # more than people say


class Sound(Protocol):
    """A recording about which hypotheses can be followed; see `moonshine.Recognition`."""

    def follow(self, parents: list[int], tokens: list[int], /) -> NDArray[np.float32]: ...


class WordSequence(NamedTuple):
    score: float
    words: tuple[str, ...]

    @property
    def score_per_word(self) -> float:
        return self.score / max(1, len(self.words))


class _Hypothesis(NamedTuple):
    bound: float  # the score with the best word that may still come
    score: float
    node: TrieNode
    history: History
    words: tuple[int, ...]
    token: int
    parent: int


class WordSearch:
    """Finds sentences of a word model's words."""

    def __init__(self, model: WordModel, tokenizer: Tokenizer, *, beam: int = BEAM) -> None:
        self._model, self._beam = model, beam
        self._root = word_trie(model.words, tokenizer)
        self._punctuation = [tokenizer.tokens[mark] for mark in PUNCTUATION]

    def best(self, sound: Sound, length_s: float) -> WordSequence:
        """What was said; no words when no sentence came to its end."""
        beam = [_Hypothesis(0.0, 0.0, self._root, START, (), BEGIN, 0)]
        found: tuple[float, tuple[int, ...]] = (-np.inf, ())
        for _ in range(int(length_s * TOKENS_A_SECOND) + MORE_TOKENS):
            log_probabilities = sound.follow([each.parent for each in beam], [each.token for each in beam])
            longer: list[_Hypothesis] = []
            for parent, hypothesis in enumerate(beam):
                longer += self._extended(hypothesis, log_probabilities[parent], parent)
                if hypothesis.node.word >= 0:
                    completed = self._completed(hypothesis)
                    longer += self._extended(completed, log_probabilities[parent], parent)
                    longer += self._punctuated(hypothesis, completed, log_probabilities[parent], parent)
                    found = max(
                        found, (self._final_score(completed, log_probabilities[parent]), completed.words)
                    )
            beam = sorted(longer, key=lambda each: -each.bound)[: self._beam]
            if not beam or found[0] > beam[0].bound:
                break
        return WordSequence(found[0], tuple(self._model.words[number] for number in found[1]))

    def _extended(
        self, hypothesis: _Hypothesis, log_probabilities: NDArray[np.float32], parent: int
    ) -> list[_Hypothesis]:
        """One token more of the word under way."""
        node, history = hypothesis.node, hypothesis.history
        if not node.nodes:
            return []
        scores = hypothesis.score + log_probabilities[node.tokens]
        bound = scores + WEIGHT * node.best(self._model.log_probabilities(history))
        most = np.argsort(-bound)[: self._beam]
        return [
            _Hypothesis(
                bound[i], scores[i], node.nodes[i], history, hypothesis.words, int(node.tokens[i]), parent
            )
            for i in most
        ]

    def _completed(self, hypothesis: _Hypothesis) -> _Hypothesis:
        number = hypothesis.node.word
        score = hypothesis.score + WEIGHT * self._model.log_probabilities(hypothesis.history)[number] + BONUS
        return hypothesis._replace(
            score=score,
            node=self._root,
            history=(hypothesis.history[1], number),
            words=(*hypothesis.words, number),
        )

    def _punctuated(
        self, before: _Hypothesis, completed: _Hypothesis, log_probabilities: NDArray[np.float32], parent: int
    ) -> list[_Hypothesis]:
        """A comma, a stop or a question mark behind the word, which stays the word under way."""
        return [
            before._replace(
                bound=completed.score - BONUS + log_probabilities[token],
                score=before.score + log_probabilities[token],
                token=token,
                parent=parent,
            )
            for token in self._punctuation
        ]

    def _final_score(self, completed: _Hypothesis, log_probabilities: NDArray[np.float32]) -> float:
        last = self._model.log_probabilities(completed.history)[self._model.end]
        return float(completed.score + WEIGHT * last + log_probabilities[END])
