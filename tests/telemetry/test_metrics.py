"""Every metric that has a name is shown by a service, and none is shown that has no name."""

import asyncio
from typing import cast

from metrics_page import DecoderMetrics
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
from duplexsla.telemetry import MetricSamples, MetricsPage, metrics, setup


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
        return of_gateway(here.gateway, setup("test"), discovery_away=False)


async def _executor() -> MetricSamples:
    here, ledger = ExecutorInMemory(), Ledger()
    feed = ConsumerLoop(lambda revoked: MemorySource(here.log, "actions", revoked), here.executor)
    size = LedgerSize(ledger)
    await size.refresh()
    ledger.lost = True
    await size.refresh()
    return of_executor(
        here.executor, here.executor._dispatch, feed, size, setup("test"), draining=False, task_deaths=0
    )


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
