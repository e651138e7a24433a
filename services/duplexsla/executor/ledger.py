"""The ledger: what is known of each action, so that a second copy of its event does nothing.

    from        event                                to
    (nothing)   claim                                RUNNING
    RUNNING     claim again, after a crash           RUNNING  (resumed: a call may have been made)
    RUNNING     the device answered, or time is up   DONE FAILED EXPIRED FENCED REFUSED UNKNOWN
    (nothing)   decided without a call               EXPIRED FENCED REFUSED UNKNOWN
    settled     anything                             itself: the first outcome stands

A process may die between any two lines of `dispatch`; what its successor finds:

    dies                                    finds       and does
    before the claim                        (nothing)   everything
    after the claim, before the call        RUNNING     idempotent: calls · at most once: UNKNOWN
    after the call, before its outcome      RUNNING     idempotent: calls again · at most once: UNKNOWN
    after the outcome, before it is told    settled     tells the same outcome
    after it was told, before the commit    settled     tells the same outcome again

The ledger holds hints; that nothing happens after expiry or for an older fence is checked by the device, too.
"""

from dataclasses import dataclass
from typing import Protocol

from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome

KEPT_MS = 7 * 24 * 3_600 * 1_000  # at least as long as the topic keeps events


@dataclass(frozen=True)
class Claimed:
    """Ours to do. `resumed`: somebody had claimed it before and left no outcome."""

    resumed: bool


@dataclass(frozen=True)
class Settled:
    """Decided before; this is the outcome that stands."""

    outcome: ActionOutcome


@dataclass(frozen=True)
class Fenced:
    """Somebody else owns the session by now, under this fence. `resumed` as in Claimed."""

    newest: int
    resumed: bool


Claim = Claimed | Settled | Fenced


class Ledger(Protocol):
    """Redis or memory. Every method may raise StoreLost."""

    async def claim(self, event: ActionEvent) -> Claim:
        """Says what is known of the action, and marks it RUNNING if nothing decides against it."""

    async def settle(self, event: ActionEvent, outcome: ActionOutcome) -> ActionOutcome:
        """Writes the outcome unless there is one already; returns the one that stands."""

    async def close(self) -> None: ...


class MemoryLedger:
    """The ledger of one process; `fences` holds the newest fence by session id."""

    def __init__(self) -> None:
        self.fences: dict[int, int] = {}
        self._entries: dict[str, ActionOutcome | None] = {}  # None: RUNNING

    async def claim(self, event: ActionEvent) -> Claim:
        id = event.action.id
        outcome = self._entries.get(id)
        if outcome is not None:
            return Settled(outcome)
        resumed = id in self._entries
        newest = self.fences.get(event.session_id, 0)
        if newest > event.fence:
            return Fenced(newest, resumed)
        self._entries[id] = None
        return Claimed(resumed)

    async def settle(self, event: ActionEvent, outcome: ActionOutcome) -> ActionOutcome:
        standing = self._entries.get(event.action.id) or outcome
        self._entries[event.action.id] = standing
        return standing

    async def close(self) -> None:
        self._entries.clear()
