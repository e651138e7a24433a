"""What a call's decoder was sent and has not answered, and its next decoder, which is sent the same.

A standby decodes what the present decoder decodes, for nobody, until it has caught up.
It starts from the journal and gets every chunk that the journal does not hold yet. What it decodes is
compared with what the client was sent: one that disagrees has another past and cannot take over. One with
another model begins without a past: it takes over while nobody speaks, and that is declared.
"""

import time
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from duplexsla.errors import DecoderLost
from duplexsla.gateway.decoders.client import DecoderStream
from duplexsla.session.dialogue import DecodedStep
from duplexsla.telemetry import StepContext

CLOSE_CHUNKS = 2  # so few are left that the call waits for them
CATCH_UP_S = 2.0  # for a standby to come close
SILENCE_S = 15.0  # how long one with another model waits until nobody speaks
Decoded = tuple[str, tuple[int, ...], tuple[str, ...]]

IN_FLIGHT = 2  # chunks at the decoder: one in its tick, one that waits for the next


class InFlight(NamedTuple):
    """One such chunk. Times are seconds of time.monotonic."""

    chunk: int
    due: float
    concealed: bool
    step: StepContext
    samples: bytes
    forced: str


class Standby:
    """One coroutine calls `decode_one`; everything else does not wait."""

    def __init__(self, stream: DecoderStream, in_flight: Iterable[InFlight], next_chunk: int) -> None:
        """Its past ends before the chunks in flight; `next_chunk` is the one after them."""
        self.stream = stream
        self.model = ""  # identity of its model, once it has answered
        self.started_at: float | None = None  # its first answer
        self.waiting = deque(in_flight)
        self.caught_up_to = self.waiting[0].chunk if self.waiting else next_chunk  # all below are answered
        self._standby: dict[int, Decoded] = {}
        self._present: dict[int, Decoded] = {}

    def submit(self, flight: InFlight) -> None:
        """The present decoder was sent this."""
        self.waiting.append(flight)

    def compare(self, chunk: int, step: DecodedStep) -> None:
        """The present decoder answered this."""
        self._present[chunk] = _decoded(step)

    def holds_back(self, next_chunk: int, now: float, *, live: bool) -> bool:
        """Whether the call's next chunk should wait until this has caught up.

        A file may wait for as long as it takes. A live call waits for a standby that is close, and for one
        that cannot come closer, because its decoder is too slow for two at once.
        """
        if self.started_at is None:
            return False
        close = next_chunk - self.caught_up_to <= CLOSE_CHUNKS
        return close or not live or now - self.started_at > CATCH_UP_S

    def is_foreign(self, model: str) -> bool:
        """Whether it has another model than the present decoder, whose identity is given."""
        return bool(self.model) and bool(model) and self.model != model

    def awaits_silence(self, model: str, *, quiet: bool, now: float) -> bool:
        """Whether it should not take over yet, because somebody speaks."""
        started_at = now if self.started_at is None else self.started_at
        return self.is_foreign(model) and not quiet and now - started_at <= SILENCE_S

    def caught_up(self, next_chunk: int) -> bool:
        """Whether it has answered all below `next_chunk`, and at least one."""
        return self.started_at is not None and self.caught_up_to >= next_chunk

    def agrees(self) -> bool:
        """Whether all that both have answered is the same."""
        both = self._standby.keys() & self._present.keys()
        return all(self._standby[chunk] == self._present[chunk] for chunk in both)

    async def decode_one(self) -> None:
        """The oldest chunk that waits. Raises DecoderLost; for the first chunk also SlotsExhausted.

        Not safe to cancel, unless the standby is given up: its chunk is lost to it.
        """
        flight = self.waiting.popleft()
        self.stream.send(flight.chunk, flight.samples, forced=flight.forced, traceparent="")
        chunk, step = await self.stream.receive()
        self._standby[chunk] = _decoded(step)
        self.caught_up_to = chunk + 1
        self.model = step.tick.model
        self.started_at = self.started_at or time.monotonic()


class StandbyDisagrees(DecoderLost):
    """A standby that would go on from another past."""


def _decoded(step: DecodedStep) -> Decoded:
    decoded = step.decoded
    return decoded.anchor, tuple(decoded.codes), tuple(decoded.action)
