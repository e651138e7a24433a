"""One engine under many conversations of many threads: a tick runs once every open one has brought its
chunk."""

import threading
from collections.abc import Callable

from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.engine.prefix import Prefix


class SharedEngine:
    """Sessions decode in one batch, in lockstep, each called from its own thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._condition = threading.Condition()
        self._open: set[int] = set()
        self._inputs: dict[int, StepInput] = {}
        self._answers: dict[int, StepOutput | Exception] = {}
        self._last = 0

    def open(self, toolset: str) -> int:
        """A new session's number. SlotsExhausted, ProtocolError."""
        return self._opened(lambda session: self._engine.open(session, toolset))

    def restore(self, prefix: Prefix) -> int:
        """The number of a session that was decoded elsewhere. SlotsExhausted, ProtocolError."""
        return self._opened(lambda session: self._engine.restore(session, prefix))

    def close(self, session: int) -> None:
        """A tick no longer waits for this session. Closing again does nothing."""
        with self._condition:
            if session in self._open:
                self._open.discard(session)
                self._engine.close(session)
                self._tick_if_complete()

    def step(self, chunk: StepInput) -> StepOutput:
        """Raises what the engine raised in this tick, for every session in it."""
        with self._condition:
            self._inputs[chunk.session] = chunk
            self._tick_if_complete()
            self._condition.wait_for(lambda: chunk.session in self._answers)
            answer = self._answers.pop(chunk.session)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _opened(self, start: Callable[[int], None]) -> int:
        with self._condition:
            self._last += 1
            start(self._last)
            self._open.add(self._last)
            return self._last

    def _tick_if_complete(self) -> None:
        if not self._open or self._inputs.keys() != self._open:
            return
        inputs = list(self._inputs.values())
        self._inputs.clear()
        try:
            self._answers.update({each.session: each for each in self._engine.step(inputs)})
        except Exception as error:  # it belongs to each session of the tick
            self._answers.update({each.session: error for each in inputs})
        self._condition.notify_all()
