"""The page that Prometheus scrapes: numbers that a service keeps anyway, read when they are asked for.

Counting is an addition to the service's own integers; prometheus_client writes the page. A histogram is ours
because an observation is on the path of every step: a bisection and two additions, no lock, and the span kept
as it is until somebody reads (https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars).
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence

from opentelemetry.trace import SpanContext
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar
from prometheus_client.utils import floatToGoString

from duplexsla.telemetry.metrics import Metric

_SCALARS: dict[str, type[CounterMetricFamily | GaugeMetricFamily]] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
}


class Histogram:
    """Observations in buckets, each with its newest exemplar. One thread observes, any may read."""

    def __init__(self, bounds: Sequence[float]) -> None:
        """`bounds`: upper bounds in ascending order, the last bucket has none."""
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._exemplars: list[tuple[SpanContext, float, float] | None] = [None] * (len(bounds) + 1)
        self.sum = 0.0

    @property
    def count(self) -> int:
        return sum(self._counts)

    def observe(self, value: float, span: SpanContext | None = None) -> None:
        """`span` shows how it came to this value; give it only if it is recorded."""
        bucket = bisect_left(self._bounds, value)
        self._counts[bucket] += 1
        self.sum += value
        if span is not None:
            self._exemplars[bucket] = (span, value, time.time())

    def buckets(self) -> "list[tuple[str, float] | tuple[str, float, Exemplar]]":
        """Upper bound, observations up to it, and the exemplar if there is one."""
        total, rows = 0, []
        bounds = (*self._bounds, float("inf"))
        for bound, count, kept in zip(bounds, list(self._counts), self._exemplars, strict=True):
            total += count
            exemplar = (_exemplar(*kept),) if kept else ()
            rows.append((floatToGoString(bound), float(total), *exemplar))
        return rows


Value = float | Mapping[str, float] | Histogram  # a mapping: by value of the metric's label
MetricSamples = Mapping[Metric, Value]


class MetricsPage(Collector):
    """GET /metrics of one process: its own samples, and CPU, memory and open files of the process."""

    def __init__(self, read: Callable[[], MetricSamples]) -> None:
        """`read` is called for every page, on the asking thread."""
        self._read = read
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def collect(self) -> Iterator[Family]:
        for metric, value in self._read().items():
            yield _family(metric, value)

    def __call__(self, accept: str = "") -> tuple[str, bytes]:
        """Content type and body, as the `accept` header wants it: exemplars are in OpenMetrics alone."""
        encode, content_type = choose_encoder(accept)
        return content_type, encode(self._registry)


def _family(metric: Metric, value: Value) -> Family:
    if isinstance(value, Histogram):
        return HistogramMetricFamily(metric.name, metric.meaning, value.buckets(), value.sum)
    labels = [metric.label] if metric.label else []
    family = _SCALARS[metric.kind](metric.name, metric.meaning, labels=labels)
    by_label = value.items() if isinstance(value, Mapping) else [("", value)]
    for label, number in by_label:
        family.add_metric([label] if metric.label else [], number)
    return family


def _exemplar(span: SpanContext, value: float, at_s: float) -> Exemplar:
    return Exemplar({"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"}, value, at_s)
