from collections.abc import Sequence

import numpy as np
import pytest
from tests.support.bench_cases import QUIET, normal
from tests.support.tiny_engine import noise, tiny_engine

from duplexsla.engine.engine import StepInput, StepOutput
from duplexsla.errors import DecoderLost
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla_lab.bench.case import CaseTurn, Samples
from duplexsla_lab.bench.conversation import PlaySettings, converse
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.results import ResultsFile, RunHeader
from duplexsla_lab.bench.runner import Runner
from duplexsla_lab.bench.system_interface import Output
from duplexsla_lab.bench.systems.engine import EngineSystem
from duplexsla_lab.bench.systems.reference import SILENCE, TONE
from duplexsla_lab.bench.systems.shared_engine import SharedEngine

CALL = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "light"}), tokens.TOOLCALL_END)


class Scripted:
    """In place of an engine: writes what it is told, and remembers what was forced on it."""

    def __init__(self, actions: Sequence[Sequence[str]], anchors: Sequence[str] = ()) -> None:
        self._actions, self._anchors = list(actions), list(anchors)
        self.injected: list[str] = []
        self.open_sessions: set[int] = set()

    def open(self, session: int, toolset: str) -> None:
        self.open_sessions.add(session)

    def close(self, session: int) -> None:
        self.open_sessions.remove(session)

    def step(self, inputs: Sequence[StepInput]) -> list[StepOutput]:
        (only,) = inputs
        self.injected.append(only.injected)
        action = [*(self._actions.pop(0) if self._actions else ()), tokens.ACTION_END]
        anchor = self._anchors.pop(0) if self._anchors else tokens.VAD_SILENCE
        sound = SILENCE if anchor == tokens.VAD_SILENCE else TONE
        return [StepOutput(only.session, sound, (0, 0, 0, 0), anchor, action)]


def system(engine: Scripted) -> EngineSystem:
    return EngineSystem(SharedEngine(engine))  # type: ignore[arg-type]


def steps(under_test: EngineSystem, count: int) -> list[Output]:
    return [under_test.step(SILENCE) for _ in range(count)]


def test_what_the_engine_writes_comes_out_read() -> None:
    engine = Scripted(
        [(" turn", " on"), (tokens.RESPONSE,), CALL[:2], CALL[2:]],
        [tokens.VAD_SILENCE, " sure", tokens.TTS_PAD],
    )
    under_test = system(engine)
    under_test.reset("home")
    outputs = steps(under_test, 4)
    assert outputs[0].transcript == " turn on" and outputs[1].labels == ("response",)
    assert [output.said for output in outputs] == ["", " sure", "", ""]
    assert [bool(output.sound.any()) for output in outputs] == [False, True, True, False]
    assert outputs[3].calls == (LoggedCall("open_home_device", {"device": "light"}, 2, 3),)


def test_each_call_is_done_one_chunk_later() -> None:
    engine = Scripted([(), CALL, ()])
    under_test = system(engine)
    under_test.reset("home")
    steps(under_test, 4)
    assert engine.injected == ["", "", " [ done]", ""]


def test_a_history_is_played_and_what_is_done_in_it_is_not_of_the_case() -> None:
    engine = Scripted([(), CALL[:1], CALL[1:], (), CALL])
    under_test = system(engine)
    under_test.reset("home")
    under_test.prefill([CaseTurn("hello", "hi", np.zeros(2 * 2_560, np.int16)), CaseTurn("text", "alone")])
    assert len(engine.injected) == 2
    outputs = steps(under_test, 3)
    assert [output.calls for output in outputs[:2]] == [(), ()]  # it began in the history
    assert [(call.trigger, call.closed) for call in outputs[2].calls] == [(2, 2)]


def test_a_conversation_is_over_when_it_is_closed_or_the_next_one_begins() -> None:
    engine = Scripted([])
    under_test = system(engine)
    under_test.close()
    under_test.reset("home")
    under_test.step(SILENCE)
    under_test.reset("car")
    under_test.step(SILENCE)
    assert len(engine.open_sessions) == 1
    under_test.close()
    under_test.close()
    assert not engine.open_sessions


def test_a_real_engine_gives_the_same_results_side_by_side_as_one_by_one(tmp_path) -> None:
    lanes = 3
    cases = [normal(id=str(seed)) for seed in range(4)]
    sounds = {case.id: noise(int(case.id), 6).reshape(-1) for case in cases}
    cases = [type(case)(case.id, case.scenario, "home", sounds[case.id], case.anchors) for case in cases]
    alone = EngineSystem(SharedEngine(tiny_engine(slots=1)))
    terms = PlaySettings(tail_s=0.5)
    wanted = {case.id: converse(case, alone, terms, QUIET).log for case in cases}
    shared = SharedEngine(tiny_engine(slots=lanes))
    runner = Runner(lambda: EngineSystem(shared), terms, now=lambda: 0.0, lanes=lanes)
    with ResultsFile(tmp_path / "r.jsonl", RunHeader("tiny", False, "")) as file:
        results = {result.case: result for result in runner.run(cases, file)}
    assert {case: result.log for case, result in results.items()} == wanted
    assert not any(result.failed for result in results.values())


def test_an_engine_that_dies_is_the_reason() -> None:
    class Dying(Scripted):
        def step(self, inputs: Sequence[StepInput]) -> list[StepOutput]:
            raise DecoderLost("gone")

    with pytest.raises(DecoderLost, match="gone"):
        converse(normal(), system(Dying([])), PlaySettings(), QUIET)


def test_samples_reach_the_engine_as_they_are() -> None:
    heard: list[Samples] = []

    class RecognitionErrors(Scripted):
        def step(self, inputs: Sequence[StepInput]) -> list[StepOutput]:
            heard.append(inputs[0].samples)
            return super().step(inputs)

    under_test = system(RecognitionErrors([]))
    under_test.reset("home")
    under_test.step(TONE)
    assert np.array_equal(heard[0], TONE)
