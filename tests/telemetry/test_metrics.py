"""Every metric that has a name is shown by a service, and none is shown that has no name."""

import asyncio
import random
from typing import cast

from control_port import DecoderMetrics
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics
from tests.support.executor_in_memory import ExecutorInMemory
from tests.support.gateway_process import world
from tests.support.memory_broker import MemorySource
from tests.support.tiny_engine import tiny_engine

from duplexsla.engine.session_registry import SessionRegistry
from duplexsla.errors import SlotsExhausted, StaleFence, StoreLost
from duplexsla.executor.consumer import ConsumerLoop
from duplexsla.executor.metrics_page import LedgerSize
from duplexsla.executor.metrics_page import samples as of_executor
from duplexsla.gateway.metrics_page import samples as of_gateway
from duplexsla.history import NO_HISTORY
from duplexsla.home.app import HomeService
from duplexsla.home.homes import Homes
from duplexsla.home.store import HomeStore
from duplexsla.kubernetes.deletion_cost.pods import PodApi, SessionCounts
from duplexsla.kubernetes.deletion_cost.reconciler import CostReconciler
from duplexsla.telemetry import Histogram, MetricSamples, MetricsPage, metrics, setup

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
BOUNDS = (0.01, 0.1, 1.0)


class Ledger:
    """Of a size, until it is lost."""

    def __init__(self) -> None:
        self.lost = False

    async def size(self) -> tuple[int, int]:
        if self.lost:
            raise StoreLost("away")
        return 12, 34


def _decoder() -> MetricSamples:
    counted = DecoderMetrics(SessionRegistry(tiny_engine(slots=2), idle_s=9.0), setup("test"))
    counted.tick([SlotsExhausted(""), StaleFence("")], tick_s=0.2, expired=1, span=None)
    shown: MetricSamples = counted.samples()
    return shown


async def _gateway() -> MetricSamples:
    async with world() as here:
        return of_gateway(here.gateway, setup("test"), here.port, discovery_away=False)


async def _executor() -> MetricSamples:
    here, ledger = ExecutorInMemory(), Ledger()
    feed = ConsumerLoop(
        lambda revoked: MemorySource(here.log, "actions", revoked), lambda _: [], here.executor
    )
    size = LedgerSize(ledger)
    await size.refresh()
    ledger.lost = True
    await size.refresh()
    return of_executor(here.executor, here.parts, feed, size, setup("test"), draining=False, task_deaths=0)


def _home() -> MetricSamples:
    return HomeService(Homes(HomeStore(":memory:")), lambda: 0, NO_HISTORY).samples()


def _deletion_cost() -> MetricSamples:
    return CostReconciler(cast(PodApi, None), cast(SessionCounts, None), every_s=1.0).samples()


def test_every_metric_is_shown_by_a_service_with_a_sample_of_each_label() -> None:
    services = [asyncio.run(_gateway()), _decoder(), asyncio.run(_executor()), _home(), _deletion_cost()]
    assert {metric for shown in services for metric in shown} == set(metrics.ALL)
    for shown in services:
        page = MetricsPage(lambda shown=shown: shown)()[1].decode()
        for metric in shown:
            samples = [line for line in page.splitlines() if line.startswith(metric.name)]
            assert samples and all((metric.label in line) for line in samples)


def test_a_decoder_counts_what_it_refused_and_what_came_late() -> None:
    shown = _decoder()
    assert shown[metrics.DECODER_ADMISSIONS_REFUSED] == shown[metrics.DECODER_FENCES_REFUSED] == 1
    assert shown[metrics.DECODER_DEADLINE_MISSES] == 1 and shown[metrics.CHUNKS_DECODED] == 0
    assert shown[metrics.DECODER_SLOTS] == shown[metrics.DECODER_FREE_SLOTS] == 2


def test_a_ledger_that_is_away_has_the_size_that_it_had() -> None:
    shown = asyncio.run(_executor())
    assert (shown[metrics.LEDGER_KEYS], shown[metrics.LEDGER_BYTES]) == (12, 34)


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
