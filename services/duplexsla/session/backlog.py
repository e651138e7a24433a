"""Bounded queues of a session, without waiting: they say what they dropped."""

from collections import deque
from typing import NamedTuple

from duplexsla.v1.session_pb2 import ConverseResponse

BACKLOG_CHUNKS = 4  # 640 ms of audio that waits for the decoder
EXTENDED_CHUNKS = 50  # 8 s, while another decoder is searched for
OUTBOX_MESSAGES = 32  # 5 s of chunks that wait for the client
OUTBOX_LIMIT = 4 * OUTBOX_MESSAGES  # with messages that are never dropped: the session ends
SENT_MESSAGES = 2 * OUTBOX_MESSAGES  # that are kept for a client which may come back


class BufferedChunk(NamedTuple):
    """One chunk of the user's audio."""

    samples: bytes  # CHUNK_BYTES
    at: float  # when it was complete, s


class Backlog:
    """Audio that waits for the decoder. Live sessions drop the oldest; file sessions ask `full` first."""

    def __init__(self, capacity: int = BACKLOG_CHUNKS) -> None:
        self._chunks: deque[BufferedChunk] = deque()
        self._normal = self._capacity = capacity

    def __len__(self) -> int:
        return len(self._chunks)

    def extend_capacity(self) -> None:
        """Holds EXTENDED_CHUNKS until fewer than its normal capacity wait."""
        self._capacity = max(self._normal, EXTENDED_CHUNKS)

    @property
    def full(self) -> bool:
        return len(self._chunks) >= self._capacity

    @property
    def oldest_at(self) -> float | None:
        return self._chunks[0].at if self._chunks else None

    def put(self, chunk: BufferedChunk) -> int:
        """Adds a chunk; number of chunks dropped for it (0 or 1)."""
        dropped = 0
        if self.full:
            self._chunks.popleft()
            dropped = 1
        self._chunks.append(chunk)
        return dropped

    def take(self) -> BufferedChunk:
        chunk = self._chunks.popleft()
        if len(self._chunks) < self._normal:
            self._capacity = self._normal
        return chunk

    def clear(self) -> None:
        self._chunks.clear()


class Outbox:
    """Messages that wait for the client. When full, the oldest chunk is dropped; other messages never are.

    With `keep_sent`, the newest that were taken are kept, so that `rewind` can give them again.
    """

    def __init__(self, capacity: int = OUTBOX_MESSAGES, *, keep_sent: bool = False) -> None:
        self._messages: deque[ConverseResponse] = deque()
        self._sent: deque[ConverseResponse] = deque(maxlen=SENT_MESSAGES if keep_sent else 0)
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

    def put_first(self, *messages: ConverseResponse) -> None:
        self._messages.extendleft(reversed(messages))

    def take(self) -> ConverseResponse:
        message = self._messages.popleft()
        self._sent.append(message)
        return message

    def rewind(self, next_chunk: int) -> int | None:
        """Puts back what was taken after the chunk before `next_chunk`; that one itself need not be kept.

        Returns the index of the first chunk that will come now, None when none waits.
        """
        while self._sent and not _ends_at(self._sent[-1], next_chunk):
            self._messages.appendleft(self._sent.pop())
        return next((each.chunk.index for each in self._messages if each.HasField("chunk")), None)

    def _drop_chunk(self) -> int | None:
        for position, message in enumerate(self._messages):
            if message.HasField("chunk"):
                del self._messages[position]
                return message.chunk.index
        return None


def _ends_at(message: ConverseResponse, next_chunk: int) -> bool:
    """Whether this is a chunk that the client has, so that nothing before it is to be sent again."""
    return message.HasField("chunk") and message.chunk.index < next_chunk
