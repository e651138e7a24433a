"""A run, or a search, as one HTML file with plots inside."""

from collections.abc import Mapping, Sequence
from typing import Any

from duplexsla.clock import CHUNK_MS
from duplexsla.report.charts import Point, lines
from duplexsla.report.html_templates import environment
from duplexsla_loadtest.capacity_search import CURVE, CapacityResult, conclusion
from duplexsla_loadtest.figures import figure
from duplexsla_loadtest.histogram import LogHistogram
from duplexsla_loadtest.report import FIGURES, OWN, Report, figures, live

MAX_ROWS = 20  # of the worst conversations
WORST_HEAD = (
    "", "kind", "home", "ended", "chunks", "misses", "in a row", "p50", "p99", "max, ms", "underruns",
)  # fmt: skip
SECOND = "second of the run"


def run_page(report: Report) -> str:
    columns = _figure_columns(report)
    return (
        environment("duplexsla_loadtest")
        .get_template("run.html")
        .render(
            title=f"Load test: {report.verdict.word}",
            report=report,
            about=report.about,
            objectives=_objectives(report),
            charts=[*_over_time(report), _by_rank(report)],
            figure_names=("figure", *columns),
            figures=[(name, *(each.get(name) for each in columns.values())) for name in columns["all"]],
            mismatches=[(each.count, each.action, each.what) for each in report.mismatches[:MAX_ROWS]],
            worst_head=WORST_HEAD,
            worst=_worst(report),
        )
    )


def search_page(result: CapacityResult) -> str:
    curve = result.curve()

    def points(name: str) -> list[Point]:
        return [(row["sessions"], row[name]) for row in curve if name in row]

    steps = {"p50": points("step_p50_ms"), "p99": points("step_p99_ms")}
    names = ("sessions", "trials", "held", "void", *CURVE)
    return (
        environment("duplexsla_loadtest")
        .get_template("search.html")
        .render(
            title=f"{result.capacity.number} sessions",
            heading=f"{result.capacity.number} live sessions hold",
            conclusion=conclusion(result),
            charts=[
                lines("Step latency", {k: v for k, v in steps.items() if v}, x="sessions", y="ms"),
                lines("Deadlines missed", {"share": points("miss_ratio")}, x="sessions", y="share of chunks"),
            ],
            names=names,
            rows=[[row.get(name) for name in names] for row in curve],
        )
    )


def _objectives(report: Report) -> list[tuple[object, ...]]:
    words = {True: "held", False: "MISSED", None: "no sample"}
    return [
        (each.objective.name, each.objective.wanted, each.value, words[each.held])
        for each in report.verdict.judged
    ]


def _over_time(report: Report) -> list[str]:
    def series(names: Mapping[str, str]) -> dict[str, list[Point]]:
        return {name: _seconds(report, wanted) for name, wanted in names.items()}

    steps = series({"p50": "step_p50_ms", "p99": "step_p99_ms", "max": "step_max_ms"})
    under_way = [(float(second), float(count)) for second, count in live(report.seconds).items()]
    own = series({"p99": "own_lag_p99_ms", "max": "own_lag_max_ms"})
    return [
        lines("Step latency from the scheduled send", _with_deadline(steps), x=SECOND, y="ms"),
        lines("Conversations under way", {"live": under_way}, x=SECOND, y="conversations"),
        lines("Deadlines missed", series({"misses": "misses"}), x=SECOND, y="chunks a second"),
        lines("The load test's own lag", own, x=SECOND, y="ms"),
    ]


def _seconds(report: Report, wanted: str) -> list[Point]:
    values = ((second, figure(metrics, wanted)) for second, metrics in sorted(report.seconds.items()))
    return [(float(second), value) for second, value in values if value is not None]


def _with_deadline(series: Mapping[str, list[Point]]) -> dict[str, list[Point]]:
    """Lines with samples, and the deadline across them."""
    found = {name: points for name, points in series.items() if points}
    xs = [x for points in found.values() for x, _ in points]
    return found | ({f"{CHUNK_MS} ms": [(min(xs), CHUNK_MS), (max(xs), CHUNK_MS)]} if xs else {})


def _by_rank(report: Report) -> str:
    """Latency against how rare it is, as far as there are samples."""
    found = {"all": report.measured} | {kind: report.measured.of_kind(kind) for kind in report.kinds}
    series = {name: _nines(each.metrics.times.get("step")) for name, each in found.items()}
    x = "nines: 1 is 90 % of all chunks, 2 is 99 %, 3 is 99.9 %"
    return lines("Step latency by rank", _with_deadline(series), x=x, y="ms")


def _nines(step: LogHistogram | None) -> list[Point]:
    """(nines, ms), as many as the samples carry."""
    rarities = [] if step is None else [each for each in (n / 10 for n in range(60)) if 10**each <= len(step)]
    return [(each, step.percentile(100 - 100 / 10**each)) for each in rarities if step is not None]


def _figure_columns(report: Report) -> dict[str, Mapping[str, float]]:
    columns: dict[str, Mapping[str, float]] = {"all": figures(report.measured, (*FIGURES, *OWN))}
    return columns | {kind: figures(report.measured.of_kind(kind), FIGURES) for kind in report.kinds}


def _worst(report: Report) -> list[Sequence[object]]:
    """Rows under WORST_HEAD, the worst conversation first."""

    def badness(row: Mapping[str, Any]) -> tuple[bool, int, float]:
        return row["ended"] != "ok", row["tally"].counts["misses"], figure(row["tally"], "step_p99_ms") or 0.0

    return [
        (
            *(row["number"], row["kind"], row["home"], row["ended"]),
            *(row["tally"].counts["chunks"], row["tally"].counts["misses"], row["worst_run"]),
            *(figure(row["tally"], f"step_{which}_ms") for which in ("p50", "p99", "max")),
            row["tally"].counts["underruns"],
        )
        for row in sorted(report.sessions, key=badness, reverse=True)[:MAX_ROWS]
    ]
