"""Transcript to tool calls. It stands in for the language model of the paper's cascade.

Nothing is generated: what was heard is compared with every way of asking that the training split has, and
the best fit gives function and arguments. Several requests in one transcript are told apart at "and" and
"then". What fits nothing is small talk that was not understood.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from duplexsla.tools.schema import Toolset
from duplexsla_lab.bench.systems.cascade.alignment import MISSING, fit
from duplexsla_lab.bench.systems.cascade.compounds import Fillers
from duplexsla_lab.bench.systems.cascade.slot_values import SlotValues
from duplexsla_lab.bench.systems.cascade.templates import Interpretation, Template, Templates
from duplexsla_lab.bench.systems.cascade.training_texts import TrainingTexts
from duplexsla_lab.bench.systems.cascade.weights import FREE, SLOT, WordWeights
from duplexsla_lab.data.language.exchange import Arguments

JOINTS = frozenset(("and", "then"))
MAX_JOINTS = 6  # joints that are looked at
CANDIDATES = 30  # templates that are aligned, of all
MIN_QUALITY = 0.4  # quality below which nothing was understood
SPLIT = 1.0  # what a further request must gain
FREQUENCY_WEIGHT = 0.1  # score for e times as many examples


@dataclass(frozen=True, slots=True)
class PlannedCalls:
    """calls: (function, arguments) in the order in which they were asked for.

    complete: everything that was said has been understood, so the user has probably finished.
    """

    calls: tuple[tuple[str, Arguments], ...] = ()
    reply: str = ""
    complete: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    score: float
    meaning: Interpretation | None


class Planner:
    """The planner of one toolset."""

    def __init__(self, toolset: Toolset, texts: TrainingTexts) -> None:
        self._values = SlotValues(toolset)
        self._templates = Templates(texts.examples, toolset, self._values)
        self._weights = WordWeights(self._templates.all, self._values.words())
        self._index = _Index(self._templates.all, self._weights)

    def plan(self, transcript: str) -> PlannedCalls:
        words = transcript.split()
        if not words:
            return PlannedCalls()
        parts = self._parts(words)
        meanings = [part.meaning for part in parts]
        calls = tuple((each.function, each.arguments) for each in meanings if each and each.function)
        replies = [each.reply for each in meanings if each and not each.function]
        return PlannedCalls(calls, " ".join(replies), complete=None not in meanings)

    def _parts(self, words: Sequence[str]) -> list[_Part]:
        """The cuts between requests that fit best."""
        fillers = self._values.fillers(words)
        joints = [at for at, word in enumerate(words) if word in JOINTS and 0 < at < len(words) - 1]
        cuts = [0, *joints[:MAX_JOINTS], len(words)]
        best: list[tuple[float, list[_Part]]] = [(0.0, [])]  # of the words before each cut
        for last in range(1, len(cuts)):
            ways = []
            for first in range(last):
                part = self._part(words, cuts[first], cuts[last], fillers)
                ways.append((best[first][0] + part.score - SPLIT, [*best[first][1], part]))
            best.append(max(ways, key=lambda way: way[0]))
        return best[-1][1]

    def _part(self, words: Sequence[str], start: int, end: int, fillers: Fillers) -> _Part:
        """What the words [start, end) mean as one request."""
        part = words[start:end]
        nothing = -MISSING * sum(self._weights.cost(word) for word in part)
        best = _Part(nothing, None)
        for template in self._index.nearest(part, _slots(fillers, start, end)):
            found = fit(template.tokens, part, fillers, self._weights, start)
            score = found.score + FREQUENCY_WEIGHT * float(np.log(template.count))
            if found.quality >= MIN_QUALITY and score > best.score:
                meaning = self._templates.interpret(template, found.slots)
                best = _Part(score, meaning) if meaning else best
        return best


def _slots(fillers: Fillers, start: int, end: int) -> dict[str, float]:
    """What each slot can gain from words of [start, end)."""
    gains: dict[str, float] = {}
    for name, places in fillers.items():
        inside = [each for at, all_ in places.items() if start <= at for each in all_ if each.end <= end]
        if inside:
            gains[f"{{{name}}}"] = SLOT if any(each.known for each in inside) else FREE
    return gains


class _Index:
    """Finds the templates that share most with what was heard, whatever the order."""

    def __init__(self, templates: Sequence[Template], weights: WordWeights) -> None:
        self._templates = templates
        self._places: dict[str, list[int]] = defaultdict(list)
        tokens = [token for template in templates for token in template.tokens]
        for place, token in enumerate(tokens):
            self._places[token].append(place)
        self._owners = np.repeat(np.arange(len(templates)), [len(each.tokens) for each in templates])
        self._weights = np.array([weights[token] for token in tokens])

    def nearest(self, words: Sequence[str], slots: Mapping[str, float]) -> list[Template]:
        gains = -MISSING * self._weights
        for token in {*words, *slots} & self._places.keys():
            places = self._places[token]
            gains[places] = slots.get(token, self._weights[places])
        scores = np.bincount(self._owners, gains, len(self._templates))
        return [self._templates[i] for i in np.argsort(-scores, kind="stable")[:CANDIDATES]]
