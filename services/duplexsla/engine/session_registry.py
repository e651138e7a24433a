"""What stands before the engine: fences, the order of chunks, answers to repeats, idle sessions, the drain.

Every request gets an answer of its own: an output or the error that concerns it, never a neighbour's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.engine.prefix import Prefix
from duplexsla.errors import DecoderLost, DuplexSLAError, ProtocolError, SlotsExhausted, StaleFence

Answer = StepOutput | DuplexSLAError


@dataclass(frozen=True, slots=True)
class ChunkRequest:
    """One chunk of one session, from the gateway. `start` opens the session, `end` closes it afterwards.

    A start with a `past` goes on with a session that has lived elsewhere; the toolset is then the past's.
    """

    session: int
    chunk: int
    fence: int
    samples: NDArray[np.int16]  # [2560]
    forced: str = ""
    start: bool = False
    end: bool = False
    toolset: str = ""
    past: Prefix | None = None


@dataclass(slots=True)
class _Record:
    fence: int
    chunk: int
    answer: StepOutput | None = None


class SessionRegistry:
    """An engine with a book of its sessions. `now_s` is any clock that does not go backwards."""

    def __init__(self, engine: Engine, *, idle_s: float) -> None:
        self.engine, self._idle_s = engine, idle_s
        self.draining = False  # set: no session starts here any more
        self._records: dict[int, _Record] = {}

    @property
    def num_live(self) -> int:
        return self.engine.slots.num_live

    @property
    def num_free(self) -> int:
        return self.engine.slots.num_free

    def fence_of(self, session: int) -> int:
        """The newest fence of an open session; 0 for any other."""
        record = self._records.get(session)
        return record.fence if record else 0

    def expire(self, now_s: float, *, idle_s: float | None = None) -> list[int]:
        """Closes the sessions that have been idle for longer than `idle_s`, and says which."""
        expired = self.engine.expire(now_s - (self._idle_s if idle_s is None else idle_s))
        for session in expired:
            del self._records[session]
        return expired

    def serve(self, requests: Sequence[ChunkRequest], now_s: float) -> list[Answer]:
        """One tick. Answers are in the order of the requests."""
        answers: dict[int, Answer] = {}
        decoded: dict[int, int] = {}  # session -> place of its request
        newest = _newest_fences(requests)
        for place, request in enumerate(requests):
            try:
                if request.fence < newest[request.session]:
                    raise StaleFence(f"fence {request.fence}, the session's is {newest[request.session]}")
                if request.session in decoded:
                    raise ProtocolError(f"chunk {request.chunk} while the one before it is decoded")
                repeated = self._admit(request, now_s)
            except DuplexSLAError as error:
                answers[place] = error
                continue
            if repeated is not None:
                answers[place] = repeated
            else:
                decoded[request.session] = place
        answers |= self._decode([(place, requests[place]) for place in decoded.values()], now_s)
        self.lose(
            [each.session for place, each in enumerate(requests) if each.end and _heard(answers[place])]
        )
        return [answers[place] for place in range(len(requests))]

    def lose(self, sessions: Sequence[int]) -> None:
        """Closes sessions; unknown ones are no error."""
        for session in sessions:
            if self._records.pop(session, None):
                self.engine.close(session)

    def _admit(self, request: ChunkRequest, now_s: float) -> StepOutput | None:
        """The stored answer of a repeat; None when the chunk is to be decoded, its session open and noted."""
        record = self._records.get(request.session)
        if record is not None and request.fence < record.fence:
            raise StaleFence(f"fence {request.fence}, the session's is {record.fence}")
        if record is not None and (request.chunk, request.fence) == (record.chunk, record.fence):
            return record.answer
        if request.start:
            record = self._open(request, now_s)
        if record is None:
            raise DecoderLost("unknown session")
        if request.chunk < record.chunk:
            raise ProtocolError(f"chunk {request.chunk} after {record.chunk}")
        record.fence, record.chunk, record.answer = request.fence, request.chunk, None
        return None

    def _open(self, request: ChunkRequest, now_s: float) -> _Record:
        """A session that starts again forgets what it was."""
        past = request.past
        if self.draining:
            raise SlotsExhausted("this decoder is draining")
        if past is not None and request.chunk < past.next_chunk:
            raise ProtocolError(f"chunk {request.chunk} after a past of {past.next_chunk}")
        self.lose([request.session])
        if past is None:
            self.engine.open(request.session, request.toolset, now_s=now_s)
        else:
            self.engine.resume(request.session, past, now_s=now_s)
        record = self._records[request.session] = _Record(request.fence, request.chunk)
        return record

    def _decode(self, requests: Sequence[tuple[int, ChunkRequest]], now_s: float) -> dict[int, Answer]:
        if not requests:
            return {}
        inputs = [StepInput(each.session, each.samples, each.forced) for _, each in requests]
        answers: dict[int, Answer] = {}
        for (place, request), output in zip(requests, self.engine.step(inputs, now_s=now_s), strict=True):
            self._records[request.session].answer = output
            answers[place] = output
        return answers


def _newest_fences(requests: Sequence[ChunkRequest]) -> dict[int, int]:
    """By session. A session that comes back here may meet what its former placement sent in one batch."""
    newest: dict[int, int] = {}
    for request in requests:
        newest[request.session] = max(request.fence, newest.get(request.session, 0))
    return newest


def _heard(answer: Answer) -> bool:
    return isinstance(answer, StepOutput)
