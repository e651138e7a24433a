"""A run, or a search, as one HTML file with plots inside."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from duplexsla.clock import CHUNK_MS
from duplexsla.report.line_chart import Point, lines
from duplexsla_loadtest.figures import figure
from duplexsla_loadtest.histogram import LogHistogram
from duplexsla_loadtest.report import FIGURES, OWN, Report, figures, live

MOST_ROWS = 20  # of the worst conversations
STYLE = """
body { color: #111827; background: white; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } .held { color: #059669; } .missed { color: #dc2626; } .void { color: #d97706; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
td, th { padding: .15rem .9rem .15rem 0; text-align: right; }
td:first-child, th:first-child { text-align: left; }
svg { width: 100%; height: auto; }
"""


def run_page(report: Report) -> str:
    about, word = report.about, report.verdict.word
    loads = f"{about['most_live']} live conversations, mix {about['mix']}: {about['mix_about']}"
    parts = [
        f'<h1 class="{word}">{word.upper()}</h1>',
        f"<p>{escape(loads)}. {escape(about['address'])}, {about['began']}, {about['duration_s']:g} s,"
        f" the first {about['warm_up_s']:g} s discarded, seed {about['seed']}.</p>",
        *(f'<p class="void">{escape(reason)}</p>' for reason in report.verdict.void),
        "<h2>Objectives</h2>",
        _objectives(report),
        "<h2>Over time</h2>",
        *_over_time(report),
        _ranks(report),
        "<h2>Figures</h2>",
        _figures(report),
        *_findings(report),
        "<h2>Conversations, the worst first</h2>",
        _worst(report),
    ]
    return page(f"Load test: {word}", parts)


def page(title: str, parts: Sequence[str]) -> str:
    head = f"<meta charset='utf-8'><title>{escape(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    def line(cells: Sequence[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(_cell(cell))}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


def _objectives(report: Report) -> str:
    words = {True: "held", False: "MISSED", None: "no sample"}
    rows = [
        (each.objective.name, each.objective.wanted, each.value, words[each.held])
        for each in report.verdict.judged
    ]
    return table(("objective", "wanted", "measured", ""), rows)


def _over_time(report: Report) -> list[str]:
    def series(names: Mapping[str, str]) -> dict[str, list[Point]]:
        return {name: _seconds(report, wanted) for name, wanted in names.items()}

    steps = series({"p50": "step_p50_ms", "p99": "step_p99_ms", "max": "step_max_ms"})
    under_way = [(float(second), float(count)) for second, count in live(report.seconds).items()]
    own = series({"p99": "own_lag_p99_ms", "max": "own_lag_max_ms"})
    second = "second of the run"
    return [
        lines("Step latency from the scheduled send", _with_deadline(steps), x=second, y="ms"),
        lines("Conversations under way", {"live": under_way}, x=second, y="conversations"),
        lines("Deadlines missed", series({"misses": "misses"}), x=second, y="chunks a second"),
        lines("The load test's own lag", own, x=second, y="ms"),
    ]


def _seconds(report: Report, wanted: str) -> list[Point]:
    values = ((second, figure(tally, wanted)) for second, tally in sorted(report.seconds.items()))
    return [(float(second), value) for second, value in values if value is not None]


def _with_deadline(series: Mapping[str, list[Point]]) -> dict[str, list[Point]]:
    """Lines with samples, and the deadline across them."""
    found = {name: points for name, points in series.items() if points}
    xs = [x for points in found.values() for x, _ in points]
    return found | ({f"{CHUNK_MS} ms": [(min(xs), CHUNK_MS), (max(xs), CHUNK_MS)]} if xs else {})


def _ranks(report: Report) -> str:
    """Latency against how rare it is, as far as there are samples."""
    found = {"all": report.measured} | {kind: report.measured.of_kind(kind) for kind in report.kinds}
    series = {name: _rarer(each.tally.times.get("step")) for name, each in found.items()}
    x = "nines: 1 is 90 % of all chunks, 2 is 99 %, 3 is 99.9 %"
    return lines("Step latency by rank", _with_deadline(series), x=x, y="ms")


def _rarer(step: LogHistogram | None) -> list[Point]:
    """(nines, ms), as many as the samples carry."""
    rarities = [] if step is None else [each for each in (n / 10 for n in range(60)) if 10**each <= len(step)]
    return [(each, step.percentile(100 - 100 / 10**each)) for each in rarities if step is not None]


def _figures(report: Report) -> str:
    columns: dict[str, Mapping[str, float]] = {"all": figures(report.measured, (*FIGURES, *OWN))}
    columns |= {kind: figures(report.measured.of_kind(kind), FIGURES) for kind in report.kinds}
    rows = [(name, *(column.get(name) for column in columns.values())) for name in columns["all"]]
    return table(("figure", *columns), rows)


def _findings(report: Report) -> list[str]:
    if not report.findings:
        return []
    rows = [(each.count, each.action, each.what) for each in report.findings[:MOST_ROWS]]
    return [
        f"<h2>Actions that were not done once: {len(report.findings)}</h2>",
        table(("", "action", ""), rows),
    ]


def _worst(report: Report) -> str:
    def badness(row: Mapping[str, Any]) -> tuple[bool, int, float]:
        return row["ended"] != "ok", row["tally"].counts["misses"], figure(row["tally"], "step_p99_ms") or 0.0

    rows = [
        (
            row["number"],
            row["kind"],
            row["home"],
            row["ended"],
            row["tally"].counts["chunks"],
            row["tally"].counts["misses"],
            row["worst_run"],
            figure(row["tally"], "step_p50_ms"),
            figure(row["tally"], "step_p99_ms"),
            figure(row["tally"], "step_max_ms"),
            row["tally"].counts["underruns"],
        )
        for row in sorted(report.sessions, key=badness, reverse=True)[:MOST_ROWS]
    ]
    head = ("", "kind", "home", "ended", "chunks", "misses", "in a row", "p50", "p99", "max, ms", "underruns")
    return table(head, rows)
