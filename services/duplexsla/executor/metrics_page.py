"""The samples of an executor's metrics page, and the size of its ledger, which only the ledger knows."""

import asyncio
from typing import Protocol

from duplexsla.errors import StoreLost
from duplexsla.executor.assembly import ExecutorParts
from duplexsla.executor.consumer import ConsumerLoop
from duplexsla.executor.room_events import ENDS as ROOM_ENDS
from duplexsla.executor.service import Executor
from duplexsla.gates.decision import Gate
from duplexsla.security.quotas import RISKS
from duplexsla.telemetry import MetricSamples, Telemetry, metrics
from duplexsla.v1.action_pb2 import OutcomeState

REFRESH_S = 15.0
STATES = (name.removeprefix("OUTCOME_STATE_").lower() for name in OutcomeState.keys()[1:])
ENDS = (*STATES, "dead", "moved")


class MeasuredLedger(Protocol):
    async def size(self) -> tuple[int, int]:
        """Keys, and bytes of memory; StoreLost."""


class LedgerSize:
    """The newest size that the ledger gave; it stays while the ledger is away."""

    def __init__(self, ledger: MeasuredLedger) -> None:
        self._ledger = ledger
        self.keys = self.size_bytes = 0

    async def refresh(self) -> None:
        try:
            self.keys, self.size_bytes = await self._ledger.size()
        except StoreLost:
            return

    async def run(self) -> None:
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_S)


def samples(
    executor: Executor,
    parts: ExecutorParts,
    consumer: ConsumerLoop,
    ledger: LedgerSize,
    telemetry: Telemetry,
    *,
    draining: bool,
    task_deaths: int,
) -> MetricSamples:
    return {
        metrics.SPANS_DROPPED: telemetry.dropped,
        metrics.DRAINING: draining,
        metrics.TASK_DEATHS: task_deaths,
        metrics.EXECUTOR_ACTIONS: {end: executor.counts[end] for end in ENDS},
        metrics.ACTION_SECONDS: executor.action_s,
        metrics.EXECUTOR_MISADDRESSED: executor.counts["misaddressed"],
        metrics.EXECUTOR_ROOM_EVENTS: {end: parts.rooms.counts[end] for end in ROOM_ENDS},
        metrics.EXECUTOR_QUEUE_DEPTH: executor.under_way,
        metrics.EXECUTOR_FENCES_REFUSED: executor.counts["fenced"],
        metrics.SOURCE_SILENT_SECONDS: consumer.silent_s,
        metrics.EXECUTOR_OVER_QUOTA: {risk: parts.decisions.over_quota[risk] for risk in RISKS},
        metrics.EXECUTOR_GATE_REFUSALS: {gate: parts.decisions.refused[gate] for gate in Gate},
        metrics.EXECUTOR_POLICIES_REJECTED: parts.policies.rejected,
        metrics.OPEN_BREAKERS: parts.calls.open_breakers,
        metrics.LEDGER_AWAY: parts.ledger.away,
        metrics.LEDGER_UNWRITTEN: parts.ledger.unwritten,
        metrics.LEDGER_KEYS: ledger.keys,
        metrics.LEDGER_BYTES: ledger.size_bytes,
    }
