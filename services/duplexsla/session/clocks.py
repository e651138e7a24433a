"""When the next chunk is decoded: by the wall clock (live) or by the audio's own (file). Time is an argument.

Times are seconds of one monotonic clock.
"""

import math
from enum import Enum
from typing import NamedTuple, Protocol

from duplexsla.clock import CHUNK_S

GRACE_S = 0.080  # a live chunk that comes this late is still used; after it, silence takes its place
LEAD_S = CHUNK_S  # at most this much a live session's clock may be moved forward for audio that comes early
CATCH_UP_CHUNKS = 4  # silence is made up for at most this much of a time in which nothing could be sent


class ClockDecision(Enum):
    TAKE = "take"  # the oldest waiting chunk
    CONCEAL = "conceal"  # silence, in place of audio that did not come
    WAIT = "wait"


class Decision(NamedTuple):
    choice: ClockDecision
    at: float  # when the chunk was due; of WAIT: when to ask again (inf: when audio has come)


WAIT_FOR_AUDIO = Decision(ClockDecision.WAIT, math.inf)


class SessionClock(Protocol):
    def decide(self, now: float, oldest_at: float | None) -> Decision:
        """What to do at `now`; `oldest_at`: when the oldest waiting chunk was complete; None: none waits."""

    def advance(self) -> None:
        """The chunk that was decided on is over."""


class FileClock:
    """A chunk is due when it is complete; nothing is ever concealed."""

    def decide(self, now: float, oldest_at: float | None) -> Decision:
        return WAIT_FOR_AUDIO if oldest_at is None else Decision(ClockDecision.TAKE, oldest_at)

    def advance(self) -> None:
        pass


class LiveClock:
    """Slots of 160 ms from the first chunk on; deadlines are absolute, so that nothing adds up.

    The origin may move forward once or more, by `LEAD_S` in all, to where the earliest audio says it is: a
    first chunk that was slow to come must not delay all others.
    """

    def __init__(self) -> None:
        self._origin: float | None = None
        self._slot = 0
        self._lead_s = LEAD_S
        self.skipped = 0  # slots passed over because the session was held up

    def decide(self, now: float, oldest_at: float | None) -> Decision:
        if self._origin is None:
            if oldest_at is None:
                return WAIT_FOR_AUDIO
            self._origin = oldest_at
        due = self._due(now, oldest_at)
        if oldest_at is None:
            latest = due + GRACE_S
            return (
                Decision(ClockDecision.CONCEAL, due)
                if now >= latest
                else Decision(ClockDecision.WAIT, latest)
            )
        if due > now:
            due -= self._pull(due - now)
        return Decision(ClockDecision.TAKE, due) if now >= due else Decision(ClockDecision.WAIT, due)

    def advance(self) -> None:
        self._slot += 1

    def _due(self, now: float, oldest_at: float | None) -> float:
        """When the next slot is due, after passing over those whose audio was dropped or will never come."""
        assert self._origin is not None
        due = self._origin + self._slot * CHUNK_S
        newest = now - CATCH_UP_CHUNKS * CHUNK_S if oldest_at is None else oldest_at - CHUNK_S
        if due < newest:
            behind = math.ceil((newest - due) / CHUNK_S)
            self._slot += behind
            self.skipped += behind
            due = self._origin + self._slot * CHUNK_S
        return due

    def _pull(self, early_s: float) -> float:
        """Moves the origin forward by as much of `early_s` as is left."""
        assert self._origin is not None
        moved = min(early_s, self._lead_s)
        self._lead_s -= moved
        self._origin -= moved
        return moved
