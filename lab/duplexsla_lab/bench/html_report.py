"""The report as one HTML page that needs nothing beside it."""

from collections.abc import Iterator, Sequence

from duplexsla.report.charts import Bar, bars, histogram
from duplexsla.report.html_templates import environment
from duplexsla_lab.bench.aggregation import BIN_S
from duplexsla_lab.bench.paper_figures import NOT_PREFILLED, PREFILLED, TOOL_CALLS
from duplexsla_lab.bench.report import Report
from duplexsla_lab.bench.tables import breakdown_table, further_figures, miss_reason, tables

MAX_BINS = 16  # of a histogram: 2.56 s


def page(reports: Sequence[Report], *, command: str) -> str:
    """All runs of one system; `command` plays a case again when its id is put behind it."""
    template = environment("duplexsla_lab.bench").get_template("bench_report.html")
    runs = [
        {
            "report": each,
            "setting": "Dialogue prefilled" if each["prefill"] else "Nothing prefilled",
            "tables": tables(each),
            "details": (further_figures(each), breakdown_table(each)),
            "bars": bars("accuracy", _bars(each)),
            "histograms": list(_histograms(each)),
            "worst": list(_worst(each)),
            "command": command if each["prefill"] else f"{command} --alone",
        }
        for each in reports
    ]
    return template.render(title=f"DuplexSLA-Bench: {reports[0]['system']}", runs=runs)


def _bars(report: Report) -> list[Bar]:
    turns = PREFILLED if report["prefill"] else NOT_PREFILLED
    paper = dict(zip(turns.columns, turns.rows["DuplexSLA"][turns.averaged :], strict=True))
    calls = TOOL_CALLS.rows["DuplexSLA"][TOOL_CALLS.averaged :]
    paper |= {f"{name} car": figure for name, figure in zip(TOOL_CALLS.columns, calls, strict=True)}
    found = []
    for name, figures in report["families"].items():
        share = figures["accuracy"]
        reference = paper[name][0] / 100 if name in paper else None
        found.append(Bar(name.replace("_", " "), share["share"], tuple(share["interval"]), reference))
    return found


def _histograms(report: Report) -> Iterator[str]:
    for name, figures in report["families"].items():
        if figures["delay_s"]:
            data = report["data"].get(name, {}).get("delay_s")
            yield histogram(
                name.replace("_", " "),
                figures["delay_s"]["histogram"],
                bin_s=BIN_S,
                max_bins=MAX_BINS,
                expected_s=data and data["mean"],
            )


def _worst(report: Report) -> Iterator[tuple[str, str, str]]:
    """(family, case, what happened)"""
    for name, cases in report["worst"].items():
        for each in cases:
            yield name.replace("_", " "), each["case"], miss_reason(each)
