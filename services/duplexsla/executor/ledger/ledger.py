"""The ledger: what is known of each action, so that a second copy of its event does nothing.

MOVES is the one table of its states and moves, against which every ledger is tested row by row. It holds
hints: that nothing happens after expiry or for an older fence is checked by the device, too.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome
from duplexsla.v1.plan_pb2 import ActionPlan

KEPT_MS = 7 * 24 * 3_600 * 1_000  # at least as long as the topic keeps events


class Known(StrEnum):
    """What the ledger holds of an action."""

    NOTHING = "nothing"
    RUNNING = "running"  # claimed; a call may have been made
    SETTLED = "settled"  # its outcome


class Asked(StrEnum):
    """What an executor asks of the ledger."""

    CLAIM = "claim"  # may I do it? who claims last is the one who does
    CLAIM_FENCED = "claim, fenced"  # the same, for a session that has a newer owner
    HOLD = "hold"  # do I still do it?
    SETTLE = "settle"  # this became of it
    LATE = "hold or settle, late"  # either, after somebody else has claimed it


class Move(NamedTuple):
    to: Known
    answer: str


MOVES: dict[tuple[Known, Asked], Move] = {
    (Known.NOTHING, Asked.CLAIM): Move(Known.RUNNING, "claimed"),
    (Known.NOTHING, Asked.CLAIM_FENCED): Move(Known.NOTHING, "fenced"),
    (Known.NOTHING, Asked.SETTLE): Move(Known.SETTLED, "written"),
    (Known.NOTHING, Asked.HOLD): Move(Known.NOTHING, "held"),  # the ledger has lost it
    (Known.RUNNING, Asked.CLAIM): Move(Known.RUNNING, "resumed"),  # somebody died in the middle of it
    (Known.RUNNING, Asked.CLAIM_FENCED): Move(Known.RUNNING, "resumed, fenced"),
    (Known.RUNNING, Asked.HOLD): Move(Known.RUNNING, "held"),
    (Known.RUNNING, Asked.SETTLE): Move(Known.SETTLED, "written"),
    (Known.RUNNING, Asked.LATE): Move(Known.RUNNING, "lost"),
    (Known.SETTLED, Asked.CLAIM): Move(Known.SETTLED, "settled"),
    (Known.SETTLED, Asked.CLAIM_FENCED): Move(Known.SETTLED, "settled"),
    (Known.SETTLED, Asked.HOLD): Move(Known.SETTLED, "settled"),
    (Known.SETTLED, Asked.SETTLE): Move(Known.SETTLED, "settled"),  # the first outcome stands
    (Known.SETTLED, Asked.LATE): Move(Known.SETTLED, "settled"),
}


@dataclass(frozen=True)
class Claimed:
    """Ours to do. `resumed`: somebody claimed it before and left no outcome; `number` counts the claims.

    `plan`: what was decided to be done, if it came to that.
    """

    resumed: bool
    number: int = 1
    plan: ActionPlan | None = None


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
class ClaimLost:
    """Somebody else has claimed the action since: what becomes of it is theirs to say."""


Claim = Claimed | Settled | Fenced


class Ledger(Protocol):
    """Every method may raise StoreLost; one that is cancelled may have had its effect."""

    async def claim(self, event: ActionEvent) -> Claim:
        """Says what is known of the action, and marks it RUNNING if nothing decides against it."""

    async def hold(
        self, event: ActionEvent, claim_number: int, plan: ActionPlan | None = None
    ) -> Claim | ClaimLost:
        """Whether the claim of this number still stands; it is not renewed. If so, a plan is written down."""

    async def outcome(self, event: ActionEvent) -> ActionOutcome | None:
        """The one that stands; None when the action is not settled. Changes nothing."""

    async def settle(
        self, event: ActionEvent, outcome: ActionOutcome, claim_number: int
    ) -> ActionOutcome | ClaimLost:
        """Writes the outcome unless there is one already, or a later claim; returns the one that stands.

        With claim number 0 it is written only where nobody has ever claimed the action.
        """

    async def fence(self, session_id: int, newest: int) -> None:
        """What has an older fence of this session is fenced from now on."""

    async def close(self) -> None: ...
