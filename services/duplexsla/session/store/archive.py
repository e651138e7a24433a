"""Journals outside of the gateway that keeps them, written behind in batches: what its death leaves.

Hints, like the store: what is read back may be some chunks behind what the client has heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

RESUME_MS = 60_000  # how long a session is kept for a client that has gone


class Saving(NamedTuple):
    """What is new of one session."""

    session_id: int
    fence: int
    record: bytes  # a SessionRecord
    chunks: Sequence[bytes]  # PastChunks that are not stored yet, oldest first
    stored: int  # chunks that should be stored already; 0: whatever is there is replaced


class Saved(Enum):
    KEPT = "kept"
    TORN = "torn"  # not as many chunks are stored as should be: give the whole journal
    FENCED = "fenced"  # somebody else owns the session


class Archived(NamedTuple):
    record: bytes
    chunks: list[bytes]


class Archive(Protocol):
    """Redis or memory. Every method may raise StoreLost."""

    shared: bool  # other gateways read it, too

    async def save(self, savings: Sequence[Saving], *, keep: int, ttl_ms: int) -> list[Saved]:
        """Writes a batch; of each session the newest `keep` chunks stay, for `ttl_ms` after the last save."""

    async def load(self, session_id: int) -> Archived | None:
        """None when there is no such session, or not any more."""

    async def peek(self, session_id: int) -> bytes | None:
        """The record alone."""

    async def drop(self, session_id: int, fence: int) -> None:
        """The session is over; nothing happens when somebody else owns it."""

    async def close(self) -> None: ...


@dataclass
class MemoryArchive:
    """The archive of a single gateway, or of a test. It forgets the oldest sessions beyond `capacity`."""

    capacity: int = 64
    shared: bool = False
    _sessions: dict[int, tuple[int, Archived]] = field(default_factory=dict)  # session -> (fence, what)

    async def save(self, savings: Sequence[Saving], *, keep: int, ttl_ms: int) -> list[Saved]:
        return [self._save(saving, keep) for saving in savings]

    async def load(self, session_id: int) -> Archived | None:
        found = self._sessions.get(session_id)
        return found[1] if found else None

    async def peek(self, session_id: int) -> bytes | None:
        found = self._sessions.get(session_id)
        return found[1].record if found else None

    async def drop(self, session_id: int, fence: int) -> None:
        if self._sessions.get(session_id, (0,))[0] <= fence:
            self._sessions.pop(session_id, None)

    async def close(self) -> None:
        self._sessions.clear()

    def _save(self, saving: Saving, keep: int) -> Saved:
        fence, archived = self._sessions.get(saving.session_id, (0, Archived(b"", [])))
        chunks = archived.chunks if saving.stored else []
        if fence > saving.fence:
            return Saved.FENCED
        if len(chunks) != saving.stored:
            return Saved.TORN
        self._sessions.pop(saving.session_id, None)  # to the end of the line
        kept = [*chunks, *saving.chunks][-keep:]
        self._sessions[saving.session_id] = (saving.fence, Archived(saving.record, kept))
        while len(self._sessions) > self.capacity:
            del self._sessions[next(iter(self._sessions))]
        return Saved.KEPT
