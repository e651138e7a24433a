"""Pages for Prometheus, read back by the parsers of its own client library."""

import random

from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

from duplexsla.telemetry import Histogram, MetricSamples, MetricsPage, metrics

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
BOUNDS = (0.01, 0.1, 1.0)


def _read_back(samples: MetricSamples, accept: str = "") -> dict[tuple[str, str], float]:
    """Values of ours by name and label."""
    content_type, body = MetricsPage(lambda: samples)(accept)
    read = openmetrics if "openmetrics" in content_type else parser
    families = read.text_string_to_metric_families(body.decode())
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in families
        for sample in family.samples
        if sample.name.startswith("duplexsla")
    }


def test_a_page_holds_every_sample_in_both_formats() -> None:
    samples = {metrics.STEPS: 7, metrics.SESSIONS: 2, metrics.QUEUE_DEPTH: {"backlog": 3, "outbox": 0}}
    for accept in ("", "text/plain", OPENMETRICS):
        assert _read_back(samples, accept) == {
            ("duplexsla_gateway_steps_total", ""): 7,
            ("duplexsla_gateway_sessions", ""): 2,
            ("duplexsla_gateway_queue_depth", "backlog"): 3,
            ("duplexsla_gateway_queue_depth", "outbox"): 0,
        }


def test_a_bucket_counts_all_that_is_not_above_its_bound() -> None:
    values = [random.Random(1).choice((0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 7.0)) for _ in range(500)]
    histogram = Histogram(BOUNDS)
    for value in values:
        histogram.observe(value)
    shown = _read_back({metrics.STEP_SECONDS: histogram}, OPENMETRICS)
    for bound, name in ((0.01, "0.01"), (0.1, "0.1"), (1.0, "1.0"), (8.0, "+Inf")):
        below = sum(value <= bound for value in values)
        assert shown["duplexsla_gateway_step_seconds_bucket", name] == below
    assert shown["duplexsla_gateway_step_seconds_count", ""] == histogram.count == len(values)
    assert abs(shown["duplexsla_gateway_step_seconds_sum", ""] - sum(values)) < 1e-6


def test_each_bucket_names_the_newest_span_that_fell_into_it() -> None:
    tracer, histogram = TracerProvider().get_tracer("test"), Histogram(BOUNDS)
    spans = [tracer.start_span("step") for _ in range(3)]
    for value, span in zip((0.05, 0.06, 7.0), spans, strict=True):
        histogram.observe(value, span.get_span_context())
    histogram.observe(0.5)
    _, body = MetricsPage(lambda: {metrics.STEP_SECONDS: histogram})(OPENMETRICS)
    exemplars = {
        sample.labels["le"]: (sample.exemplar.labels["trace_id"], sample.exemplar.value)
        for family in openmetrics.text_string_to_metric_families(body.decode())
        for sample in family.samples
        if sample.exemplar
    }
    traces = [f"{span.get_span_context().trace_id:032x}" for span in spans]
    assert exemplars == {"0.1": (traces[1], 0.06), "+Inf": (traces[2], 7.0)}


def test_names_say_kind_and_unit_and_are_there_once() -> None:
    assert len({metric.name for metric in metrics.ALL}) == len(metrics.ALL)
    for metric in metrics.ALL:
        assert metric.name.startswith("duplexsla_") and metric.meaning
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert metric.kind != "histogram" or metric.name.endswith("_seconds")
