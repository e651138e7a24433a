"""Table 3, edge by edge: hand-made logs with known answers. A chunk is 0.16 s."""

import pytest
from tests.support.bench_cases import backchannel, interrupt, normal, speech, turn_case

from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.event_log import EventLog
from duplexsla_lab.bench.turn_taking import score_turn
from duplexsla_lab.bench.verdict import CaseVerdict

CHUNKS = 50  # 8 s


def speaking(start: int, end: int = CHUNKS, *labels: tuple[int, str]) -> EventLog:
    """Speech in chunks start..end-1."""
    return speech("." * start + "#" * (end - start) + "." * (CHUNKS - end), *labels)


def quiet(*labels: tuple[int, str]) -> EventLog:
    return speech("." * CHUNKS, *labels)


def delay(verdict: CaseVerdict) -> float:
    (only,) = verdict.delays_s
    return only


@pytest.mark.parametrize("scenario", ["normal", "pause"])
@pytest.mark.parametrize(
    ("user_end_s", "onset", "hit"),
    [
        (1.8, 10, True),  # 1.60 is the window's first instant
        (1.79, 10, True),
        (1.81, 10, False),  # 0.21 s too early
        (1.6, 10, True),
        (1.6, 49, True),  # no upper edge
        (0.1, 0, True),
    ],
)
def test_an_answer_begins_no_earlier_than_a_fifth_of_a_second_before_the_end(
    scenario: str, user_end_s: float, onset: int, hit: bool
) -> None:
    verdict = score_turn(turn_case(scenario, user_end_s=user_end_s), speaking(onset))
    assert verdict.hit is hit and bool(verdict.why) is not hit
    assert verdict.delays_s == ((pytest.approx(abs(onset * 0.16 - user_end_s)),) if hit else ())


def test_the_first_onset_in_the_window_counts() -> None:
    verdict = score_turn(normal(1.6), speech("." * 12 + "##.." + "#" * 34))
    assert delay(verdict) == pytest.approx(12 * 0.16 - 1.6)


def test_speech_that_goes_on_from_before_the_window_is_no_answer() -> None:
    verdict = score_turn(normal(1.6), speaking(5))
    assert not verdict.hit and verdict.why == "it spoke too early and only then"


def test_silence_is_no_answer() -> None:
    verdict = score_turn(normal(1.6), quiet())
    assert not verdict.hit and verdict.why == "it never answered"


def test_speaking_into_a_pause_is_a_secondary_figure() -> None:
    verdict = score_turn(turn_case("pause", user_end_s=3.2), speech("." * 5 + "####" + "." * 13 + "#" * 28))
    assert verdict.hit and not verdict.secondary["not_early"]
    assert score_turn(turn_case("pause", user_end_s=3.2), speaking(21)).secondary["not_early"]


@pytest.mark.parametrize(
    ("interrupt_s", "stop", "hit"),
    [
        (2.6, 10, True),  # 1.60 is 1 s before
        (2.61, 10, False),
        (1.6, 10, True),
        (1.2, 20, True),  # 3.20 is 2 s after
        (1.19, 20, False),
        (1.2, 21, False),
    ],
)
def test_an_interrupted_assistant_stops_within_the_window(interrupt_s: float, stop: int, hit: bool) -> None:
    verdict = score_turn(interrupt(interrupt_s), speaking(0, stop))
    assert verdict.hit is hit
    assert verdict.delays_s == ((pytest.approx(abs(stop * 0.16 - interrupt_s)),) if hit else ())


@pytest.mark.parametrize(("log", "why"), [(quiet(), "it was not speaking"), (speaking(0), "it spoke on")])
def test_who_never_spoke_or_never_stopped_was_not_interrupted(log: EventLog, why: str) -> None:
    verdict = score_turn(interrupt(1.6), log)
    assert not verdict.hit and verdict.why == why


def test_an_interrupt_named_on_the_action_channel_is_a_secondary_figure() -> None:
    assert score_turn(interrupt(1.6), speaking(0, 12, (11, "interrupt"))).secondary["label"]
    assert not score_turn(interrupt(1.6), speaking(0, 12)).secondary["label"]


@pytest.mark.parametrize(
    ("case", "chunk", "hit"),
    [
        (backchannel(1.8, 2.0), 10, True),  # 1.60 is 0.2 s before the start
        (backchannel(1.81, 2.0), 10, False),
        (backchannel(1.0, 1.2), 20, True),  # 3.20 is 2 s after the end
        (backchannel(1.0, 1.19), 20, False),
    ],
)
def test_a_backchannel_is_named_within_the_window(case: Case, chunk: int, hit: bool) -> None:
    verdict = score_turn(case, quiet((chunk, "backchannel")))
    assert verdict.hit is hit and verdict.secondary["label"] is hit
    assert verdict.delays_s == (
        (pytest.approx(abs(chunk * 0.16 - case.anchors["backchannel_end_s"])),) if hit else ()
    )


def test_the_first_label_in_the_window_counts() -> None:
    log = speaking(0, CHUNKS, (2, "backchannel"), (12, "backchannel"), (14, "backchannel"))
    verdict = score_turn(backchannel(1.6, 2.0), log)
    assert delay(verdict) == pytest.approx(2.0 - 12 * 0.16) and not verdict.secondary["no_stray_label"]


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("#" * 50, True),
        ("." * 5 + "#" * 45, True),  # it speaks when the backchannel begins, at chunk 10
        ("." * 50, False),
        ("#" * 12 + "." * 38, False),
        ("#" * 12 + "..." + "#" * 35, True),  # a stop and a restart, both in the window
        ("#" * 12 + "..." + "##" + "." * 33, False),
        ("#" * 9 + "." * 41, False),  # it stops at the window's first instant
        ("." * 12 + "#" * 38, False),  # it only speaks up
        ("#" * 30 + "." * 20, True),  # it stops when the window is over, after 4.0 s
        ("#" * 5 + "." * 45, False),
    ],
)
def test_without_a_label_the_floor_must_be_kept(pattern: str, kept: bool) -> None:
    verdict = score_turn(backchannel(1.62, 2.0), speech(pattern))
    assert verdict.secondary["floor_kept"] is verdict.hit is kept and verdict.delays_s == ()


def test_table_3_to_the_letter_stands_beside() -> None:
    stopped = score_turn(backchannel(1.6, 2.0), speaking(0, 12))
    went_on = score_turn(backchannel(1.6, 2.0), speaking(0))
    assert (stopped.hit, stopped.secondary["any_event"]) == (False, True)
    assert (went_on.hit, went_on.secondary["any_event"]) == (True, False)


def test_labels_where_none_belongs_are_a_secondary_figure() -> None:
    assert not score_turn(normal(1.6), speaking(11, CHUNKS, (5, "interrupt"))).secondary["no_stray_label"]
    assert score_turn(normal(1.6), speaking(11, CHUNKS, (10, "response"))).secondary["no_stray_label"]
    assert not score_turn(interrupt(1.6), speaking(0, 12, (30, "interrupt"))).secondary["no_stray_label"]
    assert score_turn(backchannel(1.6, 2.0), speaking(0, 50, (12, "backchannel"))).secondary["no_stray_label"]
