"""Where a process may die, what its successor finds then, and a seam with which tests make one die there.

Any line of `dispatch` and `service` may be the last one of a process; these points stand for all of them, and
are tested row by row, in memory and with a real process, Kafka and Redis.
"""

import os
import signal
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from duplexsla.executor.ledger.ledger import Known

PassPoint = Callable[[str], None]  # called with the name of each point that is passed


class Successor(StrEnum):
    """What a successor does with an action that it finds."""

    CALLS = "calls the device"
    UNKNOWN = "publishes that nobody knows"
    PUBLISHES = "publishes the outcome that stands"


class CrashPoint(NamedTuple):
    """A place in `dispatch` and `service` where a process may die."""

    name: str
    after: str
    finds: Known
    idempotent: Successor
    at_most_once: Successor


POINTS = {
    point.name: point
    for point in (
        CrashPoint("read", "the record was read", Known.NOTHING, Successor.CALLS, Successor.CALLS),
        CrashPoint("claimed", "the ledger said yes", Known.RUNNING, Successor.CALLS, Successor.UNKNOWN),
        CrashPoint("decided", "the plan was written down", Known.RUNNING, Successor.CALLS, Successor.UNKNOWN),
        CrashPoint("called", "the device answered", Known.RUNNING, Successor.CALLS, Successor.UNKNOWN),
        CrashPoint("settled", "the outcome was written down", Known.SETTLED, *[Successor.PUBLISHES] * 2),
        CrashPoint("published", "the outcome was published", Known.SETTLED, *[Successor.PUBLISHES] * 2),
    )
}


def never(point: str) -> None:
    """No crash is asked for."""


def die_at(wanted: str) -> PassPoint:
    """Ends this process by SIGKILL when it passes the point. Raises ValueError for an unknown one."""
    if wanted not in POINTS:
        raise ValueError(f"no crash point {wanted!r}: one of {', '.join(POINTS)}")

    def pass_by(point: str) -> None:
        if point == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return pass_by
