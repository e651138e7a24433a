"""The outcomes that a client was told lately: it may have gone before it had read them.

The outbox has them as long as the call is on its gateway. They are in the archive, too, so that another
gateway tells them again: those that came after the newest chunk that the client has.
"""

from collections import deque
from collections.abc import Iterable

from duplexsla.v1.action_pb2 import ActionOutcome
from duplexsla.v1.journal_pb2 import SessionRecord, ToldOutcome
from duplexsla.v1.session_pb2 import ConverseResponse

MAX_TOLD = 16  # the oldest is forgotten
KEPT_CHUNKS = 375  # 60 s: no client that is further behind comes back


class ToldOutcomes:
    """Of one session; `next_chunk` is the index of the chunk that the client is sent next."""

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
