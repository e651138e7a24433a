"""What happens in homes and is no effect of an action, for those who ask for changes: in memory, bounded.

A timer that is over is found when its time has come: the log knows when each one ends.
"""

import asyncio
import heapq
import json
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from duplexsla.home.state import Props
from duplexsla.home.timers import PREFIX, UNNAMED
from duplexsla.v1 import home_pb2 as pb

KEPT = 4_096  # of all homes, the newest
MOST_AT_ONCE = 512
OLDEST_TIMER_MS = 600_000  # one that was over so long ago is told to nobody

_SWITCHES = {("on", True): "turned_on", ("on", False): "turned_off", ("open", True): "opened"}
_SWITCHES |= {("open", False): "closed"}


class _TimerEnd(NamedTuple):
    at_ms: int
    home: str
    name: str


class ChangeLog:
    """Used on one event loop. `running` tells whether a timer of a home still runs until then (Unix ms)."""

    def __init__(self, clock_ms: Callable[[], int], running: Callable[[str, str, int], bool]) -> None:
        self._clock_ms, self._running = clock_ms, running
        self._start = str(clock_ms())  # of this log: positions of another one mean nothing here
        self._first = 0  # number of the oldest that is kept
        self._kept: deque[pb.HomeChange] = deque()
        self._ends: list[_TimerEnd] = []
        self._changed = asyncio.Event()

    def by_hand(self, home: str, entity: str, before: Mapping[str, object], after: pb.EntityState) -> None:
        """Somebody changed this entity. `before` are the properties that it told."""
        told = properties_of(after)
        for (name, value), kind in _SWITCHES.items():
            if told.get(name) is value and before.get(name) is not value:
                self._add(_change(home, entity, kind, "", after.changed_at_ms))
        raised = told.get("triggered")
        if raised and raised != before.get("triggered"):
            self._add(_change(home, entity, "alarm", str(raised), after.changed_at_ms))

    def timers(self, home: str, updates: Mapping[str, Props | None]) -> None:
        """These records of the home's state are new: those of timers are watched."""
        for name, props in updates.items():
            ends_at_ms = (props or {}).get("ends_at_ms", 0)  # of none but a running timer
            if name.startswith(PREFIX) and ends_at_ms > self._clock_ms() - OLDEST_TIMER_MS:
                heapq.heappush(self._ends, _TimerEnd(ends_at_ms, home, name.removeprefix(PREFIX)))
        self._changed.set()

    async def since(self, after: str, wait_s: float) -> pb.HomeChanges:
        """What is newer than `after`; waits for the first one, so long. Cancelling is safe."""
        deadline_ms = self._clock_ms() + wait_s * 1_000
        while True:
            self._changed.clear()
            self._end_timers()
            found = self._newer(after)
            left_ms = deadline_ms - self._clock_ms()
            if found.changes or left_ms <= 0:
                return found
            if self._ends:
                left_ms = min(left_ms, max(1, self._ends[0].at_ms - self._clock_ms()))
            with suppress(TimeoutError):
                async with asyncio.timeout(left_ms / 1_000):
                    await self._changed.wait()

    def _newer(self, after: str) -> pb.HomeChanges:
        start, _, number = after.partition("-")
        known = start == self._start and number.isdecimal()
        first = min(max(self._first, int(number)) if known else self._first, self._first + len(self._kept))
        found = list(islice(self._kept, first - self._first, first - self._first + MOST_AT_ONCE))
        return pb.HomeChanges(next=f"{self._start}-{first + len(found)}", changes=found)

    def _end_timers(self) -> None:
        while self._ends and self._ends[0].at_ms <= self._clock_ms():
            end = heapq.heappop(self._ends)
            if self._running(end.home, end.name, end.at_ms):
                about = "" if end.name == UNNAMED else end.name
                self._add(_change(end.home, "", "timer_over", about, end.at_ms, what=f"{PREFIX}{end.name}"))

    def _add(self, change: pb.HomeChange) -> None:
        self._kept.append(change)
        if len(self._kept) > KEPT:
            self._kept.popleft()
            self._first += 1
        self._changed.set()


def properties_of(state: pb.EntityState) -> Mapping[str, object]:
    """As the entity tells them."""
    told: Mapping[str, object] = json.loads(state.state_json or "{}")
    return told


def _change(home: str, entity: str, kind: str, about: str, at_ms: int, *, what: str = "") -> pb.HomeChange:
    id = f"{home}/{what or entity}@{at_ms}/{kind}"
    return pb.HomeChange(id=id, home=home, entity=entity, kind=kind, about=about, at_ms=at_ms)
