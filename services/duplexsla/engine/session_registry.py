"""The sessions of an engine: fences, the order of chunks, answers to repeats, idle sessions, the drain.

Every request gets an answer of its own: an output or the error that concerns it, never a neighbour's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.engine.prefix import Prefix
from duplexsla.errors import (
    DuplexSLAError,
    NotFinite,
    ProtocolError,
    SessionForgotten,
    SlotsExhausted,
    StaleFence,
)

Answer = StepOutput | DuplexSLAError


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """One chunk of one session, from the gateway. `start` opens the session, `end` closes it afterwards.

    A start with a `prefix` continues a session that was decoded elsewhere; the toolset is then the prefix's.
    """

    session: int
    chunk: int
    fence: int
    samples: NDArray[np.int16]  # [2560]
    injected: str = ""
    start: bool = False
    end: bool = False
    toolset: str = ""
    prefix: Prefix | None = None


@dataclass(slots=True)
class _OpenSession:
    fence: int
    chunk: int
    answer: StepOutput | None = None


class SessionRegistry:
    """`now_s` is any clock that does not go backwards."""

    def __init__(self, engine: Engine, *, idle_s: float) -> None:
        self.engine, self._idle_s = engine, idle_s
        self._draining = False
        self.not_finite = 0  # sessions that ended because of it
        self._sessions: dict[int, _OpenSession] = {}

    @property
    def draining(self) -> bool:
        return self._draining

    def drain(self) -> None:
        """Starts no session any more; those that are open go on."""
        self._draining = True

    @property
    def num_live(self) -> int:
        return self.engine.slots.num_live

    @property
    def num_free(self) -> int:
        return self.engine.slots.num_free

    def fence_of(self, session: int) -> int:
        """The newest fence of an open session; 0 for any other."""
        opened = self._sessions.get(session)
        return opened.fence if opened else 0

    def expire(self, now_s: float, *, idle_s: float | None = None) -> list[int]:
        """Closes the sessions that have been idle for longer than `idle_s`, and says which."""
        expired = self.engine.expire(now_s - (self._idle_s if idle_s is None else idle_s))
        for session in expired:
            del self._sessions[session]
        return expired

    def serve(self, requests: Sequence[DecodeRequest], now_s: float) -> list[Answer]:
        """One tick. Answers are in the order of the requests."""
        answers: dict[int, Answer] = {}
        decoded: dict[int, int] = {}  # session -> row of its request
        newest = _newest_fences(requests)
        for row, request in enumerate(requests):
            try:
                if request.fence < newest[request.session]:
                    raise StaleFence(f"fence {request.fence}, the session's is {newest[request.session]}")
                if request.session in decoded:
                    raise ProtocolError(f"chunk {request.chunk} while the one before it is decoded")
                repeated = self._admit(request, now_s)
            except DuplexSLAError as error:
                answers[row] = error
                continue
            if repeated is not None:
                answers[row] = repeated
            else:
                decoded[request.session] = row
        answers |= self._decode([(row, requests[row]) for row in decoded.values()], now_s)
        self.close([each.session for row, each in enumerate(requests) if each.end and _decoded(answers[row])])
        return [answers[row] for row in range(len(requests))]

    def close(self, sessions: Sequence[int]) -> None:
        """Closes sessions; unknown ones are no error."""
        for session in sessions:
            if self._sessions.pop(session, None):
                self.engine.close(session)

    def _admit(self, request: DecodeRequest, now_s: float) -> StepOutput | None:
        """The stored answer of a repeat; None when the chunk is to be decoded, its session open and noted."""
        opened = self._sessions.get(request.session)
        if opened is not None and request.fence < opened.fence:
            raise StaleFence(f"fence {request.fence}, the session's is {opened.fence}")
        if opened is not None and (request.chunk, request.fence) == (opened.chunk, opened.fence):
            return opened.answer
        if request.start:
            opened = self._open(request, now_s)
        if opened is None:
            raise SessionForgotten("unknown session")
        if request.chunk < opened.chunk:
            raise ProtocolError(f"chunk {request.chunk} after {opened.chunk}")
        opened.fence, opened.chunk, opened.answer = request.fence, request.chunk, None
        return None

    def _open(self, request: DecodeRequest, now_s: float) -> _OpenSession:
        """A session that starts again is empty, or what its prefix says."""
        prefix = request.prefix
        if self._draining:
            raise SlotsExhausted("this decoder is draining")
        if prefix is not None and request.chunk < prefix.next_chunk:
            raise ProtocolError(f"chunk {request.chunk} after a past of {prefix.next_chunk}")
        self.close([request.session])
        if prefix is None:
            self.engine.open(request.session, request.toolset, now_s=now_s)
        else:
            self.engine.restore(request.session, prefix, now_s=now_s)
        opened = self._sessions[request.session] = _OpenSession(request.fence, request.chunk)
        return opened

    def _decode(self, requests: Sequence[tuple[int, DecodeRequest]], now_s: float) -> dict[int, Answer]:
        if not requests:
            return {}
        inputs = [StepInput(each.session, each.samples, each.injected) for _, each in requests]
        answers: dict[int, Answer] = {}
        for (row, request), output in zip(requests, self.engine.step(inputs, now_s=now_s), strict=True):
            if output.finite:
                self._sessions[request.session].answer = output
                answers[row] = output
            else:
                self.not_finite += 1
                self.close([request.session])
                answers[row] = NotFinite("what the model computed is not finite")
        return answers


def _newest_fences(requests: Sequence[DecodeRequest]) -> dict[int, int]:
    """By session. A session that comes back here may share a batch with what its former placement sent."""
    newest: dict[int, int] = {}
    for request in requests:
        newest[request.session] = max(request.fence, newest.get(request.session, 0))
    return newest


def _decoded(answer: Answer) -> bool:
    return isinstance(answer, StepOutput)
