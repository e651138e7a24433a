"""Who holds which slot: a decoder has N of them, a session holds one or is refused."""

import heapq
from dataclasses import dataclass

from duplexsla.errors import SessionForgotten, SlotsExhausted


@dataclass(slots=True)
class SlotLease:
    """One session's hold on a slot. `generation` counts the sessions that have held any slot, from 1."""

    session: int
    slot: int
    generation: int
    seen_s: float


class Slots:
    """A free list of `count` slots, lowest first, so that live sessions stay next to each other in memory."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = list(range(count))
        self._leases: dict[int, SlotLease] = {}
        self._generations = 0

    @property
    def num_free(self) -> int:
        return len(self._free)

    @property
    def num_live(self) -> int:
        return len(self._leases)

    def __contains__(self, session: int) -> bool:
        return session in self._leases

    def take(self, session: int, now_s: float) -> SlotLease:
        """A slot for a new session; raises SlotsExhausted. A session that holds one may not take a second."""
        assert session not in self._leases, "close the session before it is opened again"
        if not self._free:
            raise SlotsExhausted(f"all {self.count} slots are held")
        self._generations += 1
        lease = SlotLease(session, heapq.heappop(self._free), self._generations, now_s)
        self._leases[session] = lease
        return lease

    def of(self, session: int) -> SlotLease:
        """Raises SessionForgotten for a session that was never opened, was closed or has expired."""
        try:
            return self._leases[session]
        except KeyError:
            raise SessionForgotten("unknown session") from None

    def give_back(self, session: int) -> None:
        heapq.heappush(self._free, self.of(session).slot)
        del self._leases[session]

    def idle_since(self, limit_s: float) -> list[int]:
        """Sessions last seen before `limit_s`, the longest idle first."""
        idle = [lease for lease in self._leases.values() if lease.seen_s < limit_s]
        return [lease.session for lease in sorted(idle, key=lambda lease: lease.seen_s)]

    def check_integrity(self) -> None:
        """Every slot is free or held once."""
        held = [lease.slot for lease in self._leases.values()]
        assert sorted(held + self._free) == list(range(self.count)), (held, self._free)
