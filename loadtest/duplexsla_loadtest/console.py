"""What the terminal shows: a line a second while it runs, a table at the end."""

import sys
from collections.abc import Mapping
from typing import TextIO

from duplexsla_loadtest.coordinator import LoadRun
from duplexsla_loadtest.figures import figure
from duplexsla_loadtest.metrics import Metrics, total
from duplexsla_loadtest.report import FIGURES, OWN, Report, figures, live

RECENT_S = 5  # of the run, which a line sums up
QUIET_EVERY_S = 10  # a line that often when nobody looks at a terminal


class ProgressLine:
    """Shows the state of a run on one line of a terminal, or a line now and then in a log."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream, self._printed_s = stream or sys.stderr, 0.0

    def __call__(self, run: LoadRun, now_s: float) -> None:
        if self._stream.isatty():
            self._stream.write(f"\r\x1b[K{line(run, now_s)}")
        elif now_s - self._printed_s >= QUIET_EVERY_S:
            self._printed_s = now_s
            self._stream.write(f"{line(run, now_s)}\n")
        self._stream.flush()

    def end(self) -> None:
        if self._stream.isatty():
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def line(run: LoadRun, now_s: float) -> str:
    """The newest seconds of a run."""
    newest = max(run.seconds, default=0)
    recent = total(
        run.seconds[second] for second in range(newest - RECENT_S, newest + 1) if second in run.seconds
    )
    under_way = list(live(run.seconds).values() or [0])[-1]
    steps = " ".join(f"p{rank} {_ms(recent, f'step_p{rank}_ms')}" for rank in (50, 99))
    share = recent.counts["own_processor_us"] / RECENT_S / 1e6
    parts = [
        f"{max(0.0, now_s):4.0f} of {run.job.load.duration_s:.0f} s"
        + " warming up" * (now_s < run.job.warm_up_s),
        f"{under_way} live",
        f"step {steps} max {_ms(recent, 'step_max_ms')} ms",
        f"{recent.counts['misses']} misses",
        f"{sum(each.counts['refused'] for each in run.seconds.values())} refused",
        f"{sum(each.counts['failed'] for each in run.seconds.values())} failed",
        f"own lag p99 {_ms(recent, 'own_lag_p99_ms')} ms, processor {100 * share:.0f} %",
    ]
    return " | ".join(parts)


def text(report: Report) -> str:
    """The verdict, each objective, and the figures."""
    lines = [f"{'objective':<40}{'wanted':>10}{'measured':>12}"]
    for each in report.verdict.judged:
        value = "no sample" if each.value is None else f"{each.value:.4g}"
        mark = {True: "", False: "  MISSED", None: ""}[each.held]
        lines.append(f"{each.objective.name:<40}{each.objective.wanted:>10}{value:>12}{mark}")
    lines += ["", *_table(report)]
    lines += [f"{each.count}: {each.action}: {each.what}" for each in report.mismatches[:10]]
    lines += ["", f"{report.verdict.word.upper()}: {_because(report)}"]
    return "\n".join(lines)


def _table(report: Report) -> list[str]:
    columns: dict[str, Mapping[str, float]] = {"all": figures(report.measured, (*FIGURES, *OWN))}
    if len(report.kinds) > 1:
        columns |= {kind: figures(report.measured.of_kind(kind), FIGURES) for kind in report.kinds}
    lines = [f"{'figure':<36}" + "".join(f"{name[:12]:>13}" for name in columns)]
    for name in columns["all"]:
        cells = (f"{column[name]:>13g}" if name in column else " " * 13 for column in columns.values())
        lines.append(f"{name:<36}" + "".join(cells))
    return lines


def _because(report: Report) -> str:
    if report.verdict.void:
        return "; ".join(report.verdict.void)
    missed = [each.objective.name for each in report.verdict.judged if each.held is False]
    if missed:
        return ", ".join(missed)
    return f"{report.about['most_live']} live conversations within all objectives"


def _ms(metrics: Metrics, name: str) -> str:
    value = figure(metrics, name)
    return "-" if value is None else f"{value:.0f}"
