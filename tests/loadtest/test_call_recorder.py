"""Known replies at known times lead to exactly these measures."""

import random
from collections import defaultdict

import pytest

from duplexsla.clock import CHUNK_BYTES, CHUNK_S
from duplexsla.v1.action_pb2 import OUTCOME_STATE_DONE, Action, ActionOutcome
from duplexsla.v1.session_pb2 import Chunk, Closed, ConverseResponse, Opened
from duplexsla_loadtest.call_recorder import CallRecorder, ReportedOutcome
from duplexsla_loadtest.distribution import distribution
from duplexsla_loadtest.metrics import Metrics, MetricsRecorder, total
from duplexsla_loadtest.mix import CallerKind
from duplexsla_loadtest.speaker import SaidLine, Speaker

SOUND = bytes(CHUNK_BYTES)


class _Call:
    """A recorder whose chunk n is due at n * 160 ms."""

    def __init__(self, warm_up_s: float = 0.0) -> None:
        self.seconds: defaultdict[int, Metrics] = defaultdict(Metrics)
        self.metrics = MetricsRecorder(self.seconds, warm_up_s)
        quiet = CallerKind("quiet", 1.0, (), distribution(1, "pause"))
        self.recorder = CallRecorder(Speaker(quiet, random.Random(0)), self.metrics, buffer_s=0.16)
        self.recorder.open(Opened(session_id=1))

    def send(self, chunks: int, utterances: dict[int, SaidLine] | None = None) -> None:
        for number in range(chunks):
            self.recorder.sent(number * CHUNK_S, (utterances or {}).get(number))

    def reply(self, index: int, late_s: float, **chunk: object) -> None:
        message = ConverseResponse(chunk=Chunk(index=index, **chunk))  # type: ignore[arg-type]
        self.recorder.take(message, index * CHUNK_S + late_s)

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.metrics.session.counts)


def test_latency_counts_from_the_scheduled_send() -> None:
    call = _Call()
    call.send(4)
    for index, late_s in enumerate((0.020, 0.161, 0.159, 0.500)):
        call.reply(index, late_s)
    call.recorder.close(9.0)
    step = call.metrics.session.times["step"]
    assert [step.percentile(rank) for rank in (25, 50, 75, 100)] == pytest.approx(
        [20, 159, 161, 500], rel=0.001
    )
    assert (call.counts["chunks"], call.counts["misses"]) == (4, 2)


def test_a_chunk_without_an_answer_is_a_miss_and_lost() -> None:
    call = _Call()
    call.send(5)
    call.reply(0, 0.02)
    call.reply(2, 0.02)
    call.recorder.close(9.0)
    assert (call.counts["chunks"], call.counts["misses"], call.counts["lost"]) == (5, 3, 3)
    assert call.recorder.measures.worst_run == 2


def test_the_longest_run_of_misses_is_kept() -> None:
    call = _Call()
    call.send(8)
    for index, late in enumerate((0, 1, 1, 0, 1, 1, 1, 0)):
        call.reply(index, 0.2 if late else 0.02)
    call.recorder.close(9.0)
    assert call.recorder.measures.worst_run == 3


def test_the_warm_up_is_seen_by_the_second_and_not_measured() -> None:
    call = _Call(warm_up_s=0.3)
    call.send(4)
    for index in range(4):
        call.reply(index, 0.2)
    call.recorder.close(9.0)
    assert (call.counts["chunks"], call.recorder.measures.worst_run) == (2, 2)
    assert total(call.seconds.values()).counts["chunks"] == 4


def test_first_sound_counts_from_the_end_of_the_voice() -> None:
    call = _Call()
    call.send(
        9, {1: SaidLine(voice_ends_s=0.30, asks="", awaits_reply=True)}
    )  # from 0.0 s, voice until 0.3 s
    for index in range(9):
        call.reply(index, 0.02, sound=SOUND if index >= 5 else b"")
    call.recorder.close(9.0)
    assert call.metrics.session.times["first_sound"].percentile(50) == pytest.approx(520, rel=0.001)
    assert call.counts["turns"] == 1


def test_sound_before_the_end_of_the_voice_is_early_and_none_at_all_is_counted() -> None:
    call = _Call()
    utterance = SaidLine(voice_ends_s=0.5, asks="lock", awaits_reply=True)
    for index in range(20):
        call.recorder.sent(index * CHUNK_S, utterance if index in (0, 10) else None)
        call.reply(index, 0.02, sound=SOUND if index == 1 else b"")
    call.recorder.close(9.0)
    counted = {
        name: call.counts.get(name) for name in ("early_replies", "unanswered_turns", "asks", "asks_unmet")
    }
    assert counted == {"early_replies": 1, "unanswered_turns": 1, "asks": 2, "asks_unmet": 2}


def test_an_action_is_timed_from_the_voices_end_and_to_its_outcome() -> None:
    call = _Call()
    call.send(
        9, {0: SaidLine(voice_ends_s=0.3, asks="lock", awaits_reply=True)}
    )  # voice from -0.16 s to 0.14 s
    call.reply(0, 0.02)
    call.reply(4, 0.02, actions=[Action(id="a", function="lock", arguments_json="{}")])
    outcome = ActionOutcome(action_id="a", state=OUTCOME_STATE_DONE, effect_at_ms=1, effect_ms=12)
    call.recorder.take(ConverseResponse(outcome=outcome), 4 * CHUNK_S + 0.05)
    call.recorder.close(9.0)
    times = {name: call.metrics.session.times[name].percentile(50) for name in ("call", "action", "effect")}
    assert times == pytest.approx({"call": 520, "action": 30, "effect": 12}, rel=0.001)
    assert (call.counts["asks_met"], call.counts["outcome_done"]) == (1, 1)
    assert call.recorder.measures.outcomes == [ReportedOutcome("a", "done")]


def test_sound_that_comes_too_late_is_an_underrun() -> None:
    call = _Call()
    call.send(5)
    for index, late_s in enumerate((0.02, 0.02, 0.30, 0.02, 0.02)):
        call.reply(index, late_s, sound=SOUND)
    call.recorder.close(9.0)
    assert (call.counts["underruns"], call.counts["underrun_ms"], call.counts["sound_chunks"]) == (
        1,
        120,
        5,
    )


def test_a_new_stream_numbers_from_its_own_beginning() -> None:
    call = _Call()
    call.send(2)
    call.reply(0, 0.02)
    call.recorder.lose()
    call.recorder.skip(2 * CHUNK_S)
    call.recorder.open(Opened(session_id=2, first_chunk=40))
    call.recorder.sent(3 * CHUNK_S, None)
    call.recorder.take(ConverseResponse(chunk=Chunk(index=40)), 3 * CHUNK_S + 0.02)
    call.recorder.take(ConverseResponse(closed=Closed()), 9.0)
    call.recorder.close(9.0)
    assert (call.counts["chunks"], call.counts["lost"]) == (4, 2)
    assert call.recorder.closed and call.recorder.measures.session_ids == [1, 2]
