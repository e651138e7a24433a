"""The one table of an action's life: what the ledger knows of it, what may be asked, what comes of that.

A process may die between any two lines of `dispatch`; POINTS says what its successor finds and does. The
ledgers keep MOVES, the executor keeps POINTS: both are tested row by row, in memory and with real Redis.
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
    (Known.RUNNING, Asked.LATE): Move(Known.RUNNING, "superseded"),
    (Known.SETTLED, Asked.CLAIM): Move(Known.SETTLED, "settled"),
    (Known.SETTLED, Asked.CLAIM_FENCED): Move(Known.SETTLED, "settled"),
    (Known.SETTLED, Asked.HOLD): Move(Known.SETTLED, "settled"),
    (Known.SETTLED, Asked.SETTLE): Move(Known.SETTLED, "settled"),  # the first outcome stands
    (Known.SETTLED, Asked.LATE): Move(Known.SETTLED, "settled"),
}


class Next(StrEnum):
    """What a successor does with an action that it finds."""

    CALLS = "calls the device"
    UNKNOWN = "says that it does not know"
    TELLS = "tells the outcome that stands"


class Point(NamedTuple):
    """A place in `dispatch` and `service` where a process may die."""

    name: str
    after: str
    finds: Known
    idempotent: Next
    at_most_once: Next


POINTS = {
    point.name: point
    for point in (
        Point("taken", "the record was read", Known.NOTHING, Next.CALLS, Next.CALLS),
        Point("claimed", "the ledger said yes", Known.RUNNING, Next.CALLS, Next.UNKNOWN),
        Point("called", "the device answered", Known.RUNNING, Next.CALLS, Next.UNKNOWN),
        Point("settled", "the outcome was written down", Known.SETTLED, Next.TELLS, Next.TELLS),
        Point("told", "the outcome was published", Known.SETTLED, Next.TELLS, Next.TELLS),
    )
}
