"""The states of an action in the ledger: what may be asked in each, and what comes of it.

Every ledger is tested row by row against this table.
"""

from enum import StrEnum
from typing import NamedTuple


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
