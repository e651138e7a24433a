"""A recording in whole chunks, and one conversation with engine and home in one process."""

import json
from collections.abc import Sequence

import numpy as np

from duplexsla.cli.in_process import InProcessSession, chunks
from duplexsla.clock import CHUNK_BYTES
from duplexsla.engine.engine import StepInput, StepOutput
from duplexsla.home.simulated_home import SimulatedHome
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.v1.action_pb2 import OUTCOME_STATE_DONE, OUTCOME_STATE_INATTENTIVE, OUTCOME_STATE_REFUSED


class Scripted:
    """An engine that writes what it is told, and remembers what text of the service came."""

    def __init__(self, written: Sequence[str]) -> None:
        self._written, self.injected, self.open_sessions = list(written), [], 0

    def open(self, session: int, toolset: str) -> None:
        self.open_sessions += 1

    def close(self, session: int) -> None:
        self.open_sessions -= 1

    def step(self, inputs: Sequence[StepInput]) -> list[StepOutput]:
        self.injected.append(inputs[0].injected)
        action = self._written.pop(0) if self._written else ()
        pieces = [*action, tokens.ACTION_END]
        return [StepOutput(1, np.zeros(2_560, np.int16), (0, 0, 0, 0), tokens.VAD_SILENCE, pieces)]


def call(arguments: dict[str, str | int | float]) -> tuple[str, ...]:
    body = call_text("open_home_device", arguments)
    return (tokens.TOOLCALL_BEGIN, body, tokens.TOOLCALL_END)


def test_a_recording_is_cut_into_whole_chunks_with_silence_behind() -> None:
    cut = list(chunks(b"\1\0" * 3_000, tail_chunks=2))
    assert [len(chunk) for chunk in cut] == [CHUNK_BYTES] * 4
    assert cut[1].startswith(b"\1\0") and cut[1].endswith(b"\0\0")
    assert cut[3] == bytes(CHUNK_BYTES)


def test_a_call_moves_the_home_and_its_outcome_is_fed_back() -> None:
    engine, home = Scripted([call({"device": "light", "room": "kitchen"})]), SimulatedHome()
    before = json.dumps(home.snapshot())
    session = InProcessSession(engine, home, "home")  # type: ignore[arg-type]
    responses = [*session.step(bytes(CHUNK_BYTES)), *session.step(bytes(CHUNK_BYTES))]
    outcomes = [r.outcome for r in responses if r.HasField("outcome")]
    assert [outcome.state for outcome in outcomes] == [OUTCOME_STATE_DONE]
    assert json.dumps(home.snapshot()) != before
    assert engine.injected[0] == "" and engine.injected[1].startswith(" [ done")
    assert session.close().closed.chunks == 2 and engine.open_sessions == 0


def test_a_call_that_the_schema_refuses_moves_nothing_and_is_told() -> None:
    engine, home = Scripted([call({"device": "dragon"})]), SimulatedHome()
    before = json.dumps(home.snapshot())
    session = InProcessSession(engine, home, "home")  # type: ignore[arg-type]
    outcomes = [r.outcome for r in session.step(bytes(CHUNK_BYTES)) if r.HasField("outcome")]
    assert [outcome.state for outcome in outcomes] == [OUTCOME_STATE_REFUSED]
    assert json.dumps(home.snapshot()) == before


def test_what_nobody_says_to_it_moves_nothing_and_is_told_to_no_model() -> None:
    for attention, states in (("wake", [OUTCOME_STATE_INATTENTIVE]), ("turned", [OUTCOME_STATE_DONE])):
        engine, home = Scripted([call({"device": "light", "room": "kitchen"})]), SimulatedHome()
        session = InProcessSession(engine, home, "home", attention=attention)  # type: ignore[arg-type]
        responses = [*session.step(bytes(CHUNK_BYTES)), *session.step(bytes(CHUNK_BYTES))]
        assert [r.outcome.state for r in responses if r.HasField("outcome")] == states
        assert bool(engine.injected[1]) == (attention == "turned")
