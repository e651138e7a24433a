"""The action channel of a session as it is written: what is scheduled, what is queued, chunk by chunk."""

import heapq
from collections import deque
from dataclasses import dataclass
from itertools import count

from duplexsla.clock import ACTION_BUDGET
from duplexsla.protocol.action_queue import ActionQueue
from duplexsla.protocol.tokens import Vocabulary

Key = tuple[str, int, int]  # kind, line, number


@dataclass(slots=True)
class _Item:
    key: Key | None
    left: int  # pieces that are not written yet
    forced: bool
    begun: bool = False


@dataclass(frozen=True, slots=True)
class ActionStep:
    """What began and what ended in one chunk."""

    begun: tuple[Key, ...]
    ended: tuple[Key, ...]


class ActionTrack:
    """Texts wait by chunk, then by time, then as they came, and leave through the queue of section 3.3.

    written: token ids of each chunk, without <|action_end|>; forced: how many of them, from the left, the
    service wrote.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._queue = ActionQueue()
        self._scheduled: list[tuple[int, float, int, str, Key | None]] = []
        self._ids = count()
        self._waiting: deque[_Item] = deque()  # in the order of the queue
        self.written: list[list[int]] = []
        self.forced: list[int] = []

    @property
    def chunk(self) -> int:
        """The next chunk to write."""
        return len(self.written)

    @property
    def idle(self) -> bool:
        return not self._queue and not self._scheduled

    @property
    def open_to_service(self) -> bool:
        """Whether the service may write: nothing spills from the chunk before, as in the engine."""
        return not self._queue and (not self.written or len(self.written[-1]) < ACTION_BUDGET)

    def schedule(self, chunk: int, time_s: float, text: str, key: Key | None = None) -> None:
        """Text that is triggered in a chunk that is not written yet."""
        heapq.heappush(self._scheduled, (max(chunk, self.chunk), time_s, next(self._ids), text, key))

    def force(self, text: str) -> None:
        """Text of the service, in front of all else of the next chunk; only while `open_to_service`."""
        self._put(text, None, forced=True)

    def step(self) -> ActionStep:
        """Writes the next chunk."""
        chunk = self.chunk
        while self._scheduled and self._scheduled[0][0] <= chunk:
            *_, text, key = heapq.heappop(self._scheduled)
            self._put(text, key, forced=False)
        pieces = self._queue.take(chunk)
        self.written.append([self._vocabulary.id(piece) for piece in pieces])
        return self._attribute_pieces(len(pieces))

    def _put(self, text: str, key: Key | None, *, forced: bool) -> None:
        pieces = self._vocabulary.pieces(self._vocabulary.encode(text))
        self._queue.put(self.chunk, next(self._ids), pieces)
        self._waiting.append(_Item(key, len(pieces), forced))

    def _attribute_pieces(self, taken: int) -> ActionStep:
        """Attributes the pieces taken to their texts."""
        begun, ended, forced = [], [], 0
        while taken:
            item = self._waiting[0]
            if item.key and not item.begun:
                begun.append(item.key)
            item.begun = True
            now = min(taken, item.left)
            item.left, taken = item.left - now, taken - now
            forced += now * item.forced
            if not item.left:
                self._waiting.popleft()
                if item.key:
                    ended.append(item.key)
        self.forced.append(forced)
        return ActionStep(tuple(begun), tuple(ended))
