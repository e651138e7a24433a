"""The search for the most sessions, run for run: plays what `Bisection` asks for, keeps the curve."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from duplexsla_loadtest.bisection import Bisection, Capacity
from duplexsla_loadtest.coordinator import Job
from duplexsla_loadtest.report import Report

CURVE = ("step_p50_ms", "step_p99_ms", "miss_ratio", "action_p99_ms", "refused_ratio", "own_lag_p99_ms")
LIMITED = {
    "": "above, the objectives are missed",
    "range": "the search was not allowed to go higher: give a larger --most",
    "tester": "above, the load test itself is too slow: give it more cores, or another machine",
}


@dataclass(frozen=True)
class Trial:
    """One run of the search."""

    sessions: int
    verdict: str
    figures: Mapping[str, float]
    missed: Sequence[str]  # objectives


@dataclass(frozen=True)
class CapacityResult:
    """A search that is over."""

    capacity: Capacity
    trials: Sequence[Trial]

    @property
    def status(self) -> int:
        """Of the command: 0 when at least the smallest load held."""
        return 0 if self.capacity.number else 1

    def row(self) -> dict[str, Any]:
        found = self.capacity
        return {
            "sessions": found.number,
            "interval": [found.least, found.most],
            "limited": LIMITED[found.limited],
            "curve": self.curve(),
        }

    def curve(self) -> list[dict[str, Any]]:
        """Each load that was tried: how its trials went, and its figures' means."""
        loads = sorted({trial.sessions for trial in self.trials})
        return [_load(load, [each for each in self.trials if each.sessions == load]) for load in loads]


def search_capacity(
    job: Job,
    search: Bisection,
    play: Callable[[Job], Report],
    on_trial: Callable[[Trial], None],
    *,
    rest_s: float,
) -> CapacityResult:
    """Plays until the search is over; the service rests between two runs."""
    trials: list[Trial] = []
    while (sessions := search.next()) is not None:
        if trials:
            time.sleep(rest_s)
        load = replace(job.load, sessions=sessions, seed=job.load.seed + len(trials))
        report = play(replace(job, load=load))
        trials.append(_trial(sessions, report))
        on_trial(trials[-1])
        search.record(sessions, None if report.verdict.void else report.verdict.word == "held")
    return CapacityResult(search.capacity(), trials)


def line(trial: Trial) -> str:
    figures = "  ".join(f"{name} {trial.figures[name]:g}" for name in CURVE if name in trial.figures)
    return f"{trial.sessions:>5} sessions  {trial.verdict:<7}{figures}  {', '.join(trial.missed)}"


def text(result: CapacityResult) -> str:
    """The curve, and the conclusion."""
    head = f"{'sessions':>8}{'held':>6}{'of':>4}" + "".join(f"{name:>17}" for name in CURVE)
    rows = [
        f"{row['sessions']:>8}{row['held']:>6}{row['trials']:>4}"
        + "".join(f"{row[name]:>17.4g}" if name in row else " " * 17 for name in CURVE)
        for row in result.curve()
    ]
    return "\n".join([head, *rows, "", conclusion(result)])


def conclusion(result: CapacityResult) -> str:
    """One number, its interval, and what limits it."""
    found = result.capacity
    most = "?" if found.most is None else found.most
    return f"{found.number} live sessions hold (interval {found.least} .. {most}): {LIMITED[found.limited]}"


def _trial(sessions: int, report: Report) -> Trial:
    values = ((name, report.measured.figure(name)) for name in CURVE)
    figures = {name: float(f"{value:.4g}") for name, value in values if value is not None}
    return Trial(sessions, report.verdict.word, figures, list(_missed(report)))


def _missed(report: Report) -> Iterator[str]:
    yield from report.verdict.void
    yield from (each.objective.name for each in report.verdict.judged if each.held is False)


def _load(load: int, trials: Sequence[Trial]) -> dict[str, Any]:
    counted = {word: sum(trial.verdict == word for trial in trials) for word in ("held", "void")}
    row: dict[str, Any] = {"sessions": load, "trials": len(trials), **counted}
    for name in CURVE:
        values = [trial.figures[name] for trial in trials if name in trial.figures]
        row |= {name: sum(values) / len(values)} if values else {}
    return row
