"""Reports of runs that were never played."""

import random
from typing import Any

from duplexsla_loadtest.checker import ActionMismatch
from duplexsla_loadtest.figures import Measured, SessionFigures
from duplexsla_loadtest.metrics import Metrics, total
from duplexsla_loadtest.objectives import judge, read_objectives
from duplexsla_loadtest.report import Report


def example_report(
    seed: int, *, step_ms: float = 30.0, miss_share: float = 0.0, duration_s: int = 60, kind: str = "talk"
) -> Report:
    """A run with 100 chunks a second around `step_ms`; 5 s are its warm-up."""
    rng = random.Random(seed)
    seconds = {second: _second(rng, step_ms, miss_share) for second in range(duration_s)}
    metrics = total(each for second, each in seconds.items() if second >= 5)
    metrics.counts.update(conversations=1, ok=1, actions=2)
    own = Metrics()
    own.times["own_lag"].record(1.0)
    measured = Measured([SessionFigures(kind, metrics, 1)], [own], window_s=duration_s - 5)
    row = {"number": 0, "kind": kind, "home": "load-0", "ended": "ok", "worst_run": 1, "tally": metrics}
    about: dict[str, Any] = {
        "address": "host:1", "mix": "mine", "mix_about": "<talk>", "sessions": 1, "most_live": 1,
        "duration_s": duration_s, "warm_up_s": 5, "workers": 1, "seed": seed, "began": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    mismatch = ActionMismatch("actions_missing", "a-1-0", "lock & key had no outcome")
    return Report(about, measured, [row], seconds, [own], [mismatch], judge(measured, read_objectives()))


def _second(rng: random.Random, step_ms: float, miss_share: float) -> Metrics:
    metrics = Metrics()
    for _ in range(100):
        missed = rng.random() < miss_share
        metrics.times["step"].record(200.0 if missed else round(rng.gauss(step_ms, 5), 1))  # few buckets
        metrics.counts.update(chunks=1, misses=int(missed))
    return metrics
