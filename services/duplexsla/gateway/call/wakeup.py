"""Waking one coroutine: an event with a deadline, at the price of one future."""

import asyncio
import math
import time


class Wakeup:
    """One coroutine waits, anybody on the loop's thread rings. A ring before the wait is not lost; two are
    one.

    Cancelling `wait` is safe: a ring that it consumed is lost, which every waiter here survives, since it
    looks at the state that the bell tells about before it waits.
    """

    def __init__(self) -> None:
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        self._rung = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self, until: float = math.inf) -> None:
        """Returns after a ring, or at `until` (seconds of time.monotonic)."""
        if not self._rung:
            await self._sleep(until)
        self._rung = False

    async def _sleep(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = None
        if until < math.inf:
            timer = loop.call_later(max(0.0, until - time.monotonic()), self._expire, self._waiter)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    @staticmethod
    def _expire(waiter: asyncio.Future[None]) -> None:
        if not waiter.done():
            waiter.set_result(None)
