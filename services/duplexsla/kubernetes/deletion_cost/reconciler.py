"""Reads how many sessions each pod has, writes the costs that have changed."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from duplexsla.errors import ClusterLost
from duplexsla.kubernetes.deletion_cost.costs import changed_costs
from duplexsla.kubernetes.deletion_cost.pods import PodApi, SessionCounts
from duplexsla.telemetry import metrics
from duplexsla.telemetry.metrics import Metric, Value

logger = logging.getLogger(__name__)

FAILED_ROUNDS = 6  # without an answer of the API: not well


class CostReconciler:
    """Brings the costs up to date again and again. Two of them do no harm: they write the same."""

    def __init__(
        self,
        pods: PodApi,
        sessions: SessionCounts,
        *,
        every_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pods, self._sessions, self._every_s, self._clock = pods, sessions, every_s, clock
        self._answered_at = clock()
        self.seen = self.updates = 0

    async def run(self) -> None:
        while True:
            await self.reconcile()
            await asyncio.sleep(self._every_s)

    async def reconcile(self) -> None:
        try:
            pods = await asyncio.to_thread(self._pods.list)
            self.seen = len(pods)
            for name, cost in changed_costs(pods, await self._sessions.of(pods)).items():
                await asyncio.to_thread(self._pods.annotate, name, cost)
                self.updates += 1
            self._answered_at = self._clock()
        except ClusterLost as error:
            logger.warning("deletion costs not updated error=%r", str(error))

    def report(self) -> tuple[bool, dict[str, Any]]:
        """For GET /healthz."""
        well = self._clock() - self._answered_at < FAILED_ROUNDS * self._every_s
        return well, {"pods": self.seen, "updates": self.updates}

    def samples(self) -> dict[Metric, Value]:
        return {metrics.DELETION_COST_PODS: self.seen, metrics.DELETION_COST_UPDATES: self.updates}
