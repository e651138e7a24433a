"""The ledger: what is known of each action, so that a second copy of its event does nothing.

Its states and moves are the table in `transitions`. It holds hints: that nothing happens after expiry or for
an older fence is checked by the device, too.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from duplexsla.executor.ledger.transitions import MOVES, Asked, Known
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome

KEPT_MS = 7 * 24 * 3_600 * 1_000  # at least as long as the topic keeps events


@dataclass(frozen=True)
class Claimed:
    """Ours to do. `resumed`: somebody had claimed it before and left no outcome; `turn` counts the claims."""

    resumed: bool
    turn: int = 1


@dataclass(frozen=True)
class Settled:
    """Decided before; this is the outcome that stands."""

    outcome: ActionOutcome


@dataclass(frozen=True)
class Fenced:
    """Somebody else owns the session by now, under this fence. `resumed` as in Claimed."""

    newest: int
    resumed: bool


@dataclass(frozen=True)
class Superseded:
    """Somebody else has claimed the action since: what becomes of it is theirs to say."""


Claim = Claimed | Settled | Fenced


class Ledger(Protocol):
    """Redis or memory. Every method may raise StoreLost."""

    async def claim(self, event: ActionEvent) -> Claim:
        """Says what is known of the action, and marks it RUNNING if nothing decides against it."""

    async def hold(self, event: ActionEvent, turn: int) -> Claim | Superseded:
        """Whether the claim of this turn still stands; it is not renewed."""

    async def settle(
        self, event: ActionEvent, outcome: ActionOutcome, turn: int
    ) -> ActionOutcome | Superseded:
        """Writes the outcome unless there is one already, or a later claim; returns the one that stands."""

    async def close(self) -> None: ...


class MemoryLedger:
    """The ledger of one process; `fences` holds the newest fence by session id."""

    def __init__(self) -> None:
        self.fences: dict[int, int] = {}
        self._known: dict[str, Known] = {}
        self._turns: Counter[str] = Counter()
        self._outcomes: dict[str, ActionOutcome] = {}

    async def claim(self, event: ActionEvent) -> Claim:
        answer = self._move(event, Asked.CLAIM_FENCED if self._stale(event) else Asked.CLAIM)
        if answer in ("claimed", "resumed"):
            self._turns[event.action.id] += 1
        return self._claim(event, answer)

    async def hold(self, event: ActionEvent, turn: int) -> Claim | Superseded:
        asked = Asked.CLAIM_FENCED if self._stale(event) else Asked.HOLD
        answer = self._move(event, self._late(event, turn) or asked)
        return Superseded() if answer == "superseded" else self._claim(event, answer)

    async def settle(
        self, event: ActionEvent, outcome: ActionOutcome, turn: int
    ) -> ActionOutcome | Superseded:
        answer = self._move(event, self._late(event, turn) or Asked.SETTLE)
        if answer == "written":
            self._outcomes[event.action.id] = outcome
        return Superseded() if answer == "superseded" else self._outcomes[event.action.id]

    async def close(self) -> None:
        self._known.clear()

    def _move(self, event: ActionEvent, asked: Asked) -> str:
        """What the table says; the action is then what it says."""
        id = event.action.id
        self._known[id], answer = MOVES[self._known.get(id, Known.NOTHING), asked]
        return answer

    def _claim(self, event: ActionEvent, answer: str) -> Claim:
        id = event.action.id
        if answer == "settled":
            return Settled(self._outcomes[id])
        if answer.endswith("fenced"):
            return Fenced(self.fences[event.session_id], answer.startswith("resumed"))
        return Claimed(answer == "resumed", self._turns[id])

    def _stale(self, event: ActionEvent) -> bool:
        return self.fences.get(event.session_id, 0) > event.fence

    def _late(self, event: ActionEvent, turn: int) -> Asked | None:
        return Asked.LATE if self._turns[event.action.id] > turn else None
