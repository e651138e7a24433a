"""What is counted and timed, under plain names; tallies of seconds, sessions and processes add up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from duplexsla_loadtest.histogram import LogHistogram


@dataclass
class MetricSums:
    """Counts by name, and times (ms) by name."""

    counts: Counter[str] = field(default_factory=Counter)
    times: defaultdict[str, LogHistogram] = field(default_factory=lambda: defaultdict(LogHistogram))

    def add(self, other: MetricSums) -> None:
        self.counts.update(other.counts)
        for name, histogram in other.times.items():
            self.times[name].add(histogram)

    def row(self) -> dict[str, Any]:
        """For a file or a pipe."""
        return {
            "counts": dict(self.counts),
            "times": {name: histogram.pairs() for name, histogram in self.times.items()},
        }


def tally(row: Mapping[str, Any]) -> MetricSums:
    """Inverse of `MetricSums.row`."""
    found = MetricSums(Counter(row["counts"]))
    found.times.update({name: LogHistogram(pairs) for name, pairs in row["times"].items()})
    return found


def total(tallies: Iterable[MetricSums]) -> MetricSums:
    added = MetricSums()
    for each in tallies:
        added.add(each)
    return added


@dataclass
class MetricSheet:
    """Where one session writes: by second of the run, and, once the warm-up is over, in its own tally."""

    seconds: defaultdict[int, MetricSums]  # of the whole process
    warm_up_s: float
    session: MetricSums = field(default_factory=MetricSums)

    def count(self, at_s: float, name: str, number: int = 1, *, always: bool = False) -> None:
        """`at_s` is when it was due, in seconds of the run; `always`: also when that was in the warm-up."""
        for each in self._open(at_s, always):
            each.counts[name] += number

    def time(self, at_s: float, name: str, ms: float, *, always: bool = False) -> None:
        for each in self._open(at_s, always):
            each.times[name].record(ms)

    def measures(self, at_s: float) -> bool:
        return at_s >= self.warm_up_s

    def _open(self, at_s: float, always: bool) -> tuple[MetricSums, ...]:
        second = self.seconds[int(at_s)]
        return (second, self.session) if always or self.measures(at_s) else (second,)
