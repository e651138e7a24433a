"""Which values go together, counted over all examples."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from duplexsla_lab.data.language.exchange import Value

UNSEEN = 0.05  # of a count
MAX_PAIR = 8.0  # nats that a pair of values may add or take

Given = tuple[str, Value]


class CooccurrenceCounts:
    """Counts of functions, of their values, and of pairs of values."""

    def __init__(self) -> None:
        self._functions: Counter[str | None] = Counter()
        self._singles: Counter[tuple[str | None, Given]] = Counter()
        self._pairs: Counter[tuple[str | None, frozenset[Given]]] = Counter()

    def add(self, function: str | None, arguments: Mapping[str, Value]) -> None:
        self._functions[function] += 1
        for each in arguments.items():
            self._singles[function, each] += 1
            for other in arguments.items():
                if other[0] < each[0]:
                    self._pairs[function, frozenset((each, other))] += 1

    def seen(self, function: str, value: Given) -> bool:
        return self._singles[function, value] > 0

    def log_likelihood(
        self, function: str | None, fixed: Iterable[Given], slots: Mapping[str, Value], count: int
    ) -> float:
        """Natural logarithm of how likely it is that a template, which meant this `count` times, means it
        with these values in its slots."""
        all_ = self._functions[function]
        score = math.log(count + UNSEEN)
        for slot in slots.items():
            score += math.log((self._singles[function, slot] + UNSEEN) / all_)
            score += sum(self._together(function, each, slot) for each in fixed)
        return score

    def _together(self, function: str | None, one: Given, other: Given) -> float:
        pairs = self._pairs[function, frozenset((one, other))] + UNSEEN
        chance = (self._singles[function, one] + 1) * (self._singles[function, other] + 1)
        return min(MAX_PAIR, max(-MAX_PAIR, math.log(pairs * self._functions[function] / chance)))
