"""Known replies at known times lead to exactly these measures."""

import random
from collections import defaultdict

import pytest

from duplexsla.clock import CHUNK_BYTES, CHUNK_S
from duplexsla.v1.action_pb2 import OUTCOME_STATE_DONE, Action, ActionOutcome
from duplexsla.v1.session_pb2 import Chunk, Closed, ConverseResponse, Opened
from duplexsla_loadtest.call_recorder import CallRecorder, ToldAction
from duplexsla_loadtest.distribution import distribution
from duplexsla_loadtest.metrics import MetricSheet, MetricSums, total
from duplexsla_loadtest.mix import CallerKind
from duplexsla_loadtest.speaker import Speaker, SpeakerTurn

SOUND = bytes(CHUNK_BYTES)


class Heard:
    """A listener whose chunk n is due at n * 160 ms."""

    def __init__(self, warm_up_s: float = 0.0) -> None:
        self.seconds: defaultdict[int, MetricSums] = defaultdict(MetricSums)
        self.sheet = MetricSheet(self.seconds, warm_up_s)
        quiet = CallerKind("quiet", 1.0, (), distribution(1, "pause"))
        self.listener = CallRecorder(Speaker(quiet, random.Random(0)), self.sheet, buffer_s=0.16)
        self.listener.open(Opened(session_id=1))

    def send(self, chunks: int, turns: dict[int, SpeakerTurn] | None = None) -> None:
        for number in range(chunks):
            self.listener.sent(number * CHUNK_S, (turns or {}).get(number))

    def reply(self, index: int, late_s: float, **chunk: object) -> None:
        message = ConverseResponse(chunk=Chunk(index=index, **chunk))  # type: ignore[arg-type]
        self.listener.take(message, index * CHUNK_S + late_s)

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.sheet.session.counts)


def test_latency_counts_from_the_scheduled_send() -> None:
    heard = Heard()
    heard.send(4)
    for index, late_s in enumerate((0.020, 0.161, 0.159, 0.500)):
        heard.reply(index, late_s)
    heard.listener.close(9.0)
    step = heard.sheet.session.times["step"]
    assert [step.percentile(rank) for rank in (25, 50, 75, 100)] == pytest.approx(
        [20, 159, 161, 500], rel=0.001
    )
    assert (heard.counts["chunks"], heard.counts["misses"]) == (4, 2)


def test_a_chunk_without_an_answer_is_a_miss_and_lost() -> None:
    heard = Heard()
    heard.send(5)
    heard.reply(0, 0.02)
    heard.reply(2, 0.02)
    heard.listener.close(9.0)
    assert (heard.counts["chunks"], heard.counts["misses"], heard.counts["lost"]) == (5, 3, 3)
    assert heard.listener.record.worst_run == 2


def test_the_longest_run_of_misses_is_kept() -> None:
    heard = Heard()
    heard.send(8)
    for index, late in enumerate((0, 1, 1, 0, 1, 1, 1, 0)):
        heard.reply(index, 0.2 if late else 0.02)
    heard.listener.close(9.0)
    assert heard.listener.record.worst_run == 3


def test_the_warm_up_is_seen_by_the_second_and_not_measured() -> None:
    heard = Heard(warm_up_s=0.3)
    heard.send(4)
    for index in range(4):
        heard.reply(index, 0.2)
    heard.listener.close(9.0)
    assert (heard.counts["chunks"], heard.listener.record.worst_run) == (2, 2)
    assert total(heard.seconds.values()).counts["chunks"] == 4


def test_first_sound_counts_from_the_end_of_the_voice() -> None:
    heard = Heard()
    heard.send(
        9, {1: SpeakerTurn(voice_ends_s=0.30, asks="", awaits_reply=True)}
    )  # from 0.0 s, voice until 0.3 s
    for index in range(9):
        heard.reply(index, 0.02, sound=SOUND if index >= 5 else b"")
    heard.listener.close(9.0)
    assert heard.sheet.session.times["first_sound"].percentile(50) == pytest.approx(520, rel=0.001)
    assert heard.counts["turns"] == 1


def test_sound_before_the_end_of_the_voice_is_early_and_none_at_all_is_counted() -> None:
    heard = Heard()
    turn = SpeakerTurn(voice_ends_s=0.5, asks="lock", awaits_reply=True)
    for index in range(20):
        heard.listener.sent(index * CHUNK_S, turn if index in (0, 10) else None)
        heard.reply(index, 0.02, sound=SOUND if index == 1 else b"")
    heard.listener.close(9.0)
    counted = {
        name: heard.counts.get(name) for name in ("early_replies", "unanswered_turns", "asks", "asks_unmet")
    }
    assert counted == {"early_replies": 1, "unanswered_turns": 1, "asks": 2, "asks_unmet": 2}


def test_an_action_is_timed_from_the_voices_end_and_to_its_outcome() -> None:
    heard = Heard()
    heard.send(
        9, {0: SpeakerTurn(voice_ends_s=0.3, asks="lock", awaits_reply=True)}
    )  # voice from -0.16 s to 0.14 s
    heard.reply(0, 0.02)
    heard.reply(4, 0.02, actions=[Action(id="a", function="lock", arguments_json="{}")])
    told = ActionOutcome(action_id="a", state=OUTCOME_STATE_DONE, effect_at_ms=1, effect_ms=12)
    heard.listener.take(ConverseResponse(outcome=told), 4 * CHUNK_S + 0.05)
    heard.listener.close(9.0)
    times = {name: heard.sheet.session.times[name].percentile(50) for name in ("call", "action", "effect")}
    assert times == pytest.approx({"call": 520, "action": 30, "effect": 12}, rel=0.001)
    assert (heard.counts["asks_met"], heard.counts["outcome_done"]) == (1, 1)
    assert heard.listener.record.told == [ToldAction("a", "done")]


def test_holes_in_the_sound_are_what_a_listener_misses() -> None:
    heard = Heard()
    heard.send(5)
    for index, late_s in enumerate((0.02, 0.02, 0.30, 0.02, 0.02)):
        heard.reply(index, late_s, sound=SOUND)
    heard.listener.close(9.0)
    assert (heard.counts["underruns"], heard.counts["underrun_ms"], heard.counts["sound_chunks"]) == (
        1,
        120,
        5,
    )


def test_a_new_stream_numbers_from_its_own_beginning() -> None:
    heard = Heard()
    heard.send(2)
    heard.reply(0, 0.02)
    heard.listener.lose()
    heard.listener.skip(2 * CHUNK_S)
    heard.listener.open(Opened(session_id=2, first_chunk=40))
    heard.listener.sent(3 * CHUNK_S, None)
    heard.listener.take(ConverseResponse(chunk=Chunk(index=40)), 3 * CHUNK_S + 0.02)
    heard.listener.take(ConverseResponse(closed=Closed()), 9.0)
    heard.listener.close(9.0)
    assert (heard.counts["chunks"], heard.counts["lost"]) == (4, 2)
    assert heard.listener.closed and heard.listener.record.session_ids == [1, 2]
