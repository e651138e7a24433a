"""A conversation without a server: engine, session and simulated home, on the audio's own clock."""

import json
import time
from collections.abc import Iterator

import numpy as np

from duplexsla.clock import CHUNK_BYTES, unix_ms
from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.gates.attention import MAX_WINDOW_MS
from duplexsla.home.simulated_home import SimulatedHome
from duplexsla.protocol.actions import arguments_json
from duplexsla.session.dialogue import DecodedStep, Dialogue
from duplexsla.session.messages import SessionTerms
from duplexsla.v1.action_pb2 import (
    OUTCOME_STATE_DONE,
    OUTCOME_STATE_FAILED,
    OUTCOME_STATE_INATTENTIVE,
    OUTCOME_STATE_REFUSED,
    ActionEvent,
    ActionOutcome,
)
from duplexsla.v1.decoder_pb2 import DecodedChunk, TickReport
from duplexsla.v1.session_pb2 import (
    ATTENTION_MODE_ALWAYS,
    ATTENTION_MODE_WAKE,
    CLOCK_FILE,
    ConverseResponse,
)

SESSION_ID = 1
FENCE = 1


class InProcessSession:
    """One session. `step` takes 160 ms of sound and gives the messages of a gateway."""

    def __init__(
        self, engine: Engine, home: SimulatedHome, toolset: str, *, attention: str = "always"
    ) -> None:
        """`attention`: as the option of `duplexsla talk`."""
        self._engine, self._home = engine, home
        mode = ATTENTION_MODE_ALWAYS if attention == "always" else ATTENTION_MODE_WAKE
        terms = SessionTerms("talk", toolset, CLOCK_FILE, attention=mode)
        self._dialogue = Dialogue(SESSION_ID, terms, FENCE)
        if attention == "turned":
            self._dialogue.turn(0, attended=True, for_ms=MAX_WINDOW_MS)
        self._toolset, self._chunk = toolset, 0
        engine.open(SESSION_ID, toolset)

    def opened(self) -> ConverseResponse:
        return self._dialogue.opened()

    def step(self, samples: bytes) -> Iterator[ConverseResponse]:
        """One chunk of 5,120 bytes: what was said, written and done; the model reads outcomes later."""
        start = time.perf_counter()
        audio = np.frombuffer(samples, np.int16)
        output = self._engine.step([StepInput(SESSION_ID, audio, self._dialogue.take_injected_text())])[0]
        step_us = int((time.perf_counter() - start) * 1e6)
        now_ms = unix_ms()
        answer = self._dialogue.on_step(self._chunk, _step(output, step_us), step_us=step_us, now_ms=now_ms)
        self._chunk += 1
        yield from answer.messages
        for event in answer.events:
            message = self._dialogue.on_outcome(self._act(event))
            if message is not None:
                yield message

    def close(self) -> ConverseResponse:
        self._engine.close(SESSION_ID)
        return self._dialogue.closed()

    def _act(self, event: ActionEvent) -> ActionOutcome:
        """Does it at once: nothing lies between this model and its home."""
        start, now_ms = time.perf_counter(), unix_ms()
        outcome = ActionOutcome(
            action_id=event.action.id,
            session_id=event.session_id,
            home=event.home,
            function=event.action.function,
            attempts=1,
        )
        if not event.evidence.attended:
            outcome.state, outcome.attempts = OUTCOME_STATE_INATTENTIVE, 0
            return outcome
        arguments = json.loads(event.action.arguments_json)
        try:
            result = self._home.perform(self._toolset, event.action.function, arguments, now_ms=now_ms)
        except (ActionRefused, DeviceRefused) as error:
            refused = isinstance(error, ActionRefused)
            outcome.state = OUTCOME_STATE_REFUSED if refused else OUTCOME_STATE_FAILED
            outcome.reason = str(error)
            return outcome
        outcome.state, outcome.result_json = OUTCOME_STATE_DONE, arguments_json(result)
        outcome.effect_at_ms, outcome.effect_ms = now_ms, (time.perf_counter() - start) * 1000
        return outcome


def _step(output: StepOutput, step_us: int) -> DecodedStep:
    decoded = DecodedChunk(anchor=output.anchor, action=output.action, silent=output.silent)
    return DecodedStep(output.samples.tobytes(), decoded, TickReport(batch=1, duration_us=step_us))


def chunks(samples: bytes, *, tail_chunks: int) -> Iterator[bytes]:
    """Cuts a recording into whole chunks, the last one padded, followed by silence for the reply."""
    for start in range(0, len(samples), CHUNK_BYTES):
        yield samples[start : start + CHUNK_BYTES].ljust(CHUNK_BYTES, b"\0")
    for _ in range(tail_chunks):
        yield bytes(CHUNK_BYTES)
