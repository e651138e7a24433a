"""The round: see who has how many sessions, write what has changed."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from duplexsla.errors import ClusterLost
from duplexsla.kubernetes.deletion_cost.costs import wanted
from duplexsla.kubernetes.deletion_cost.pods import Pods, SessionCounts
from duplexsla.telemetry import Readings, metrics

logger = logging.getLogger(__name__)

SILENT_ROUNDS = 6  # without an answer of the API: not well


class Keeper:
    """Keeps the costs up. Two of them do no harm: they write the same."""

    def __init__(
        self,
        pods: Pods,
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
            await self.round()
            await asyncio.sleep(self._every_s)

    async def round(self) -> None:
        try:
            pods = await asyncio.to_thread(self._pods.list)
            self.seen = len(pods)
            for name, cost in wanted(pods, await self._sessions.of(pods)).items():
                await asyncio.to_thread(self._pods.annotate, name, cost)
                self.updates += 1
            self._answered_at = self._clock()
        except ClusterLost as error:
            logger.warning("costs stay as they are: %s", error)

    def report(self) -> tuple[bool, dict[str, Any]]:
        """For GET /healthz."""
        well = self._clock() - self._answered_at < SILENT_ROUNDS * self._every_s
        return well, {"pods": self.seen, "updates": self.updates}

    def readings(self) -> Readings:
        return {metrics.DELETION_COST_PODS: self.seen, metrics.DELETION_COST_UPDATES: self.updates}
