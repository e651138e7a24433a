"""Verdicts of many cases as figures: one family is one scenario, and for tool calls one toolset of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from duplexsla.report.percentile import percentile
from duplexsla_lab.bench.case import TOOL_SCENARIOS, TURN_SCENARIOS
from duplexsla_lab.bench.intervals import mean_interval, wilson
from duplexsla_lab.bench.verdict import CaseVerdict

BIN_S = 0.16


def family(verdict: CaseVerdict) -> str:
    """ "normal", or "single car"."""
    if verdict.scenario in TOOL_SCENARIOS:
        return f"{verdict.scenario} {verdict.toolset}"
    return verdict.scenario


def families(verdicts: Iterable[CaseVerdict]) -> dict[str, list[CaseVerdict]]:
    """In the order of the paper's tables; car before home."""
    groups: dict[str, list[CaseVerdict]] = {}
    for verdict in verdicts:
        groups.setdefault(family(verdict), []).append(verdict)
    order = [*TURN_SCENARIOS, *(f"{each} {tools}" for tools in ("car", "home") for each in TOOL_SCENARIOS)]
    return {name: groups[name] for name in order if name in groups}


def family_figures(verdicts: Sequence[CaseVerdict]) -> dict[str, Any]:
    """Figures of one family, as JSON: shares 0..1 with their 95 % intervals, delays in seconds.

    A share beside the accuracy counts only the verdicts that have it; a failed case has none of them, and
    counts.
    """
    delays = [delay for verdict in verdicts for delay in verdict.delays_s]
    names = dict.fromkeys(name for verdict in verdicts for name in verdict.secondary)
    times = dict.fromkeys(name for verdict in verdicts for name in verdict.secondary_s)
    return {
        "cases": len(verdicts),
        "failed": sum(bool(verdict.failed) for verdict in verdicts),
        "accuracy": share(verdict.hit for verdict in verdicts),
        "delay_s": delay_figures(delays),
        "beside": {name: share(verdict.secondary.get(name, False) for verdict in verdicts) for name in names},
        "also_s": {
            name: delay_figures([each.secondary_s[name] for each in verdicts if name in each.secondary_s])
            for name in times
        },
    }


def share(flags: Iterable[bool]) -> dict[str, Any]:
    seen = list(flags)
    low, high = wilson(sum(seen), len(seen))
    value = sum(seen) / len(seen) if seen else 0.0
    return {"share": round(value, 4), "interval": [round(low, 4), round(high, 4)]}


def delay_figures(delays: Sequence[float]) -> dict[str, Any] | None:
    """Mean with its interval, percentiles, and a histogram in steps of one chunk; None without any."""
    if not delays:
        return None
    low, high = mean_interval(delays)
    bins: dict[str, int] = {}
    for place in sorted(int(delay // BIN_S) for delay in delays):
        name = f"{place * BIN_S:.2f}"
        bins[name] = bins.get(name, 0) + 1
    return {
        "count": len(delays),
        "mean": round(sum(delays) / len(delays), 3),
        "interval": [round(low, 3), round(high, 3)],
        "p50": round(percentile(delays, 50), 3),
        "p90": round(percentile(delays, 90), 3),
        "histogram": bins,
    }
