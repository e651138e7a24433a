"""Streams that have not opened a session: few of each address, and for a while.

When there are too many, the oldest gives way: whoever opens at once gets in, however many others wait.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from duplexsla.errors import ProtocolError, QuotaExceeded

UNOPENED = 64  # of one address
OPEN_S = 10.0  # a stream that has not opened a session by then ends
MOST_STREAMS = 1_024  # of all addresses together
RETRY_MS = 1_000


class OpeningStreams:
    """Used on one event loop."""

    def __init__(self, of_one: int = UNOPENED, in_all: int = MOST_STREAMS) -> None:
        """`of_one`: of one address."""
        self._of_one, self._in_all = of_one, in_all
        self._waiting: defaultdict[str, dict[asyncio.Timeout, None]] = defaultdict(dict)  # oldest first
        self._total = 0
        self.gave_way = 0

    def __len__(self) -> int:
        return self._total

    @asynccontextmanager
    async def wait(self, peer: str, limit_s: float = OPEN_S) -> AsyncIterator[None]:
        """The block may take so long: ProtocolError afterwards, QuotaExceeded when it has to give way."""
        gave_way = False
        try:
            async with asyncio.timeout(limit_s) as timeout:
                self._enter(peer, timeout)
                try:
                    yield
                finally:
                    gave_way = not self._leave(peer, timeout)
        except TimeoutError:
            if gave_way:
                told = "too many streams of this address have opened no session"
                raise QuotaExceeded(told, retry_after_ms=RETRY_MS) from None
            raise ProtocolError(f"no session was opened within {limit_s:g} s") from None

    def _enter(self, peer: str, timeout: asyncio.Timeout) -> None:
        if len(self._waiting.get(peer, ())) >= self._of_one:
            self._end_oldest(peer)
        elif self._total >= self._in_all:
            self._end_oldest(max(self._waiting, key=lambda each: len(self._waiting[each])))
        self._waiting[peer][timeout] = None
        self._total += 1

    def _end_oldest(self, peer: str) -> None:
        oldest = next(iter(self._waiting[peer]))
        self._leave(peer, oldest)
        self.gave_way += 1
        oldest.reschedule(asyncio.get_running_loop().time())

    def _leave(self, peer: str, timeout: asyncio.Timeout) -> bool:
        """False for one that had to give way."""
        ours = self._waiting.get(peer, {})
        if timeout not in ours:
            return False
        del ours[timeout]
        self._total -= 1
        if not ours:
            del self._waiting[peer]
        return True
