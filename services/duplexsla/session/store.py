"""Who owns a session and where it was placed: hints that survive a gateway. Correctness comes from the fence.

Fences never go backwards: a new one is above the stored one and above the wall clock (Unix ms << 10), so it
rises even when the store has lost its last seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from duplexsla.errors import SlotsExhausted
from duplexsla.session.placement import Decoder, preference

LEASE_MS = 15_000
RENEW_S = LEASE_MS / 3 / 1_000
FENCE_MS = 600_000  # how long an ended session's fence is remembered: longer than clocks differ
CLOCK_SHIFT = 10  # 1,024 fences per session and ms
RETRY_AFTER_MS = 1_000


class Lease(NamedTuple):
    session_id: int
    owner: str  # the gateway
    fence: int
    decoder: str  # host:port


class Store(Protocol):
    """Redis or memory. Every method may raise StoreLost. Times are Unix ms, given by the caller."""

    async def take(self, session_id: int, owner: str, decoders: Sequence[Decoder], *, now_ms: int) -> Lease:
        """Own the session, with a new fence, and hold a slot on the first decoder that has one free.

        A former owner's lease ends. SlotsExhausted when no decoder has a free slot.
        """

    async def renew(self, leases: Sequence[Lease], *, now_ms: int) -> list[Lease]:
        """Keep these for another LEASE_MS; those that somebody else owns by now are returned."""

    async def release(self, lease: Lease) -> None:
        """Give the slot and the ownership back, unless somebody else owns the session by now."""

    async def close(self) -> None: ...


def fence_floor(now_ms: int) -> int:
    return now_ms << CLOCK_SHIFT


def exhausted(decoders: Sequence[Decoder]) -> SlotsExhausted:
    slots = sum(decoder.slots for decoder in decoders)
    return SlotsExhausted(f"all {slots} slots are held: try again later", retry_after_ms=RETRY_AFTER_MS)


@dataclass
class _Entry:
    owner: str
    fence: int
    decoder: str
    until_ms: int


@dataclass
class MemoryStore:
    """The store of a single gateway, or of a test."""

    _entries: dict[int, _Entry] = field(default_factory=dict)
    _fences: dict[int, tuple[int, int]] = field(
        default_factory=dict
    )  # session -> (fence, remembered until ms)

    async def take(self, session_id: int, owner: str, decoders: Sequence[Decoder], *, now_ms: int) -> Lease:
        self._forget(now_ms)
        self._entries.pop(session_id, None)
        free = preference(d._replace(held=self._held(d.address)) for d in decoders)
        if not free:
            raise exhausted(decoders)
        fence = max(self._fences.get(session_id, (0, 0))[0] + 1, fence_floor(now_ms))
        self._fences[session_id] = (fence, now_ms + FENCE_MS)
        self._entries[session_id] = _Entry(owner, fence, free[0].address, now_ms + LEASE_MS)
        return Lease(session_id, owner, fence, free[0].address)

    async def renew(self, leases: Sequence[Lease], *, now_ms: int) -> list[Lease]:
        return [lease for lease in leases if not self._renew(lease, now_ms)]

    async def release(self, lease: Lease) -> None:
        entry = self._entries.get(lease.session_id)
        if entry is not None and entry.fence == lease.fence:
            del self._entries[lease.session_id]

    async def close(self) -> None:
        self._entries.clear()

    def _renew(self, lease: Lease, now_ms: int) -> bool:
        """A lease that ran out but that nobody took is taken again."""
        entry = self._entries.get(lease.session_id)
        if self._fences.get(lease.session_id, (0, 0))[0] > lease.fence:
            return False
        if entry is None:
            entry = self._entries[lease.session_id] = _Entry(lease.owner, lease.fence, lease.decoder, 0)
        entry.until_ms = now_ms + LEASE_MS
        self._fences[lease.session_id] = (lease.fence, now_ms + FENCE_MS)
        return True

    def _held(self, decoder: str) -> int:
        return sum(entry.decoder == decoder for entry in self._entries.values())

    def _forget(self, now_ms: int) -> None:
        for session_id in [s for s, entry in self._entries.items() if entry.until_ms <= now_ms]:
            del self._entries[session_id]
        for session_id in [s for s, (_, until) in self._fences.items() if until <= now_ms]:
            del self._fences[session_id]
