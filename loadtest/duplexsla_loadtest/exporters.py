"""A run for other programs: JUnit for continuous integration, Prometheus' text format for dashboards."""

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as xml

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

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
    """Summaries in seconds, counts, and the verdict, by kind of caller ("all": together)."""
    registry = CollectorRegistry()
    registry.register(_ReportCollector(report))
    return generate_latest(registry).decode()


class _ReportCollector(Collector):
    """The report's metrics as families; label values are escaped by prometheus_client."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        report = self._report
        kinds = {"all": report.measured} | {kind: report.measured.of_kind(kind) for kind in report.kinds}
        yield from (
            _summary(name, kinds) for name in TIMES if any(name in k.metrics.times for k in kinds.values())
        )
        for name in COUNTS:
            counts = {kind: each.metrics.counts[name] for kind, each in kinds.items()}
            yield _gauge(name, "kind", counts)
        held = {
            each.objective.name: int(each.held) for each in report.verdict.judged if each.held is not None
        }
        yield _gauge("objective_held", "objective", held)
        words = ("held", "missed", "void")
        yield _gauge("verdict", "verdict", {word: int(word == report.verdict.word) for word in words})


def _gauge(name: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", name.replace("_", " "), labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _summary(name: str, kinds: Mapping[str, Measured]) -> Metric:
    """Quantiles too, for which prometheus_client's own family has no argument."""
    family = Metric(f"{PREFIX}_{name}_seconds", name.replace("_", " "), "summary")
    for kind, measured in kinds.items():
        histogram = measured.metrics.times.get(name)
        if histogram is None:
            continue
        for rank in QUANTILES:
            labels = {"kind": kind, "quantile": f"{rank / 100:g}"}
            family.add_sample(family.name, labels, histogram.percentile(rank) / 1e3)
        family.add_sample(f"{family.name}_sum", {"kind": kind}, histogram.mean * len(histogram) / 1e3)
        family.add_sample(f"{family.name}_count", {"kind": kind}, len(histogram))
    return family
