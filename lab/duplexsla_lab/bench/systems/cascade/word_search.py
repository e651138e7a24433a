"""The best sentence for a recording: a beam over tokens, held to a vocabulary and led by a word model.

Shallow fusion, as recognisers are fitted to a domain: log p(tokens | sound) + WEIGHT log p(words) + BONUS for
every word. A word's probability is charged when it is over; before, a hypothesis is measured by the most
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
    """A recording about which hypotheses can be followed; see `moonshine.Heard`."""

    def follow(self, parents: list[int], tokens: list[int], /) -> NDArray[np.float32]: ...


class WordSequence(NamedTuple):
    score: float
    words: tuple[str, ...]

    @property
    def score_per_word(self) -> float:
        return self.score / max(1, len(self.words))


class _Hypothesis(NamedTuple):
    seen: float  # the score with the best word that may still come
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
            heard = sound.follow([each.parent for each in beam], [each.token for each in beam])
            longer: list[_Hypothesis] = []
            for parent, hypothesis in enumerate(beam):
                longer += self._inside(hypothesis, heard[parent], parent)
                if hypothesis.node.word >= 0:
                    over = self._word_over(hypothesis)
                    longer += self._inside(over, heard[parent], parent)
                    longer += self._marked(hypothesis, over, heard[parent], parent)
                    found = max(found, (self._ended(over, heard[parent]), over.words))
            beam = sorted(longer, key=lambda each: -each.seen)[: self._beam]
            if not beam or found[0] > beam[0].seen:
                break
        return WordSequence(found[0], tuple(self._model.words[number] for number in found[1]))

    def _inside(self, hypothesis: _Hypothesis, heard: NDArray[np.float32], parent: int) -> list[_Hypothesis]:
        """One token more of the word under way."""
        node, history = hypothesis.node, hypothesis.history
        if not node.nodes:
            return []
        scores = hypothesis.score + heard[node.tokens]
        seen = scores + WEIGHT * node.best(self._model.log_probabilities(history))
        most = np.argsort(-seen)[: self._beam]
        return [
            _Hypothesis(
                seen[i], scores[i], node.nodes[i], history, hypothesis.words, int(node.tokens[i]), parent
            )
            for i in most
        ]

    def _word_over(self, hypothesis: _Hypothesis) -> _Hypothesis:
        number = hypothesis.node.word
        score = hypothesis.score + WEIGHT * self._model.log_probabilities(hypothesis.history)[number] + BONUS
        return hypothesis._replace(
            score=score,
            node=self._root,
            history=(hypothesis.history[1], number),
            words=(*hypothesis.words, number),
        )

    def _marked(
        self, before: _Hypothesis, over: _Hypothesis, heard: NDArray[np.float32], parent: int
    ) -> list[_Hypothesis]:
        """A comma, a stop or a question mark behind the word, which stays the word under way."""
        return [
            before._replace(
                seen=over.score - BONUS + heard[token],
                score=before.score + heard[token],
                token=token,
                parent=parent,
            )
            for token in self._punctuation
        ]

    def _ended(self, over: _Hypothesis, heard: NDArray[np.float32]) -> float:
        last = self._model.log_probabilities(over.history)[self._model.end]
        return float(over.score + WEIGHT * last + heard[END])
