"""The report as one HTML page that needs nothing beside it."""

from collections.abc import Iterator, Sequence
from html import escape

from duplexsla_lab.bench.aggregation import BIN_S
from duplexsla_lab.bench.charts import Bar, bars, histogram
from duplexsla_lab.bench.paper_figures import NOT_PREFILLED, PREFILLED, TOOL_CALLS
from duplexsla_lab.bench.report import Report
from duplexsla_lab.bench.tables import Rows, beside, parts_of, tables, why

MOST_BINS = 16  # of a histogram: 2.56 s
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #16202a; max-width: 980px; margin: 2em auto }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin: 2em 0 .5em }
table { border-collapse: collapse; margin: .5em 0 } td, th { padding: .2em .8em .2em 0; text-align: left }
th { border-bottom: 1px solid #16202a; font-weight: 600 } td { border-bottom: 1px solid #e4e7eb }
td + td { font-variant-numeric: tabular-nums } tr.ours td { font-weight: 600; background: #eef5f7 }
svg text { font: 12px system-ui, sans-serif; fill: #16202a } svg { max-width: 100%; height: auto }
code { background: #f2f4f6; padding: .1em .3em } .small { color: #5b6570; font-size: .9em }
"""


def page(told: Sequence[Report], *, command: str) -> str:
    """All runs of one system; `command` plays a case again when its id is put behind it."""
    body = "\n".join(_body(told, command))
    title = f"DuplexSLA-Bench: {escape(told[0]['system'])}"
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    body = f"<body>\n<h1>{title}</h1>\n{body}\n</body>"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>{body}</html>\n'


def _body(told: Sequence[Report], command: str) -> Iterator[str]:
    for each in told:
        yield _paragraph(
            f"{_setting(each)}: {each['played']} of {each['cases']} cases, digest {each['cases_digest']}"
        )
    for each in told:
        for table in tables(each):
            yield _heading(table.title)
            yield _table(table)
    yield _paragraph(
        "Accuracy in percent, mean delay in seconds. 95 %: the intervals of both, Wilson's and normal. The "
        "data itself: the score of the cases' own timeline, so the delay of a perfect pupil of the data."
    )
    for each in told:
        yield from _run(each, command)


def _run(told: Report, command: str) -> Iterator[str]:
    yield _heading(f"{_setting(told)}: accuracy with its 95 % interval; the mark is the paper's DuplexSLA")
    yield bars(_bars(told))
    yield _heading(f"{_setting(told)}: delays in s, in steps of one chunk; dashes: the data's own mean")
    yield "".join(_histograms(told))
    for table in (beside(told), parts_of(told)):
        yield _heading(f"{_setting(told)}: {table.title}")
        yield _table(table)
    yield _heading(f"{_setting(told)}: worst cases")
    again = command if told["prefill"] else f"{command} --alone"
    yield _paragraph(f"Each is played again by <code>{escape(again)} CASE</code>")
    rows = [
        [name.replace("_", " "), each["case"], why(each)]
        for name, some in told["worst"].items()
        for each in some
    ]
    yield _table(Rows("", [["family", "case", "what happened"], *rows]))


def _setting(told: Report) -> str:
    return "Dialogue prefilled" if told["prefill"] else "Nothing prefilled"


def _bars(told: Report) -> list[Bar]:
    turns = PREFILLED if told["prefill"] else NOT_PREFILLED
    paper = dict(zip(turns.columns, turns.rows["DuplexSLA"][turns.averaged :], strict=True))
    calls = TOOL_CALLS.rows["DuplexSLA"][TOOL_CALLS.averaged :]
    paper |= {f"{name} car": figure for name, figure in zip(TOOL_CALLS.columns, calls, strict=True)}
    found = []
    for name, figures in told["families"].items():
        share = figures["accuracy"]
        theirs = paper[name][0] / 100 if name in paper else None
        found.append(Bar(name.replace("_", " "), share["share"], tuple(share["interval"]), theirs))
    return found


def _histograms(told: Report) -> Iterator[str]:
    for name, figures in told["families"].items():
        if figures["delay_s"]:
            data = told["data"].get(name, {}).get("delay_s")
            yield histogram(
                name.replace("_", " "),
                figures["delay_s"]["histogram"],
                bin_s=BIN_S,
                most=MOST_BINS,
                data_s=data and data["mean"],
            )


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _paragraph(html: str) -> str:
    return f'<p class="small">{html}</p>'


def _table(table: Rows) -> str:
    head, *rows = table.rows
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = [f"<tr>{cells}</tr>"]
    for number, row in enumerate(rows, 1):
        kind = ' class="ours"' if number in table.ours[:1] else ""
        lines.append(f"<tr{kind}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>")
    return f"<table>\n{chr(10).join(lines)}\n</table>"
