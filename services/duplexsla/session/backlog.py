"""Bounded queues of a session, without waiting: they say what they dropped."""

from collections import deque
from typing import NamedTuple

from duplexsla.v1.session_pb2 import ConverseResponse

BACKLOG_CHUNKS = 4  # 640 ms of audio that waits for the decoder
OUTBOX_MESSAGES = 32  # 5 s of chunks that wait for the client
OUTBOX_LIMIT = 4 * OUTBOX_MESSAGES  # with messages that are never dropped: the session ends


class Heard(NamedTuple):
    """One chunk of the user's audio."""

    samples: bytes  # CHUNK_BYTES
    at: float  # when it was complete, s


class Backlog:
    """Audio that waits for the decoder. Live sessions drop the oldest; file sessions ask `full` first."""

    def __init__(self, capacity: int = BACKLOG_CHUNKS) -> None:
        self._chunks: deque[Heard] = deque()
        self._capacity = capacity

    def __len__(self) -> int:
        return len(self._chunks)

    @property
    def full(self) -> bool:
        return len(self._chunks) >= self._capacity

    @property
    def oldest_at(self) -> float | None:
        return self._chunks[0].at if self._chunks else None

    def put(self, chunk: Heard) -> int:
        """Adds a chunk; number of chunks dropped for it (0 or 1)."""
        dropped = 0
        if self.full:
            self._chunks.popleft()
            dropped = 1
        self._chunks.append(chunk)
        return dropped

    def take(self) -> Heard:
        return self._chunks.popleft()


class Outbox:
    """Messages that wait for the client. When full, the oldest chunk is dropped; other messages never are."""

    def __init__(self, capacity: int = OUTBOX_MESSAGES) -> None:
        self._messages: deque[ConverseResponse] = deque()
        self._capacity = capacity

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def full(self) -> bool:
        return len(self._messages) >= self._capacity

    @property
    def overflows(self) -> bool:
        return len(self._messages) > OUTBOX_LIMIT

    def put(self, message: ConverseResponse) -> int | None:
        """Adds a message; index of the chunk that was dropped for it, if any."""
        dropped = self._drop_chunk() if self.full else None
        self._messages.append(message)
        return dropped

    def put_first(self, message: ConverseResponse) -> None:
        self._messages.appendleft(message)

    def take(self) -> ConverseResponse:
        return self._messages.popleft()

    def _drop_chunk(self) -> int | None:
        for position, message in enumerate(self._messages):
            if message.HasField("chunk"):
                del self._messages[position]
                return message.chunk.index
        return None
