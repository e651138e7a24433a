"""A run for other programs: JUnit for continuous integration, Prometheus' text format for dashboards."""

from collections.abc import Iterator
from xml.etree import ElementTree as xml

from duplexsla_loadtest.figures import COUNTS, TIMES, Measured
from duplexsla_loadtest.report import Report

QUANTILES = (50.0, 90.0, 99.0, 99.9)
PREFIX = "duplexsla_loadtest"


def junit(report: Report) -> str:
    """A test case for each objective, and one that says whether the run counts at all."""
    suite = xml.Element("testsuite", name=f"loadtest {report.about['mix']}", timestamp=report.about["began"])
    kept = xml.SubElement(suite, "testcase", classname="loadtest", name="the load test kept its own time")
    for reason in report.verdict.void:
        xml.SubElement(kept, "error", message=reason)
    for each in report.verdict.judged:
        case = xml.SubElement(suite, "testcase", classname="loadtest", name=each.objective.name)
        said = f"{each.value} measured, {each.objective.wanted} wanted"
        if report.verdict.void:
            xml.SubElement(case, "skipped", message="the run is void")
        elif each.held is None:
            xml.SubElement(case, "skipped", message="no sample")
        elif not each.held:
            xml.SubElement(case, "failure", message=said)
    for name in ("failure", "error", "skipped"):
        suite.set(
            {"failure": "failures", "error": "errors"}.get(name, name), str(len(suite.findall(f"*/{name}")))
        )
    suite.set("tests", str(len(suite.findall("testcase"))))
    return xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def prometheus(report: Report) -> str:
    """Summaries in seconds, counters, and the verdict, by kind of caller ("all": together)."""
    kinds = {"all": report.measured} | {kind: report.measured.of_kind(kind) for kind in report.kinds}
    lines: list[str] = []
    for name in TIMES:
        rows = [line for kind, measured in kinds.items() for line in _summary(name, kind, measured)]
        lines += [f"# TYPE {PREFIX}_{name}_seconds summary", *rows] if rows else []
    for name in COUNTS:
        lines.append(f"# TYPE {PREFIX}_{name} gauge")
        lines += [
            f'{PREFIX}_{name}{{kind="{kind}"}} {each.tally.counts[name]}' for kind, each in kinds.items()
        ]
    lines.append(f"# TYPE {PREFIX}_objective_held gauge")
    for each in report.verdict.judged:
        if each.held is not None:
            lines.append(f'{PREFIX}_objective_held{{objective="{each.objective.name}"}} {int(each.held)}')
    lines.append(f"# TYPE {PREFIX}_verdict gauge")
    lines += [
        f'{PREFIX}_verdict{{verdict="{word}"}} {int(word == report.verdict.word)}'
        for word in ("held", "missed", "void")
    ]
    return "\n".join(lines) + "\n"


def _summary(name: str, kind: str, measured: Measured) -> Iterator[str]:
    histogram = measured.tally.times.get(name)
    if histogram is None:
        return
    for rank in QUANTILES:
        value = histogram.percentile(rank) / 1e3
        yield f'{PREFIX}_{name}_seconds{{kind="{kind}",quantile="{rank / 100:g}"}} {value:g}'
    yield f'{PREFIX}_{name}_seconds_sum{{kind="{kind}"}} {histogram.mean * len(histogram) / 1e3:g}'
    yield f'{PREFIX}_{name}_seconds_count{{kind="{kind}"}} {len(histogram)}'
