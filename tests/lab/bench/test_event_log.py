import json
import random

from tests.support.bench_cases import speech

from duplexsla_lab.bench.event_log import EventLog, LoggedCall, log_from

SEEDS = range(30)


def _drawn(seed: int) -> EventLog:
    rng = random.Random(seed)
    chunks = rng.randint(0, 30)
    return EventLog(
        [rng.random() < 0.5 for _ in range(chunks)],
        [(rng.randint(0, 30), rng.choice(("interrupt", "backchannel"))) for _ in range(rng.randint(0, 4))],
        [LoggedCall("f", {"text": "ünï", "number": rng.random()}, 3, 4) for _ in range(rng.randint(0, 3))],
    )


def test_a_log_survives_json() -> None:
    for log in map(_drawn, SEEDS):
        assert log_from(json.loads(json.dumps(log.row()))) == log


def test_every_chunk_is_speak_or_stop_and_its_labels_follow() -> None:
    log = speech(".#", (1, "response"))
    assert list(log.events()) == [(0.0, "stop"), (0.16, "speak"), (0.16, "response")]


def test_changes_alternate_begin_with_speech_and_are_events() -> None:
    for log in map(_drawn, SEEDS):
        changes = [each.kind for each in log.changes()]
        assert changes == [("speak", "stop")[place % 2] for place in range(len(changes))]
        assert set(log.changes()) <= set(log.events())


def test_silence_has_no_changes() -> None:
    assert list(speech("....").changes()) == []


def test_chunks_have_the_time_of_their_start() -> None:
    assert [each.t_s for each in speech("..##.").changes()] == [0.32, 0.64]
    assert LoggedCall("f", {}, 25, 26).trigger_s == 4.0
