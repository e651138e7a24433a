import numpy as np
from numpy.typing import NDArray

from duplexsla_lab.bench.systems.cascade.moonshine import END
from duplexsla_lab.bench.systems.cascade.word_model import WordModel
from duplexsla_lab.bench.systems.cascade.word_search import PUNCTUATION, WordSearch
from duplexsla_lab.bench.systems.cascade.word_trie import BLANK, FIRST_MERGED, Tokenizer

TEXTS = ["turn on the light", "turn off the light", "turn on the radio"]
WORDS = sorted({word for text in TEXTS for word in text.split()})
LETTERS = sorted({letter for word in WORDS for form in (word, word.capitalize()) for letter in form})
TOKENIZER = Tokenizer(["x"] * FIRST_MERGED + [BLANK, *LETTERS, *PUNCTUATION])
SIZE = FIRST_MERGED + 1 + len(LETTERS) + len(PUNCTUATION)


class Said:
    """A recording that spells a text, and gives a share of every step to each other token."""

    def __init__(self, text: str, *, doubt: float = 0.001) -> None:
        self._tokens: list[int] = []
        for word in text.split():
            plain = word.rstrip("".join(PUNCTUATION))
            self._tokens += TOKENIZER.encode(plain)
            self._tokens += [TOKENIZER.tokens[mark] for mark in word[len(plain) :]]
        self._tokens.append(END)
        self._doubt, self._step = doubt, 0

    def follow(self, parents: list[int], tokens: list[int]) -> NDArray[np.float32]:
        heard = np.full((len(tokens), SIZE), np.log(self._doubt), np.float32)
        heard[:, self._tokens[min(self._step, len(self._tokens) - 1)]] = np.log(1 - self._doubt)
        self._step += 1
        return heard


def best(sound: Said) -> str:
    return " ".join(WordSearch(WordModel(TEXTS), TOKENIZER).best(sound, length_s=4.0).words)


def test_what_is_spelled_clearly_is_found() -> None:
    assert best(Said("turn off the light")) == "turn off the light"
    assert best(Said("Turn on the radio.")) == "turn on the radio"


def test_a_mark_between_words_is_no_word() -> None:
    assert best(Said("turn on, the light")) == "turn on the light"


def test_a_word_that_nobody_knows_becomes_one_that_fits() -> None:
    heard = best(Said("turn on the lighd", doubt=0.02))
    assert heard == "turn on the light"
