"""Words as the recogniser's tokens: a byte-pair tokenizer read from its file, and a trie of a vocabulary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BLANK = "\u2581"  # how a token shows the blank before a word
FIRST_MERGED = 259  # before it stand three marks and 256 bytes


class Tokenizer:
    """`pieces` by token; of two neighbours that make a token, those of the lowest are joined first."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.tokens: dict[str, int] = {}
        for token, piece in enumerate(pieces):
            if token >= FIRST_MERGED:
                self.tokens.setdefault(piece, token)

    def encode(self, word: str) -> list[int]:
        """A word with the blank before it. Raises KeyError for a character that no token has."""
        parts = [BLANK, *word]
        while True:
            pairs = ((self.tokens.get(a + b), at) for at, (a, b) in enumerate(pairwise(parts)))
            joined = min(((token, at) for token, at in pairs if token is not None), default=None)
            if joined is None:
                return [self.tokens[part] for part in parts]
            at = joined[1]
            parts[at : at + 2] = [parts[at] + parts[at + 1]]


def read_pieces(raw: bytes) -> list[str]:
    """The pieces of a tokenizer file: each with its length before it, in one byte or, from 128 on, two."""
    pieces, at = [], 0
    while at < len(raw):
        length, at = raw[at], at + 1
        if length >= 128:
            length, at = length - 128 + 128 * raw[at], at + 1
        pieces.append(raw[at : at + length].decode("utf-8", "replace"))
        at += length
    return pieces


@dataclass(eq=False, slots=True)
class TrieNode:
    """tokens int64 [n]: what may follow, to `nodes`; `best` needs the words behind each of them.

    word: the word that is complete here, or -1.
    """

    nodes: list["TrieNode"] = field(default_factory=list)
    word: int = -1
    tokens: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _below: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def best(self, log_probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """For each token, the most that any word can still have that begins with it: float32 [n]."""
        return np.maximum.reduceat(log_probabilities[self._below], self._starts)


def word_trie(words: Sequence[str], tokenizer: Tokenizer) -> TrieNode:
    """Of all words, each also with a capital: the recogniser writes sentences and names so."""
    spelled = [
        (tuple(tokenizer.encode(form)), number)
        for number, word in enumerate(words)
        for form in {word, word.capitalize()}
    ]
    return _node(spelled, 0)


def _node(spelled: Iterable[tuple[tuple[int, ...], int]], depth: int) -> TrieNode:
    node, behind = TrieNode(), dict[int, list[tuple[tuple[int, ...], int]]]()
    for tokens, number in spelled:
        if len(tokens) == depth:
            node.word = number
        else:
            behind.setdefault(tokens[depth], []).append((tokens, number))
    if behind:
        below = [sorted({number for _, number in each}) for each in behind.values()]
        node.tokens = np.array(list(behind))
        node.nodes = [_node(each, depth + 1) for each in behind.values()]
        node._below = np.concatenate([np.array(each) for each in below])
        node._starts = np.cumsum([0, *map(len, below[:-1])])
    return node
