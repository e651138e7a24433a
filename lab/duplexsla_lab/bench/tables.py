"""A run's figures as the paper's tables 5, 6 and 7, ours beside the paper's, and as text."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from duplexsla_lab.bench.paper_figures import NOT_PREFILLED, PREFILLED, TOOL_CALLS, Figure, PaperTable
from duplexsla_lab.bench.report import Report

Figures = Mapping[str, Any]


class ShownTable(NamedTuple):
    """A table to show; `ours` are the indexes of our rows."""

    title: str
    head: list[str]
    rows: list[list[str]]
    ours: tuple[int, ...] = ()

    def text(self) -> str:
        return aligned([self.head, *self.rows])


def tables(report: Report) -> list[ShownTable]:
    """Those of the paper's tables that this run has figures for."""
    turns = PREFILLED if report["prefill"] else NOT_PREFILLED
    wanted = [(turns, ""), (TOOL_CALLS, "car"), (TOOL_CALLS, "home")]
    return [_table(report, table, toolset) for table, toolset in wanted if _has(report, table, toolset)]


def text(report: Report) -> str:
    """The tables, further figures, and the worst cases."""
    parts = [f"{report['system']}: {report['played']} of {report['cases']} cases"]
    parts += [f"{table.title}\n{table.text()}" for table in tables(report)]
    parts += [further_figures(report).text(), breakdown_table(report).text(), _worst(report)]
    return "\n\n".join(parts) + "\n"


def _families(table: PaperTable, toolset: str) -> list[str]:
    return [f"{column} {toolset}".strip() for column in table.columns]


def _has(report: Report, table: PaperTable, toolset: str) -> bool:
    return any(name in report["families"] for name in _families(table, toolset))


def _table(report: Report, table: PaperTable, toolset: str) -> ShownTable:
    """The paper's rows and ours; what we have not played stays empty. The home toolset is not the paper's."""
    names = _families(table, toolset)
    ours = [report["families"].get(name) for name in names]
    data = [report["data"].get(name) for name in names]
    columns = (["average"] if table.averaged else []) + [column.replace("_", " ") for column in table.columns]
    rows: list[list[str]] = []
    if toolset != "home":
        rows += [[f"paper: {name}", *map(_figure, figures)] for name, figures in table.rows.items()]
    first = len(rows)
    rows.append([report["system"], *([_average(ours)] if table.averaged else []), *map(_own, ours)])
    rows.append(["  95 %", *([""] if table.averaged else []), *map(_interval, ours)])
    if any(data):
        rows.append(["  the data itself", *([_average(data)] if table.averaged else []), *map(_own, data)])
    title = table.title + (f", {toolset} toolset" if toolset else "")
    return ShownTable(title, ["accuracy %, delay s", *columns], rows, tuple(range(first, len(rows))))


def _figure(figure: Figure) -> str:
    accuracy, delay = figure
    return f"{accuracy:.2f}  " + ("N/A" if delay is None else f"{delay:.2f}")


def _own(figures: Figures | None) -> str:
    if figures is None:
        return "-"
    delay = figures["delay_s"]
    return _figure((100 * figures["accuracy"]["share"], delay and delay["mean"]))


def _average(ours: Sequence[Figures | None]) -> str:
    """The mean of the columns, as in the paper; only of a whole row."""
    known = [each for each in ours if each is not None]
    if len(known) < len(ours):
        return "-"
    delays = [each["delay_s"]["mean"] for each in known if each["delay_s"]]
    accuracy = sum(each["accuracy"]["share"] for each in known) / len(known)
    return _figure((100 * accuracy, sum(delays) / len(delays) if delays else None))


def _interval(figures: Figures | None) -> str:
    if figures is None:
        return ""
    low, high = figures["accuracy"]["interval"]
    shares = f"{100 * low:.1f}-{100 * high:.1f}"
    if not figures["delay_s"]:
        return shares
    early, late = figures["delay_s"]["interval"]
    return f"{shares}  {early:.2f}-{late:.2f}"


def further_figures(report: Report) -> ShownTable:
    """Of each family what the paper's tables do not show."""
    head = ["further figures", "cases", "failed", "delay p50", "p90", "shares in %"]
    rows = []
    for name, figures in report["families"].items():
        delay = figures["delay_s"]
        shares = [f"{key} {100 * value['share']:.1f}" for key, value in figures["beside"].items()]
        times = [f"{key} {value['mean']:.2f} s" for key, value in figures["also_s"].items() if value]
        known = [f"{delay['p50']:.2f}", f"{delay['p90']:.2f}"] if delay else ["", ""]
        counts = [str(figures["cases"]), str(figures["failed"])]
        rows.append([name.replace("_", " "), *counts, *known, ", ".join([*shares, *times])])
    return ShownTable("Further figures", head, rows)


def breakdown_table(report: Report) -> ShownTable:
    """Accuracy by toolset, by what is new in the words, and by voice."""
    rows = []
    for key, values in report["parts"].items():
        for value, groups in values.items():
            cells = [_part(groups.get(name)) for name in ("turns", "tools")]
            rows.append([key, value, *cells[0], *cells[1]])
    head = ["by", "", "turns", "cases", "tool calls", "cases"]
    return ShownTable("Accuracy in %, by what is known of a case", head, rows)


def _part(group: Figures | None) -> tuple[str, str]:
    if group is None:
        return "", ""
    return f"{100 * group['accuracy']['share']:.1f}", str(group["cases"])


def _worst(report: Report) -> str:
    lines = ["worst cases (duplexsla bench play CASE)"]
    for name, listed in report["worst"].items():
        for each in listed[:3]:
            lines.append(f"  {name}: {each['case']}  {miss_reason(each)}")
    return "\n".join(lines)


def miss_reason(each: Figures) -> str:
    """Of one of the worst cases."""
    return each["why"] or f"hit after {each['delay_s']:.2f} s"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
