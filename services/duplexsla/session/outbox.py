"""What waits for a client and what it was sent, and what it is told of both: drops, late steps, outcomes."""

from collections import deque
from collections.abc import Iterable

from duplexsla.clock import CHUNK_MS
from duplexsla.v1.action_pb2 import ActionOutcome
from duplexsla.v1.journal_pb2 import SessionRecord, ToldOutcome
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_CHUNKS_DROPPED,
    NOTICE_KIND_OVERLOAD,
    ConverseResponse,
    Notice,
)

OUTBOX_MESSAGES = 32  # 5 s of chunks that wait for the client
OUTBOX_LIMIT = 4 * OUTBOX_MESSAGES  # with messages that are never dropped: the session ends
SENT_MESSAGES = 2 * OUTBOX_MESSAGES  # that are kept for a client which may come back


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

    def silence(self) -> None:
        """What waits is not to be heard any more."""
        for message in self._messages:
            if message.HasField("chunk"):
                message.chunk.ClearField("sound")

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


class DroppedChunks:
    """Decoded chunks that a slow client did not get. `total` counts those of the whole session."""

    def __init__(self) -> None:
        self.total = 0
        self._first = 0
        self._count = 0

    def add(self, chunk: int) -> None:
        if not self._count:
            self._first = chunk
        self._count += 1
        self.total += 1

    def declare(self) -> ConverseResponse | None:
        """Notice of what was dropped since the last one."""
        if not self._count:
            return None
        notice = Notice(
            kind=NOTICE_KIND_CHUNKS_DROPPED,
            detail="the client reads too slowly",
            first_chunk=self._first,
            chunks=self._count,
        )
        self._count = 0
        return ConverseResponse(notice=notice)


MAX_TOLD = 16  # the oldest is forgotten
KEPT_CHUNKS = 375  # 60 s: no client that is further behind comes back


class ToldOutcomes:
    """The outcomes that a client was told lately: it may have gone before it had read them.

    The outbox has them as long as the call is on its gateway. They are in the archive, too, so that another
    gateway tells them again: those that came after the newest chunk that the client has. `next_chunk` is the
    index of the chunk that the client is sent next.
    """

    def __init__(self) -> None:
        self.next_chunk = 0
        self._told: deque[ToldOutcome] = deque(maxlen=MAX_TOLD)

    def tell(self, outcome: ActionOutcome) -> ConverseResponse:
        """The message of an outcome that comes before the next chunk."""
        self._told.append(ToldOutcome(outcome=outcome, before_chunk=self.next_chunk))
        return ConverseResponse(outcome=outcome)

    def save(self, record: SessionRecord) -> None:
        first = self.next_chunk - KEPT_CHUNKS
        record.outcomes.extend(each for each in self._told if each.before_chunk > first)

    def restore(self, record: SessionRecord) -> None:
        self.next_chunk = record.next_chunk
        self._told.clear()
        self._told.extend(record.outcomes)

    def again(self, chunks: Iterable[ConverseResponse], wanted: int) -> list[ConverseResponse]:
        """These chunks, of which `wanted` is the first that the client does not have, and each outcome before
        the chunk that it came before.
        """
        messages, rest = [], deque(each for each in self._told if each.before_chunk >= wanted)
        for message in chunks:
            while rest and rest[0].before_chunk <= message.chunk.index:
                messages.append(ConverseResponse(outcome=rest.popleft().outcome))
            messages.append(message)
        return messages + [ConverseResponse(outcome=each.outcome) for each in rest]


MISSES = 3  # in a row, of which the client is sent a notice
PAUSE_CHUNKS = 60  # about 10 s between two such notices


class OverloadNotice:
    """When a client is told that steps run late, of one session. `live`: nobody waits for a file."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._misses_in_a_row = 0
        self._warned_at = -PAUSE_CHUNKS

    def on_step(self, chunk: int, *, missed: bool) -> Notice | None:
        """A chunk was answered, or was late: what the client is to be told of it."""
        self._misses_in_a_row = self._misses_in_a_row + 1 if missed else 0
        rested = chunk - self._warned_at >= PAUSE_CHUNKS
        if not self._live or self._misses_in_a_row < MISSES or not rested:
            return None
        self._warned_at = chunk
        detail = f"{self._misses_in_a_row} steps in a row took longer than {CHUNK_MS} ms"
        return Notice(kind=NOTICE_KIND_OVERLOAD, detail=detail, first_chunk=chunk)
