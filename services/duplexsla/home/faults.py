"""Faults on purpose, for tests: a device that is slow, hangs, breaks, refuses, or acts and stays silent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["slow", "hang", "error", "refuse", "lost"]
ANY = "*"
MAX_FAULTS = 100  # at a time; more are refused


@dataclass
class Fault:
    """What goes wrong for `device`, `times` calls long.

    `device` is the name of a device, a door, a function or a command, or an entity's id; "*" is any.

    slow: acts after ms · hang: no answer for ms, no effect · error: 503, no effect · refuse: 409, no effect ·
    lost: acts, gives no answer for ms, and then does not say so (504). `times` 0 is until it is cleared.
    """

    device: str
    kind: FaultKind
    ms: int = 0
    times: int = 0


class Faults:
    """The faults of all homes, in memory."""

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str], Fault] = {}

    def set(self, home: str, fault: Fault) -> bool:
        """Whether there was room for it. A fault replaces the one its device had."""
        if len(self._faults) >= MAX_FAULTS and (home, fault.device) not in self._faults:
            return False
        self._faults[home, fault.device] = fault
        return True

    def clear(self, home: str) -> None:
        self._faults = {key: fault for key, fault in self._faults.items() if key[0] != home}

    def take(self, home: str, names: Iterable[str]) -> Fault | None:
        """The fault that a call of these names meets; counts down those that last for some calls only."""
        for name in (*names, ANY):
            fault = self._faults.get((home, name))
            if fault is not None:
                return self._count(home, fault)
        return None

    def _count(self, home: str, fault: Fault) -> Fault:
        if fault.times == 1:
            del self._faults[home, fault.device]
        elif fault.times > 1:
            fault.times -= 1
        return fault
