"""A session's next decoder: it hears what the present one hears, unheard itself, until both are level.

It starts from the journal and gets every chunk that the journal does not hold yet. What it says is compared
with what was said aloud: one that disagrees remembers another conversation and is no successor.
"""

import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from duplexsla.errors import DecoderLost
from duplexsla.gateway.call.wakeup import Wakeup
from duplexsla.gateway.decoders.client import DecoderStream
from duplexsla.session.dialogue import DecodedStep

if TYPE_CHECKING:
    from duplexsla.gateway.call.call import InFlight

CLOSE_CHUNKS = 2  # so near to level that the session waits for it
CHASE_S = 2.0  # for a shadow to come near
Said = tuple[str, tuple[int, ...], tuple[str, ...]]


class Standby:
    """One coroutine answers; everything else does not wait."""

    def __init__(self, stream: DecoderStream, in_flight: Iterable["InFlight"], next_chunk: int) -> None:
        """It knows all before the chunks in flight; `next_chunk` is the one after them."""
        self.stream = stream
        self.started_at: float | None = None  # its first answer
        self.over = False  # it was adopted or sent away
        self._queue = deque(in_flight)
        self.level_with = self._queue[0].chunk if self._queue else next_chunk  # all below this is answered
        self._ours: dict[int, Said] = {}
        self._theirs: dict[int, Said] = {}
        self._heard = Wakeup()

    def hear(self, chunk: "InFlight") -> None:
        """The present decoder was sent this."""
        self._queue.append(chunk)
        self._heard.ring()

    def compare(self, chunk: int, step: DecodedStep) -> None:
        """The present decoder answered this."""
        self._theirs[chunk] = _said(step)

    def worth_waiting_for(self, next_chunk: int, now: float, *, live: bool) -> bool:
        """Whether the session's next chunk should wait until both are level.

        A file's session may wait for as long as it takes. A live one waits for a shadow that is near, and for
        one that cannot come nearer, because its decoder is too slow for two at once.
        """
        if self.started_at is None:
            return False
        near = next_chunk - self.level_with <= CLOSE_CHUNKS
        return near or not live or now - self.started_at > CHASE_S

    def agrees(self) -> bool:
        """Whether all that both have answered is the same."""
        both = self._ours.keys() & self._theirs.keys()
        return all(self._ours[chunk] == self._theirs[chunk] for chunk in both)

    def end(self) -> None:
        self.over = True
        self._heard.ring()

    async def expects(self) -> bool:
        """Waits for a chunk to answer; False once it is over."""
        while not self._queue and not self.over:
            await self._heard.wait()
        return not self.over

    async def answer_one(self) -> None:
        """Raises DecoderLost; for the first chunk also SlotsExhausted."""
        flight = self._queue.popleft()
        self.stream.send(flight.chunk, flight.samples, forced=flight.forced, traceparent="")
        chunk, step = await self.stream.receive()
        self._ours[chunk] = _said(step)
        self.level_with = chunk + 1
        self.started_at = self.started_at or time.monotonic()


class StandbyDisagrees(DecoderLost):
    """A shadow that would go on with another conversation."""


def _said(step: DecodedStep) -> Said:
    return step.anchor, step.codes, step.pieces
