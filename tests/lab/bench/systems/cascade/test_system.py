import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla_lab.bench.case import CaseTurn
from duplexsla_lab.bench.system_interface import Output
from duplexsla_lab.bench.systems.cascade.planner import PlannedCalls
from duplexsla_lab.bench.systems.cascade.speech_output import SynthesizedReply
from duplexsla_lab.bench.systems.cascade.system import HANGOVER_S, MAX_HANGOVER_S, CascadeParts, CascadeSystem

VOICE = (np.random.default_rng(3).standard_normal(CHUNK_SAMPLES) * 1_600).astype(np.int16)
QUIET = np.zeros(CHUNK_SAMPLES, np.int16)
CALL = ("open_home_device", {"device": "light"})
WHOLE_S = 0.8  # of voice: what is said is complete
PLANS = {
    "whole": PlannedCalls((CALL,), complete=True),
    "half": PlannedCalls(),
    "chat": PlannedCalls(reply="yes it is", complete=True),
    "feedback": PlannedCalls(complete=True),
}


def loud_s(samples: NDArray[np.int16]) -> float:
    return float(np.count_nonzero(samples)) / SAMPLE_RATE


def by_length(samples: NDArray[np.int16]) -> str:
    return "whole" if loud_s(samples) >= WHOLE_S else "half"


Hear = Callable[[NDArray[np.int16]], str]


def spent(seconds: float) -> Callable[[], float]:
    """A clock that has gone on by `seconds` at every second look."""
    times: Iterator[float] = itertools.accumulate(itertools.cycle((0.0, seconds)))
    return lambda: next(times)


def system(transcribe: Hear = by_length, *, core_s: float = 0.0) -> CascadeSystem:
    def synthesize(text: str) -> SynthesizedReply:
        return SynthesizedReply(np.full(CHUNK_SAMPLES * len(text.split()), 3_000, np.int16), 0.0)

    made = CascadeSystem(
        {"home": CascadeParts(transcribe, PLANS.__getitem__, synthesize)}, core_s=spent(core_s)
    )
    made.reset("home")
    return made


def play(made: CascadeSystem, pattern: str) -> list[Output]:
    """A chunk of voice for every v, of silence for every dot."""
    return [made.step(VOICE if mark == "v" else QUIET) for mark in pattern]


def called_at(outputs: list[Output]) -> list[int]:
    return [chunk for chunk, output in enumerate(outputs) for _ in output.calls]


def speaks(outputs: list[Output]) -> str:
    return "".join(".s"[bool(output.sound.any())] for output in outputs)


def test_a_request_is_called_once_and_acknowledged_when_the_silence_is_long_enough() -> None:
    outputs = play(system(), "vvvvvv" + "." * 20)
    end = 5 + -(-HANGOVER_S // CHUNK_S)
    assert called_at(outputs) == [end]
    (call,) = outputs[int(end)].calls
    assert (call.function, call.arguments, call.trigger, call.closed) == (*CALL, end, end)
    assert speaks(outputs).index("s") == end
    assert outputs[int(end)].transcript.strip() == "whole"


@pytest.mark.parametrize("core_s", [0.1, 0.5, 2.0])
def test_what_it_computes_takes_its_time_on_the_cases_clock(core_s: float) -> None:
    begun = 5 + 2  # 0.3 s of quiet
    (at,) = called_at(play(system(core_s=core_s), "vvvvvv" + "." * 30))
    (quick,) = called_at(play(system(), "vvvvvv" + "." * 30))
    assert at == max(quick, begun + -(-core_s // CHUNK_S) - 1)


def test_a_pause_in_a_request_that_is_not_complete_is_waited_for() -> None:
    outputs = play(system(), "vvv....." + "vvv" + "." * 12)
    assert len(called_at(outputs)) == 1
    assert "s" not in speaks(outputs)[:11]


def test_what_stays_incomplete_is_answered_after_some_patience() -> None:
    outputs = play(system(), "vvv" + "." * 12)
    assert called_at(outputs) == []
    assert speaks(outputs).index("s") == 2 + -(-MAX_HANGOVER_S // CHUNK_S)


def test_what_was_not_understood_is_understood_with_what_comes_later() -> None:
    outputs = play(system(), "vvv" + "." * 10 + "vvv" + "." * 10)
    assert len(called_at(outputs)) == 1


def test_feedback_gets_no_answer() -> None:
    assert "s" not in speaks(play(system(lambda _: "feedback"), "vv" + "." * 12))


def test_small_talk_is_answered_without_a_call() -> None:
    outputs = play(system(lambda _: "chat"), "vvvvvv" + "." * 12)
    assert called_at(outputs) == []
    assert "".join(output.said for output in outputs).strip() == "yes it is"


def cut_off() -> CascadeSystem:
    made = system(lambda _: "feedback")
    made.prefill(
        [CaseTurn("hello", "once there was", rest="a small robot who lived in the kitchen of a ship")]
    )
    return made


def test_a_sentence_that_the_history_ends_in_is_said_to_its_end() -> None:
    assert speaks(play(cut_off(), "." * 14)) == "s" * 11 + "..."


def test_a_voice_stops_it_and_a_short_one_does_not() -> None:
    assert speaks(play(cut_off(), "...vv......")) == "ssss" + "." * 7
    assert speaks(play(cut_off(), "...v......")) == "s" * 10


def test_a_new_conversation_knows_nothing_of_the_last_one() -> None:
    made = cut_off()
    play(made, "vvv..")
    made.reset("home")
    assert speaks(play(made, "." * 12)) == "." * 12
