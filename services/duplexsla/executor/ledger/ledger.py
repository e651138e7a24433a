"""The ledger: what is known of each action, so that a second copy of its event does nothing.

Its states and moves are the table in `transitions`. It holds hints: that nothing happens after expiry or for
an older fence is checked by the device, too.
"""

from dataclasses import dataclass
from typing import Protocol

from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome

KEPT_MS = 7 * 24 * 3_600 * 1_000  # at least as long as the topic keeps events


@dataclass(frozen=True)
class Claimed:
    """Ours to do. `resumed`: somebody claimed it before and left no outcome; `number` counts the claims."""

    resumed: bool
    number: int = 1


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

    async def hold(self, event: ActionEvent, claim_number: int) -> Claim | ClaimLost:
        """Whether the claim of this number still stands; it is not renewed."""

    async def settle(
        self, event: ActionEvent, outcome: ActionOutcome, claim_number: int
    ) -> ActionOutcome | ClaimLost:
        """Writes the outcome unless there is one already, or a later claim; returns the one that stands."""

    async def close(self) -> None: ...
