"""Unix time that no step of a wall clock moves.

It is the time of the store, which all executors share, measured again and again and monotonic in between. A
measurement that differs moves it little by little: a clock that jumps, the store's or this machine's, makes
nothing early, and nothing happen twice; a store that is away stops no clock.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from duplexsla.clock import unix_ms
from duplexsla.errors import StoreLost

MEASURE_S = 10.0
MOST_MS = 500  # that one measurement moves it
ROUND_TRIP_MS = 250  # an answer that took longer tells nothing


class SteadyClock:
    """Call it for the time in ms. It never goes back."""

    def __init__(
        self,
        *,
        wall_ms: Callable[[], int] = unix_ms,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """The wall clock counts until the first measurement, and is read once."""
        self._monotonic_s = monotonic_s
        self._offset_ms = wall_ms() - monotonic_s() * 1_000
        self._last_ms = 0
        self._measured = False

    def __call__(self) -> int:
        self._last_ms = max(self._last_ms, int(self._monotonic_s() * 1_000 + self._offset_ms))
        return self._last_ms

    def measured(self, store_ms: int, asked_s: float, answered_s: float) -> None:
        """The store's time, asked for and answered at these moments of the monotonic clock."""
        if (answered_s - asked_s) * 1_000 > ROUND_TRIP_MS:
            return
        ahead_ms = store_ms - (asked_s + answered_s) * 500 - self._offset_ms
        most_ms = MOST_MS if self._measured else abs(ahead_ms)
        self._offset_ms += max(-most_ms, min(most_ms, ahead_ms))
        self._measured = True

    async def measure(self, store_ms: Callable[[], Awaitable[int]]) -> None:
        """Once; a store that does not answer changes nothing."""
        asked_s = self._monotonic_s()
        try:
            found = await store_ms()
        except StoreLost:
            return
        self.measured(found, asked_s, self._monotonic_s())

    async def follow(self, store_ms: Callable[[], Awaitable[int]]) -> None:
        """Measures for ever. Cancelling is safe."""
        while True:
            await self.measure(store_ms)
            await asyncio.sleep(MEASURE_S)
