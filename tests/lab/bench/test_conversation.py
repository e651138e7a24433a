from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.support.bench_cases import QUIET, normal, tool_case

from duplexsla_lab.bench.case import CaseError, CaseTurn, Samples
from duplexsla_lab.bench.conversation import PlaySettings, converse, into_chunks
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.system_interface import Output
from duplexsla_lab.bench.systems.reference import SILENCE, TONE

SETTINGS = PlaySettings(tail_s=0.32)


class Noted:
    """Notes what it is asked, and says what `outputs` has for the chunk."""

    def __init__(self, outputs: dict[int, Output] | None = None) -> None:
        self.asked: list[object] = []
        self.heard: list[Samples] = []
        self._outputs = outputs or {}

    def reset(self, toolset: str) -> None:
        self.asked.append(("reset", toolset))

    def prefill(self, history: Sequence[CaseTurn]) -> None:
        self.asked.append(("prefill", history))

    def step(self, samples: Samples) -> Output:
        self.heard.append(samples)
        return self._outputs.get(len(self.heard) - 1, Output(SILENCE))

    def close(self) -> None:
        self.asked.append("close")


@pytest.mark.parametrize("length", [0, 1, 2_559, 2_560, 2_561, 10_000])
def test_audio_is_cut_into_whole_chunks_and_joined_it_is_the_audio(length: int) -> None:
    samples = np.arange(length).astype(np.int16)
    chunks = into_chunks(samples, tail_s=0.32)
    assert chunks.shape == (-(-length // 2_560) + 2, 2_560)
    assert np.array_equal(chunks.reshape(-1)[:length], samples) and not chunks.reshape(-1)[length:].any()


def test_the_tail_is_no_shorter_than_asked() -> None:
    assert len(into_chunks(SILENCE, tail_s=5.0)) == 1 + 32 and len(into_chunks(SILENCE, tail_s=0.16)) == 2


def test_a_case_is_reset_steps_and_an_end() -> None:
    system = Noted()
    result = converse(normal(), system, SETTINGS, QUIET)
    assert system.asked == [("reset", "home"), "close"]
    assert len(system.heard) == len(result.log.speech) == 16 + 2


def test_the_history_is_prefilled_when_the_terms_say_so() -> None:
    system, history = Noted(), (CaseTurn("hello", "hi"),)
    converse(replace(normal(), history=history), system, replace(SETTINGS, prefill=True), QUIET)
    assert system.asked == [("reset", "home"), ("prefill", history), "close"]


def test_what_a_system_does_is_in_the_log_at_its_chunk() -> None:
    call = LoggedCall("open_home_device", {"device": "light"}, 3, 5)
    outputs = {
        2: Output(TONE, ("response",), transcript=" turn on", said=" well"),
        3: Output(TONE, transcript=" the light", said=" yes"),
        5: Output(SILENCE, ("interrupt", "response"), (call,)),
    }
    result = converse(
        tool_case(("open_home_device", {"device": "light"}, 1.0)), Noted(outputs), SETTINGS, QUIET
    )
    assert [chunk for chunk, speaks in enumerate(result.log.speech) if speaks] == [2, 3]
    assert result.log.labels == [(2, "response"), (5, "interrupt"), (5, "response")]
    assert result.log.calls == [call]
    assert (result.transcript, result.said) == ("turn on the light", "well yes")


def test_the_conversation_is_ended_when_the_system_dies() -> None:
    class Dying(Noted):
        def step(self, samples: Samples) -> Output:
            raise RuntimeError("no more")

    system = Dying()
    with pytest.raises(RuntimeError, match="no more"):
        converse(normal(), system, SETTINGS, QUIET)
    assert system.asked[-1] == "close"


def test_sound_of_another_length_is_an_error() -> None:
    with pytest.raises(CaseError, match="step 4"):
        converse(normal(), Noted({4: Output(np.zeros(100, np.int16))}), SETTINGS, QUIET)
