"""Several conversations, each in its own thread, decode as each would alone."""

import threading
from collections.abc import Callable

import numpy as np
import pytest
from tests.support.tiny_engine import noise, run, tiny_engine, written

from duplexsla.engine.engine import StepInput, StepOutput
from duplexsla.errors import DecoderLost, ProtocolError, SlotsExhausted
from duplexsla_lab.bench.systems.shared_engine import SharedEngine

CHUNKS = 8


def in_threads(*works: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)


def alone(seed: int, chunks: int) -> list[StepOutput]:
    engine = tiny_engine(slots=1)
    engine.open(1, "home")
    return run(engine, {1: noise(seed, chunks)})[1]


def test_conversations_of_any_length_decode_as_each_would_alone() -> None:
    shared = SharedEngine(tiny_engine(slots=3))
    said: dict[int, list[StepOutput]] = {}

    def converse(seed: int) -> Callable[[], None]:
        def work() -> None:
            for turn in range(2):  # a system is used again
                session = shared.open("home")
                heard = noise(seed + turn, CHUNKS + seed)
                said[seed + turn] = [shared.step(StepInput(session, chunk)) for chunk in heard]
                shared.close(session)

        return work

    in_threads(*(converse(seed) for seed in (10, 20, 30)))
    for seed in (10, 20, 30):
        for turn in range(2):
            assert written(said[seed + turn]) == written(alone(seed + turn, CHUNKS + seed))


def test_what_is_refused_disturbs_nobody() -> None:
    shared = SharedEngine(tiny_engine(slots=1))
    with pytest.raises(ProtocolError, match="unknown toolset"):
        shared.open("boat")
    session = shared.open("home")
    with pytest.raises(SlotsExhausted):
        shared.open("home")
    assert shared.step(StepInput(session, np.zeros(2_560, np.int16))).session == session


def test_closing_twice_is_closing_once() -> None:
    shared = SharedEngine(tiny_engine(slots=1))
    session = shared.open("home")
    shared.close(session)
    shared.close(session)
    assert shared.open("home") != session


def test_an_error_of_the_engine_is_raised_in_every_conversation_of_the_tick() -> None:
    engine = tiny_engine(slots=2)
    shared = SharedEngine(engine)
    sessions = [shared.open("home"), shared.open("home")]
    engine.close(sessions[0])  # behind its back
    told = []

    def step(session: int) -> Callable[[], None]:
        def work() -> None:
            try:
                shared.step(StepInput(session, np.zeros(2_560, np.int16)))
            except DecoderLost as error:
                told.append(str(error))

        return work

    in_threads(*(step(session) for session in sessions))
    assert len(told) == 2
