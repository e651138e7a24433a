"""Journals outside of the gateway that keeps them, written behind in batches: what its death leaves.

Hints, like the store: what is read back may be some chunks behind what the client has received.
"""

from collections.abc import Sequence
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
    """Redis or memory. Every method may raise StoreLost; one that is cancelled may have had its effect."""

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
