"""Store and archive of a single gateway, or of a test.

Each call suspends on its way there and on its way back, as one over the network does: whatever may happen
between the two with Redis happens here, too. One that is cancelled on its way there did nothing, one that is
cancelled on its way back did all.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from duplexsla.session.store.archive import Archived, Saved, Saving
from duplexsla.session.store.leases import (
    FENCE_MS,
    LEASE_MS,
    PREFILL_MS,
    DecoderAddress,
    Lease,
    exhausted,
    fence_floor,
    preference,
    taken_over,
)


@asynccontextmanager
async def round_trip() -> AsyncIterator[None]:
    """Lets others run before and after what happens inside."""
    await asyncio.sleep(0)
    yield
    await asyncio.sleep(0)


@dataclass
class _Entry:
    owner: str
    decoder: str
    until_ms: int


class _Numbers(NamedTuple):
    fence: int  # of the newest owner
    placement: int  # the highest one given
    until_ms: int  # remembered


@dataclass
class MemoryStore:
    """The store of a single gateway, or of a test."""

    _entries: dict[int, _Entry] = field(default_factory=dict)
    _numbers: dict[int, _Numbers] = field(default_factory=dict)
    _prefills: dict[str, tuple[str, int]] = field(default_factory=dict)  # decoder -> (who, until ms)

    async def take(
        self, session_id: int, owner: str, decoders: Sequence[DecoderAddress], *, now_ms: int
    ) -> Lease:
        async with round_trip():
            self._forget(now_ms)
            former = self._entries.get(session_id)
            free = self._free(decoders, but=session_id)
            if not free:
                raise exhausted(decoders)
            kept = former is not None and any(former.decoder == each.address for each in free)
            address = former.decoder if former is not None and kept else free[0].address
            fence = self._next(session_id, now_ms)
            self._numbers[session_id] = _Numbers(fence, fence, now_ms + FENCE_MS)
            self._entries[session_id] = _Entry(owner, address, now_ms + LEASE_MS)
            return Lease(session_id, owner, fence, address, fence)

    async def move(self, lease: Lease, decoders: Sequence[DecoderAddress], *, now_ms: int) -> Lease:
        async with round_trip():
            self._forget(now_ms)
            if self._fence(lease.session_id) > lease.fence:
                raise taken_over(lease)
            free = self._free(decoders)
            if not free:
                raise exhausted(decoders)
            placement = max(self._next(lease.session_id, now_ms), lease.placement + 1)
            self._numbers[lease.session_id] = _Numbers(lease.fence, placement, now_ms + FENCE_MS)
            self._entries[lease.session_id] = _Entry(lease.owner, free[0].address, now_ms + LEASE_MS)
            return lease._replace(decoder=free[0].address, placement=placement)

    async def renew(self, leases: Sequence[Lease], *, now_ms: int) -> list[Lease]:
        async with round_trip():
            return [lease for lease in leases if not self._renew(lease, now_ms)]

    async def release(self, lease: Lease) -> None:
        async with round_trip():
            if self._fence(lease.session_id) <= lease.fence:
                self._entries.pop(lease.session_id, None)

    async def acquire_prefill(self, decoder: str, who: str, *, now_ms: int) -> bool:
        async with round_trip():
            if self._prefills.get(decoder, ("", 0))[1] > now_ms:
                return False
            self._prefills[decoder] = who, now_ms + PREFILL_MS
            return True

    async def release_prefill(self, decoder: str, who: str) -> None:
        async with round_trip():
            if self._prefills.get(decoder, ("", 0))[0] == who:
                del self._prefills[decoder]

    async def close(self) -> None:
        async with round_trip():
            self._entries.clear()

    def _renew(self, lease: Lease, now_ms: int) -> bool:
        """A lease that ran out but that nobody took is taken again."""
        if self._fence(lease.session_id) > lease.fence:
            return False
        known = self._numbers.get(lease.session_id)
        placement = max(lease.placement, known.placement if known else 0)
        self._entries[lease.session_id] = _Entry(lease.owner, lease.decoder, now_ms + LEASE_MS)
        self._numbers[lease.session_id] = _Numbers(lease.fence, placement, now_ms + FENCE_MS)
        return True

    def _fence(self, session_id: int) -> int:
        return self._numbers[session_id].fence if session_id in self._numbers else 0

    def _next(self, session_id: int, now_ms: int) -> int:
        newest = self._numbers[session_id].placement if session_id in self._numbers else 0
        return max(newest + 1, fence_floor(now_ms))

    def _free(self, decoders: Sequence[DecoderAddress], *, but: int | None = None) -> list[DecoderAddress]:
        """Decoders with a free slot, the emptiest first; a slot of the session `but` counts as free."""
        held = Counter(entry.decoder for session_id, entry in self._entries.items() if session_id != but)
        return preference(each._replace(held=held[each.address]) for each in decoders)

    def _forget(self, now_ms: int) -> None:
        for session_id in [s for s, entry in self._entries.items() if entry.until_ms <= now_ms]:
            del self._entries[session_id]
        for session_id in [s for s, numbers in self._numbers.items() if numbers.until_ms <= now_ms]:
            del self._numbers[session_id]


@dataclass
class MemoryArchive:
    """The archive of a single gateway, or of a test. It forgets the oldest sessions beyond `capacity`."""

    capacity: int = 64
    shared: bool = False
    _sessions: dict[int, tuple[int, Archived]] = field(default_factory=dict)  # session -> (fence, what)

    async def save(self, savings: Sequence[Saving], *, keep: int, ttl_ms: int) -> list[Saved]:
        async with round_trip():
            return [self._save(saving, keep) for saving in savings]

    async def load(self, session_id: int) -> Archived | None:
        async with round_trip():
            found = self._sessions.get(session_id)
            return found[1] if found else None

    async def peek(self, session_id: int) -> bytes | None:
        async with round_trip():
            found = self._sessions.get(session_id)
            return found[1].record if found else None

    async def drop(self, session_id: int, fence: int) -> None:
        async with round_trip():
            if self._sessions.get(session_id, (0,))[0] <= fence:
                self._sessions.pop(session_id, None)

    async def close(self) -> None:
        async with round_trip():
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
