"""The way of actions out and of outcomes back, and the in-memory one for tests and single processes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from opentelemetry.trace import Span

from duplexsla.errors import BrokerLost
from duplexsla.runtime.tasks import Supervisor
from duplexsla.telemetry import inject, names
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome

OnOutcome = Callable[[ActionOutcome], None]
OnLost = Callable[[str], None]  # the reason


class ActionBus(Protocol):
    """Kafka or memory. Callbacks run on the event loop's thread."""

    async def start(self, on_outcome: OnOutcome, tasks: Supervisor) -> None:
        """From its return on, `on_outcome` is called with every outcome, of whatever session.

        `tasks` run what that takes.
        """

    def publish(self, event: ActionEvent, span: Span, on_lost: OnLost) -> None:
        """Hands an event over without waiting; `span` ends when it is acknowledged.

        BrokerLost when it cannot even be queued; `on_lost` is called, once, when it was queued and then lost.
        """

    @property
    def partition(self) -> int | None:
        """Of outcomes: the one that this gateway reads, once it is known."""

    @property
    def waiting(self) -> int:
        """Events that were handed over and not sent."""

    @property
    def unreadable(self) -> int:
        """Outcomes that came and could not be read."""

    async def close(self) -> None: ...


def span_attributes(event: ActionEvent) -> dict[str, str]:
    return {
        names.ATTR_ACTION: event.action.id,
        names.ATTR_TOOL: event.action.function,
        names.ATTR_HOME: event.home,
    }


class MemoryBus:
    """Runs actions in this process; without an `execute` every action is unavailable."""

    def __init__(
        self, execute: Callable[[ActionEvent, str], Awaitable[ActionOutcome | None]] | None = None
    ) -> None:
        """`execute` takes an event and a traceparent; None for an outcome that never comes."""
        self._execute = execute
        self._on_outcome: OnOutcome | None = None
        self._running: set[asyncio.Task[None]] = set()
        self.partition: int | None = 0
        self.unreadable = 0

    async def start(self, on_outcome: OnOutcome, tasks: Supervisor) -> None:
        self._on_outcome, self._tasks = on_outcome, tasks

    def publish(self, event: ActionEvent, span: Span, on_lost: OnLost) -> None:
        if self._execute is None:
            raise BrokerLost("this gateway has no broker")
        task = self._tasks.start("action", self._run(event, span, on_lost))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    @property
    def waiting(self) -> int:
        return len(self._running)

    async def close(self) -> None:
        for task in self._running:
            task.cancel()

    async def _run(self, event: ActionEvent, span: Span, on_lost: OnLost) -> None:
        assert self._execute is not None and self._on_outcome is not None
        await asyncio.sleep(0)  # as over a broker: whoever published goes on first
        try:
            outcome = await self._execute(event, inject(span))
            await asyncio.sleep(0)
        except BrokerLost as error:
            on_lost(str(error))
        else:
            if outcome is not None:
                self._on_outcome(outcome)
        finally:
            span.end()
