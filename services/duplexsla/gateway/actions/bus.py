"""The way of actions out and of outcomes back, and the in-memory one for tests and single processes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from opentelemetry.trace import Span

from duplexsla.errors import BrokerLost
from duplexsla.telemetry import inject
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome

Told = Callable[[ActionOutcome], None]
Failed = Callable[[str], None]  # the reason


class ActionBus(Protocol):
    """Kafka or memory. Callbacks run on the event loop's thread."""

    async def start(self, told: Told) -> None:
        """From its return on, `told` is called with every outcome, of whatever session."""

    def publish(self, event: ActionEvent, span: Span, failed: Failed) -> None:
        """Hands an event over without waiting; `span` ends when it is acknowledged.

        BrokerLost when it cannot even be queued; `failed` is called, once, when it was queued and then lost.
        """

    @property
    def waiting(self) -> int:
        """Events that were handed over and not sent."""

    async def close(self) -> None: ...


class MemoryBus:
    """Runs actions in this process; without an `execute` every action is unavailable."""

    def __init__(
        self, execute: Callable[[ActionEvent, str], Awaitable[ActionOutcome | None]] | None = None
    ) -> None:
        """`execute` takes an event and a traceparent; None for an outcome that never comes."""
        self._execute = execute
        self._told: Told | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def start(self, told: Told) -> None:
        self._told = told

    def publish(self, event: ActionEvent, span: Span, failed: Failed) -> None:
        if self._execute is None:
            raise BrokerLost("this gateway has no broker")
        task = asyncio.get_running_loop().create_task(self._run(event, span, failed))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    @property
    def waiting(self) -> int:
        return len(self._running)

    async def close(self) -> None:
        for task in self._running:
            task.cancel()

    async def _run(self, event: ActionEvent, span: Span, failed: Failed) -> None:
        assert self._execute is not None and self._told is not None
        await asyncio.sleep(0)  # as over a broker: whoever published goes on first
        try:
            outcome = await self._execute(event, inject(span))
            await asyncio.sleep(0)
        except BrokerLost as error:
            failed(str(error))
        else:
            if outcome is not None:
                self._told(outcome)
        finally:
            span.end()
