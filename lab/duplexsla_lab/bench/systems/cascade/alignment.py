"""How well a template fits what was heard: words may be wrong, missing or too many, at a cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from duplexsla_lab.bench.systems.cascade.compounds import Filler, Fillers, Slots
from duplexsla_lab.bench.systems.cascade.weights import FREE, SLOT, WordWeights
from duplexsla_lab.data.language.exchange import Value

LONGER_WEIGHT = 1.0  # for each further word of a value
MODIFIER_WEIGHT = 0.8  # for a value that modifies another one
MISSING, EXTRA, OUTSIDE = 0.7, 0.7, 0.6  # cost of a weight that is not there, or not in the template
RELATED_SHARE = 0.5  # share of a weight for another form of the word
SAME_LETTERS = 4  # at the beginning of two forms of a word


@dataclass(frozen=True, slots=True)
class Fit:
    """score: the weight that fits less the costs; quality: its share of the template's weight."""

    score: float
    quality: float
    slots: dict[str, Value]


Alignment = tuple[float, Slots]  # score, slots filled
NO_ALIGNMENT: Alignment = (-math.inf, ())


def fit(
    tokens: Sequence[str], words: Sequence[str], fillers: Fillers, weights: WordWeights, at: int = 0
) -> Fit:
    """The best alignment of a whole template with any part of the words. `at`: where fillers count from."""
    word_costs = [weights.cost(word) for word in words]
    alignments: list[Alignment] = []  # by words used up, for the tokens so far
    before = 0.0
    for weight in [*word_costs, 0.0]:
        alignments.append((-OUTSIDE * before, ()))
        before += weight
    for token in tokens:
        alignments = _with_token(alignments, token, words, word_costs, fillers, weights[token], at)
    behind = 0.0
    best = alignments[-1]
    for end in range(len(words) - 1, -1, -1):
        behind += word_costs[end]
        best = max(best, (alignments[end][0] - OUTSIDE * behind, alignments[end][1]), key=_score)
    total = sum(weights[token] for token in tokens)
    return Fit(best[0], best[0] / total, dict(best[1]))


def _score(alignment: Alignment) -> float:
    return alignment[0]


def _with_token(
    alignments: Sequence[Alignment],
    token: str,
    words: Sequence[str],
    word_costs: Sequence[float],
    fillers: Fillers,
    weight: float,
    at: int,
) -> list[Alignment]:
    """One token more: left out, or found; and then any words that are too many."""
    reached = [(score - MISSING * weight, slots) for score, slots in alignments]
    slot = token[1:-1] if token.startswith("{") else ""
    for start, (score, slots) in enumerate(alignments[:-1]):
        if slot:
            for filler in fillers.get(slot, {}).get(start + at, ()):
                end = filler.end - at
                if end <= len(words):
                    new = (score + _gain(filler), (*slots, (slot, filler.value), *filler.modifiers))
                    reached[end] = max(reached[end], new, key=_score)
        elif (share := similarity(token, words[start])) > 0:
            reached[start + 1] = max(reached[start + 1], (score + share * weight, slots), key=_score)
    for start in range(len(words)):
        skipped = (reached[start][0] - EXTRA * word_costs[start], reached[start][1])
        reached[start + 1] = max(reached[start + 1], skipped, key=_score)
    return reached


def _gain(filler: Filler) -> float:
    if not filler.known:
        return FREE
    further_words = len(str(filler.value).split()) - 1
    return SLOT + MODIFIER_WEIGHT * len(filler.modifiers) + LONGER_WEIGHT * further_words


@lru_cache(65_536)
def similarity(one: str, other: str) -> float:
    """1 for a word itself, less for another form of it ("lights", "locked"), else 0."""
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    same = len(shorter) >= SAME_LETTERS and longer.startswith(shorter) and len(longer) - len(shorter) <= 3
    return RELATED_SHARE if same else 0.0
