"""What is counted and timed, under plain names; those of seconds, sessions and processes add up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from duplexsla_loadtest.histogram import LogHistogram


@dataclass
class Metrics:
    """Counts by name, and times (ms) by name."""

    counts: Counter[str] = field(default_factory=Counter)
    times: defaultdict[str, LogHistogram] = field(default_factory=lambda: defaultdict(LogHistogram))

    def add(self, other: Metrics) -> None:
        self.counts.update(other.counts)
        for name, histogram in other.times.items():
            self.times[name].add(histogram)

    def row(self) -> dict[str, Any]:
        """For a file or a pipe."""
        return {
            "counts": dict(self.counts),
            "times": {name: histogram.pairs() for name, histogram in self.times.items()},
        }


def metrics_of(row: Mapping[str, Any]) -> Metrics:
    """Inverse of `Metrics.row`."""
    found = Metrics(Counter(row["counts"]))
    found.times.update({name: LogHistogram(pairs) for name, pairs in row["times"].items()})
    return found


def total(parts: Iterable[Metrics]) -> Metrics:
    added = Metrics()
    for each in parts:
        added.add(each)
    return added


@dataclass
class MetricsRecorder:
    """Records one session: by second of the run, and, once the warm-up is over, for the session."""

    seconds: defaultdict[int, Metrics]  # of the whole process
    warm_up_s: float
    session: Metrics = field(default_factory=Metrics)

    def count(self, at_s: float, name: str, number: int = 1, *, always: bool = False) -> None:
        """`at_s` is when it was due, in seconds of the run; `always`: also when that was in the warm-up."""
        for each in self._targets(at_s, always):
            each.counts[name] += number

    def time(self, at_s: float, name: str, ms: float, *, always: bool = False) -> None:
        for each in self._targets(at_s, always):
            each.times[name].record(ms)

    def is_measured(self, at_s: float) -> bool:
        return at_s >= self.warm_up_s

    def _targets(self, at_s: float, always: bool) -> tuple[Metrics, ...]:
        second = self.seconds[int(at_s)]
        return (second, self.session) if always or self.is_measured(at_s) else (second,)
