"""How well a template fits what was heard: words may be wrong, missing or too many, at a cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from duplexsla_lab.bench.systems.cascade.compounds import Filler, Fillers, Slots
from duplexsla_lab.bench.systems.cascade.weights import FREE, SLOT, WordWeights
from duplexsla_lab.data.language.exchange import Value

LONGER, BESIDE = 1.0, 0.8  # more weight for each further word of a value, and for a value beside it
MISSING, EXTRA, OUTSIDE = 0.7, 0.7, 0.6  # cost of a weight that is not there, or not in the template
ALIKE = 0.5  # share of a weight for another form of the word
SAME_LETTERS = 4  # at the beginning of two forms of a word


@dataclass(frozen=True, slots=True)
class Fit:
    """score: the weight that fits less the costs; quality: its share of the template's weight."""

    score: float
    quality: float
    slots: dict[str, Value]


Way = tuple[float, Slots]  # score, slots filled
NO_WAY: Way = (-math.inf, ())


def fit(
    tokens: Sequence[str], words: Sequence[str], fillers: Fillers, weights: WordWeights, at: int = 0
) -> Fit:
    """The best alignment of a whole template with any part of the words. `at`: where fillers count from."""
    own = [weights.spare(word) for word in words]
    ways: list[Way] = []  # by words used up, for the tokens so far
    before = 0.0
    for weight in [*own, 0.0]:
        ways.append((-OUTSIDE * before, ()))
        before += weight
    for token in tokens:
        ways = _with_token(ways, token, words, own, fillers, weights[token], at)
    behind = 0.0
    best = ways[-1]
    for end in range(len(words) - 1, -1, -1):
        behind += own[end]
        best = max(best, (ways[end][0] - OUTSIDE * behind, ways[end][1]), key=_score)
    total = sum(weights[token] for token in tokens)
    return Fit(best[0], best[0] / total, dict(best[1]))


def _score(way: Way) -> float:
    return way[0]


def _with_token(
    ways: Sequence[Way],
    token: str,
    words: Sequence[str],
    own: Sequence[float],
    fillers: Fillers,
    weight: float,
    at: int,
) -> list[Way]:
    """One token more: left out, or found; and then any words that are too many."""
    reached = [(score - MISSING * weight, slots) for score, slots in ways]
    slot = token[1:-1] if token.startswith("{") else ""
    for start, (score, slots) in enumerate(ways[:-1]):
        if slot:
            for filler in fillers.get(slot, {}).get(start + at, ()):
                end = filler.end - at
                if end <= len(words):
                    new = (score + _gain(filler), (*slots, (slot, filler.value), *filler.beside))
                    reached[end] = max(reached[end], new, key=_score)
        elif (share := alike(token, words[start])) > 0:
            reached[start + 1] = max(reached[start + 1], (score + share * weight, slots), key=_score)
    for start in range(len(words)):
        skipped = (reached[start][0] - EXTRA * own[start], reached[start][1])
        reached[start + 1] = max(reached[start + 1], skipped, key=_score)
    return reached


def _gain(filler: Filler) -> float:
    if not filler.known:
        return FREE
    return SLOT + BESIDE * len(filler.beside) + LONGER * (len(str(filler.value).split()) - 1)


@lru_cache(65_536)
def alike(one: str, other: str) -> float:
    """1 for a word itself, less for another form of it ("lights", "locked"), else 0."""
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    same = len(shorter) >= SAME_LETTERS and longer.startswith(shorter) and len(longer) - len(shorter) <= 3
    return ALIKE if same else 0.0
