"""Who owns a session and where it was placed: hints that survive a gateway. Correctness comes from the fence.

An owner has a fence, which goes with its actions: executor and home refuse a lower one. Each decoder that the
owner places the session on gets a number of its own, the placement, which is the fence or above it: the
decoder refuses a lower one. So an action published before a session moved between decoders is still good, and
one of a former owner is not.

Neither ever goes backwards. A new one is above every stored one, and not below the store's clock (Unix ms <<
10): it rises also when the store has lost its last seconds, be it all of them, because no session is taken
1,024 times within one ms. Redis reads its own clock for this, so gateways whose clocks differ share one. What
is left: a Redis that forgot its last seconds AND whose clock went back by more than those.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from duplexsla.errors import SlotsExhausted, StaleFence
from duplexsla.session.placement import DecoderAddress, preference

LEASE_MS = 15_000
RENEW_S = LEASE_MS / 3 / 1_000
FENCE_MS = 600_000  # how long an ended session's fence is remembered: longer than clocks differ
CLOCK_SHIFT = 10  # 1,024 fences per session and ms
RETRY_AFTER_MS = 1_000
TURN_MS = 500  # how long a decoder may take to compute a past before the next gateway sends it one


class Lease(NamedTuple):
    session_id: int
    owner: str  # the gateway
    fence: int  # of the owner: goes with actions
    decoder: str  # host:port
    placement: int  # of the session on this decoder: goes with chunks


class Store(Protocol):
    """Redis or memory. Every method may raise StoreLost. Times are Unix ms, given by the caller."""

    async def take(
        self, session_id: int, owner: str, decoders: Sequence[DecoderAddress], *, now_ms: int
    ) -> Lease:
        """Own the session, with a new fence, and hold a slot: on the decoder that has it already if that is
        among `decoders`, else on the emptiest.

        A former owner's lease ends. SlotsExhausted when no decoder has a free slot.
        """

    async def move(self, lease: Lease, decoders: Sequence[DecoderAddress], *, now_ms: int) -> Lease:
        """The same owner and fence on the emptiest of these, under a new placement; the old slot is given
        back.

        SlotsExhausted, or StaleFence when somebody else owns the session by now.
        """

    async def renew(self, leases: Sequence[Lease], *, now_ms: int) -> list[Lease]:
        """Keep these for another LEASE_MS; those that somebody else owns by now are returned."""

    async def release(self, lease: Lease) -> None:
        """Give the slot and the ownership back, unless somebody else owns the session by now."""

    async def begin_turn(self, decoder: str, who: str, *, now_ms: int) -> bool:
        """Whether `who` may have this decoder compute a past now: one at a time, for TURN_MS."""

    async def end_turn(self, decoder: str, who: str) -> None:
        """It is computed; nothing happens when somebody else has the turn by now."""

    async def close(self) -> None: ...


def fence_floor(now_ms: int) -> int:
    return now_ms << CLOCK_SHIFT


def exhausted(decoders: Sequence[DecoderAddress]) -> SlotsExhausted:
    slots = sum(decoder.slots for decoder in decoders)
    why = f"all {slots} slots are held" if decoders else "no decoder is ready"
    return SlotsExhausted(f"{why}: try again later", retry_after_ms=RETRY_AFTER_MS)


def taken_over(lease: Lease) -> StaleFence:
    return StaleFence(f"session {lease.session_id:016x} belongs to another gateway now")


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
    _turns: dict[str, tuple[str, int]] = field(default_factory=dict)  # decoder -> (who, until ms)

    async def take(
        self, session_id: int, owner: str, decoders: Sequence[DecoderAddress], *, now_ms: int
    ) -> Lease:
        self._forget(now_ms)
        former = self._entries.pop(session_id, None)
        free = self._free(decoders)
        if not free:
            raise exhausted(decoders)
        kept = former is not None and any(former.decoder == each.address for each in free)
        address = former.decoder if former is not None and kept else free[0].address
        fence = self._next(session_id, now_ms)
        self._numbers[session_id] = _Numbers(fence, fence, now_ms + FENCE_MS)
        self._entries[session_id] = _Entry(owner, address, now_ms + LEASE_MS)
        return Lease(session_id, owner, fence, address, fence)

    async def move(self, lease: Lease, decoders: Sequence[DecoderAddress], *, now_ms: int) -> Lease:
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
        return [lease for lease in leases if not self._renew(lease, now_ms)]

    async def release(self, lease: Lease) -> None:
        if self._fence(lease.session_id) <= lease.fence:
            self._entries.pop(lease.session_id, None)

    async def begin_turn(self, decoder: str, who: str, *, now_ms: int) -> bool:
        if self._turns.get(decoder, ("", 0))[1] > now_ms:
            return False
        self._turns[decoder] = who, now_ms + TURN_MS
        return True

    async def end_turn(self, decoder: str, who: str) -> None:
        if self._turns.get(decoder, ("", 0))[0] == who:
            del self._turns[decoder]

    async def close(self) -> None:
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

    def _free(self, decoders: Sequence[DecoderAddress]) -> list[DecoderAddress]:
        return preference(each._replace(held=self._held(each.address)) for each in decoders)

    def _held(self, decoder: str) -> int:
        return sum(entry.decoder == decoder for entry in self._entries.values())

    def _forget(self, now_ms: int) -> None:
        for session_id in [s for s, entry in self._entries.items() if entry.until_ms <= now_ms]:
            del self._entries[session_id]
        for session_id in [s for s, numbers in self._numbers.items() if numbers.until_ms <= now_ms]:
            del self._numbers[session_id]
