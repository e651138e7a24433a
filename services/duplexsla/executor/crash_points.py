"""A seam for tests of crashes: the process kills itself at a named point. Off unless a test asks for it."""

import os
import signal
from collections.abc import Callable

from duplexsla.executor.ledger.transitions import POINTS

CrashPoint = Callable[[str], None]  # called with the name of each point that is passed


def never(point: str) -> None:
    """Lives on."""


def die_at(wanted: str) -> CrashPoint:
    """Ends this process by SIGKILL when it passes the point. Raises ValueError for an unknown one."""
    if wanted not in POINTS:
        raise ValueError(f"no crash point {wanted!r}: one of {', '.join(POINTS)}")

    def pass_by(point: str) -> None:
        if point == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return pass_by
