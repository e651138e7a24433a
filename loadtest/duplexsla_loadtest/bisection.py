"""Finds the most sessions that hold the objectives: doubles, bisects, repeats near the edge. Pure: it asks
for a load, and gets how that went.

A load holds when most of its trials did. The number is the largest load that holds below the smallest that
does not; the interval reaches from the largest load all of whose trials held to the smallest none of whose
did.
"""

from collections import Counter
from dataclasses import dataclass

from duplexsla.errors import SettingError

VOID_TRIALS = 2  # of one load; then the tester's own limit is reached


@dataclass(frozen=True)
class Capacity:
    """The answer. `most` is None when no load failed, `limited` says what stopped the search then."""

    number: int
    least: int
    most: int | None
    limited: str  # "": the objectives; "tester": void above; "range": the search was not allowed to go higher


class Bisection:
    """`next()` is the load to try, None: the search is over. `record()` says how it went."""

    def __init__(self, *, first: int, most: int, resolution: float, repeats: int) -> None:
        """`resolution`: as near as this share of the number; `repeats`: trials on each side of the edge."""
        if not 1 <= first <= most:
            raise SettingError(f"search from {first} to {most} sessions: there is nothing between")
        self._first, self._most = first, most
        self._resolution, self._repeats = resolution, repeats
        self.trials: dict[int, list[bool]] = {}
        self._void: Counter[int] = Counter()

    def record(self, load: int, held: bool | None) -> None:
        """`held` None: the run was void."""
        if held is None:
            self._void[load] += 1
        else:
            self.trials.setdefault(load, []).append(held)

    def next(self) -> int | None:
        low, high = self._edge()
        if high is None and low < self._most:
            return min(2 * low, self._most) or self._first
        if high is not None and high - low > self._step(low):
            return (low + high) // 2
        return next((load for load in (low, high) if load in self.trials and self._undecided(load)), None)

    def capacity(self) -> Capacity:
        low, high = self._edge()
        always = [load for load, held in self.trials.items() if all(held) and load <= low]
        never = [load for load, held in self.trials.items() if not any(held) and load > low]
        limited = "range" if high is None else "" if high in self.trials else "tester"
        return Capacity(low, max(always, default=0), min(never, default=None), limited)

    def _edge(self) -> tuple[int, int | None]:
        """The largest load that holds, or 0; the smallest that does not, or is void, or None."""
        void = [
            load for load, times in self._void.items() if times >= VOID_TRIALS and load not in self.trials
        ]
        failing = [load for load in self.trials if not self._holds(load)]
        high = min([*failing, *void], default=None)
        holding = [load for load in self.trials if self._holds(load) and (high is None or load < high)]
        return max(holding, default=0), high

    def _undecided(self, load: int) -> bool:
        return len(self.trials[load]) < self._repeats and self._void[load] < VOID_TRIALS

    def _step(self, low: int) -> int:
        return max(1, int(low * self._resolution))

    def _holds(self, load: int) -> bool:
        tried = self.trials[load]
        return 2 * sum(tried) > len(tried)
