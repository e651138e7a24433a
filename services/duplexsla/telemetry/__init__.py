"""Traces and their names: one recorded span per 160 ms step.

A session is not one endless span: a short `duplexsla.session` span marks its start, and each segment of at
most 10 s is a trace of its own, linked to the session and to the segment before it, so that tail sampling
can decide soon. Spans go to a file (one JSON object per line), to an OTLP collector, to both or to neither.

Metrics are numbers that a service keeps anyway; Prometheus reads them on its control port.
"""

from duplexsla.telemetry import metrics, names
from duplexsla.telemetry.export import Policy, read_spans
from duplexsla.telemetry.metrics import Histogram, MetricSamples, MetricsPage
from duplexsla.telemetry.tracing import (
    TRACEPARENT,
    UNTRACED,
    SessionTrace,
    StepContext,
    Telemetry,
    extract,
    fail,
    inject,
    links_to,
    setup,
)

__all__ = [
    "TRACEPARENT",
    "UNTRACED",
    "Histogram",
    "MetricsPage",
    "Policy",
    "MetricSamples",
    "SessionTrace",
    "StepContext",
    "Telemetry",
    "extract",
    "fail",
    "inject",
    "links_to",
    "metrics",
    "names",
    "read_spans",
    "setup",
]
