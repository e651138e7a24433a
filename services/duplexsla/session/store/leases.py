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

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from duplexsla.errors import SlotsExhausted, StaleFence

LEASE_MS = 15_000
RENEW_S = LEASE_MS / 3 / 1_000
FENCE_MS = 600_000  # how long an ended session's fence is remembered: longer than clocks differ
CLOCK_SHIFT = 10  # 1,024 fences per session and ms
RETRY_AFTER_MS = 1_000
PREFILL_MS = 500  # how long a decoder may prefill one session before another may begin


class DecoderAddress(NamedTuple):
    address: str  # host:port
    slots: int
    held: int = 0  # slots held by living sessions

    @property
    def free(self) -> int:
        return self.slots - self.held


def preference(decoders: Iterable[DecoderAddress], *, first: str | None = None) -> list[DecoderAddress]:
    """Decoders with a free slot: `first` if it is one of them, then the emptiest (a smaller batch answers
    sooner); equal ones by address.
    """
    free = (each for each in decoders if each.free > 0)
    return sorted(free, key=lambda each: (each.address != first, -each.free, each.address))


class Lease(NamedTuple):
    session_id: int
    owner: str  # the gateway
    fence: int  # of the owner: goes with actions
    decoder: str  # host:port
    placement: int  # of the session on this decoder: goes with chunks


class Store(Protocol):
    """Redis or memory. Every method may raise StoreLost; one that is cancelled may have had its effect.

    Times are Unix ms, given by the caller.
    """

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

    async def acquire_prefill(self, decoder: str, who: str, *, now_ms: int) -> bool:
        """Whether `who` may have this decoder prefill a session now: one at a time, for PREFILL_MS."""

    async def release_prefill(self, decoder: str, who: str) -> None:
        """It is done; nothing happens when somebody else holds the permit by now."""

    async def close(self) -> None: ...


def fence_floor(now_ms: int) -> int:
    return now_ms << CLOCK_SHIFT


def exhausted(decoders: Sequence[DecoderAddress]) -> SlotsExhausted:
    slots = sum(decoder.slots for decoder in decoders)
    why = f"all {slots} slots are held" if decoders else "no decoder is ready"
    return SlotsExhausted(f"{why}: try again later", retry_after_ms=RETRY_AFTER_MS)


def taken_over(lease: Lease) -> StaleFence:
    return StaleFence(f"session {lease.session_id:016x} belongs to another gateway now")
