"""The ledger: what is known of each action, so that a second copy of its event does nothing.

Its states and moves are the table in `transitions`. It holds hints: that nothing happens after expiry or for
an older fence is checked by the device, too.
"""

from dataclasses import dataclass
from typing import Protocol

from duplexsla.executor.transitions import MOVES, Asked, Known
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
        self._known: dict[str, Known] = {}
        self._outcomes: dict[str, ActionOutcome] = {}

    async def claim(self, event: ActionEvent) -> Claim:
        newest = self.fences.get(event.session_id, 0)
        answer = self._move(event, Asked.CLAIM_FENCED if newest > event.fence else Asked.CLAIM)
        if answer == "settled":
            return Settled(self._outcomes[event.action.id])
        resumed = answer.startswith("resumed")
        return Fenced(newest, resumed) if answer.endswith("fenced") else Claimed(resumed)

    async def settle(self, event: ActionEvent, outcome: ActionOutcome) -> ActionOutcome:
        if self._move(event, Asked.SETTLE) == "written":
            self._outcomes[event.action.id] = outcome
        return self._outcomes[event.action.id]

    async def close(self) -> None:
        self._known.clear()

    def _move(self, event: ActionEvent, asked: Asked) -> str:
        """What the table says; the action is then what it says."""
        id = event.action.id
        self._known[id], answer = MOVES[self._known.get(id, Known.NOTHING), asked]
        return answer
