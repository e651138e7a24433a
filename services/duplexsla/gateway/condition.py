"""The one way in which coroutines that share state wait for each other: for a fact, until a deadline."""

import asyncio
import math
import time
from collections.abc import Callable

Fact = Callable[[], object]


class Condition:
    """Coroutines wait for facts about state that they share; whoever changes that state calls `notify`.

    A fact is cheap and changes nothing: `notify` asks it of everybody who waits, and wakes only those for
    whom it holds, one future for each wait. All of it is used on the event loop's thread.

    Cancelling `wait_for` is safe: a wait takes nothing, and what was true before it is not lost.
    """

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], Fact] = {}

    def notify(self) -> None:
        """Something changed."""
        for waiter, fact in self._waiting.items():
            if not waiter.done() and fact():
                waiter.set_result(None)

    async def wait_for(self, fact: Fact, until: float = math.inf) -> bool:
        """Returns True once the fact holds, also at once; False at `until` (seconds of time.monotonic)."""
        while not fact():
            if time.monotonic() >= until:
                return False
            await self._wait(fact, until)
        return True

    async def _wait(self, fact: Fact, until: float) -> None:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        timer = None
        if until < math.inf:
            timer = loop.call_later(max(0.0, until - time.monotonic()), _wake, waiter)
        self._waiting[waiter] = fact
        try:
            await waiter
        finally:
            del self._waiting[waiter]
            if timer is not None:
                timer.cancel()


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
