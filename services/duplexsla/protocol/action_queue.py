"""The FIFO of the action channel (paper section 3.3 and appendix E)."""

import heapq
from collections import deque
from collections.abc import Iterable
from itertools import count

from duplexsla.clock import ACTION_BUDGET
from duplexsla.errors import ProtocolError

MAX_WAITING = 4_096  # pieces


class ActionQueue:
    """Actions wait by trigger chunk, ties by id, and leave at most `budget` pieces per chunk.

    What does not fit spills into the next chunks; an action in flight is never preempted. Bounded: `put`
    refuses an action that would make more than `max_waiting` pieces wait.
    """

    def __init__(self, *, budget: int = ACTION_BUDGET, max_waiting: int = MAX_WAITING) -> None:
        if budget < 1:
            raise ValueError(f"a chunk's budget is at least 1 piece, not {budget}")
        self._budget = budget
        self._max_waiting = max_waiting
        self._later: list[
            tuple[int, int, int, tuple[str, ...]]
        ] = []  # heap of (trigger, id, arrival, pieces)
        self._arrivals = count()
        self._in_flight: deque[str] = deque()
        self._waiting = 0

    def __len__(self) -> int:
        """Pieces that have not left yet."""
        return self._waiting

    def put(self, trigger_chunk: int, id: int, pieces: Iterable[str]) -> None:
        """Queue an action; raises ProtocolError, and takes nothing, when it does not fit."""
        action = tuple(pieces)
        if self._waiting + len(action) > self._max_waiting:
            raise ProtocolError(
                f"the action queue holds {self._waiting} pieces and has no room for {len(action)}"
            )
        heapq.heappush(self._later, (trigger_chunk, id, next(self._arrivals), action))
        self._waiting += len(action)

    def take(self, chunk: int) -> list[str]:
        """The pieces of this chunk: the whole budget while any action triggered by now still holds some."""
        taken: list[str] = []
        while len(taken) < self._budget and self._refill(chunk):
            taken.append(self._in_flight.popleft())
        self._waiting -= len(taken)
        return taken

    def _refill(self, chunk: int) -> bool:
        """Whether a piece is in flight, after starting the next due action if need be."""
        while not self._in_flight and self._later and self._later[0][0] <= chunk:
            self._in_flight.extend(heapq.heappop(self._later)[-1])
        return bool(self._in_flight)
