"""A run's figures: as JSON, and as the paper's tables 5, 6 and 7 with ours beside the paper's."""

from collections.abc import Mapping, Sequence
from typing import Any

from duplexsla.bench.case import Case
from duplexsla.bench.paper_figures import NOT_PREFILLED, PREFILLED, TOOL_CALLS, Figure, Table
from duplexsla.bench.results import Head, Result
from duplexsla.bench.scorer import judge
from duplexsla.bench.tally import families, tally
from duplexsla.bench.verdict import Verdict

WORST = 10  # cases of each family that are named

Report = dict[str, Any]


def verdicts(cases: Sequence[Case], results: Mapping[str, Result]) -> list[Verdict]:
    """Of every case that was played, in the order of `cases`."""
    return [judge(case, results[case.id]) for case in cases if case.id in results]


def report(head: Head, judged: Sequence[Verdict], *, cases: int) -> Report:
    """All figures as JSON; `cases` is how many there are to play."""
    groups = families(judged)
    return {
        "system": head.system,
        "prefill": head.prefill,
        "cases_digest": head.cases,
        "cases": cases,
        "played": len(judged),
        "families": {name: tally(group) for name, group in groups.items()},
        "worst": {name: worst(group) for name, group in groups.items()},
    }


def worst(group: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The misses first, then the slowest hits."""
    ranked = sorted(group, key=lambda each: (each.hit, -max(each.delays_s, default=0.0), each.case))
    return [
        {
            "case": each.case,
            "hit": each.hit,
            "delay_s": round(max(each.delays_s, default=0.0), 2),
            "why": each.why,
        }
        for each in ranked[:WORST]
    ]


def summary(told: Report) -> dict[str, Any]:
    """One line: per family accuracy, delay, and for tool calls the strict figure."""
    line = {}
    for name, figures in told["families"].items():
        delay = figures["delay_s"]
        line[name] = {"accuracy": figures["accuracy"]["share"], "delay_s": delay and delay["mean"]}
        if strict := figures["beside"].get("strict"):
            line[name]["strict"] = strict["share"]
        if figures["failed"]:
            line[name]["failed"] = figures["failed"]
    return {"system": told["system"], "prefill": told["prefill"], "played": told["played"], **line}


def text(told: Report) -> str:
    """The tables that this run has figures for, what stands beside them, and the worst cases."""
    turns = PREFILLED if told["prefill"] else NOT_PREFILLED
    parts = [f"{told['system']}: {told['played']} of {told['cases']} cases"]
    parts += [_table(told, turns, "")] if _has(told, turns, "") else []
    parts += [_table(told, TOOL_CALLS, tools) for tools in ("car", "home") if _has(told, TOOL_CALLS, tools)]
    parts.append(_beside(told))
    parts.append(_worst(told))
    return "\n\n".join(parts) + "\n"


def _families(table: Table, toolset: str) -> list[str]:
    return [f"{column} {toolset}".strip() for column in table.columns]


def _has(told: Report, table: Table, toolset: str) -> bool:
    return any(name in told["families"] for name in _families(table, toolset))


def _table(told: Report, table: Table, toolset: str) -> str:
    """The paper's rows and ours; what we have not played stays empty. The home toolset is not the paper's."""
    ours = [told["families"].get(name) for name in _families(table, toolset)]
    columns = (["average"] if table.averaged else []) + [column.replace("_", " ") for column in table.columns]
    rows = [["accuracy %, delay s", *columns]]
    if toolset != "home":
        rows += [[f"paper: {name}", *map(_figure, figures)] for name, figures in table.rows.items()]
    own = [_own(each) for each in ours]
    rows.append([told["system"], *([_average(ours)] if table.averaged else []), *own])
    rows.append(["  95 %", *([""] if table.averaged else []), *(_interval(each) for each in ours)])
    title = table.title + (f", {toolset} toolset" if toolset else "")
    return f"{title}\n{_aligned(rows)}"


def _figure(figure: Figure) -> str:
    accuracy, delay = figure
    return f"{accuracy:.2f}  " + ("N/A" if delay is None else f"{delay:.2f}")


def _own(figures: Mapping[str, Any] | None) -> str:
    if figures is None:
        return "-"
    delay = figures["delay_s"]
    return _figure((100 * figures["accuracy"]["share"], delay and delay["mean"]))


def _average(ours: Sequence[Mapping[str, Any] | None]) -> str:
    """The mean of the columns, as in the paper; only of a whole row."""
    known = [each for each in ours if each is not None]
    if len(known) < len(ours):
        return "-"
    delays = [each["delay_s"]["mean"] for each in known if each["delay_s"]]
    accuracy = sum(each["accuracy"]["share"] for each in known) / len(known)
    return _figure((100 * accuracy, sum(delays) / len(delays) if delays else None))


def _interval(figures: Mapping[str, Any] | None) -> str:
    if figures is None:
        return ""
    low, high = figures["accuracy"]["interval"]
    return f"{100 * low:.1f}-{100 * high:.1f}"


def _beside(told: Report) -> str:
    rows = [["beside them", "cases", "failed", "delay p50", "p90", "shares in %"]]
    for name, figures in told["families"].items():
        delay = figures["delay_s"]
        shares = [f"{key} {100 * value['share']:.1f}" for key, value in figures["beside"].items()]
        times = [f"{key} {value['mean']:.2f} s" for key, value in figures["also_s"].items() if value]
        known = [f"{delay['p50']:.2f}", f"{delay['p90']:.2f}"] if delay else ["", ""]
        counts = [str(figures["cases"]), str(figures["failed"])]
        rows.append([name.replace("_", " "), *counts, *known, ", ".join([*shares, *times])])
    return _aligned(rows)


def _worst(told: Report) -> str:
    lines = ["worst cases"]
    for name, listed in told["worst"].items():
        for each in listed[:3]:
            lines.append(
                f"  {name}: {each['case']}  {each['why'] or f'''hit after {each['delay_s']:.2f} s'''}"
            )
    return "\n".join(lines)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
