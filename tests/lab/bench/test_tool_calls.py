"""Section 5.2, rule by rule. The user's audio ends at 2.5 s; a chunk is 0.16 s."""

from typing import Any

import pytest
from tests.support.bench_cases import DOOR, FAN, LIGHT, tool_case

from duplexsla_lab.bench.event_log import EventLog, LoggedCall
from duplexsla_lab.bench.tool_calls import score_calls
from duplexsla_lab.bench.verdict import CaseVerdict

Spec = tuple[str, dict[str, Any]]


def made(*calls: tuple[Spec, int]) -> EventLog:
    return EventLog(calls=[LoggedCall(*spec, chunk, chunk + 1) for spec, chunk in calls])


def judged(wanted: list[tuple[Spec, float]], *calls: tuple[Spec, int]) -> CaseVerdict:
    case = tool_case(*((*spec, offset_s) for spec, offset_s in wanted), scenario="multi")
    return score_calls(case, made(*calls))


def test_the_wanted_call_at_its_time_is_a_hit_with_its_gap() -> None:
    verdict = judged([(LIGHT, 1.5)], (LIGHT, 10))
    assert verdict.hit and verdict.secondary == {"strict": True, "clean": True, "functions": True}
    assert verdict.delays_s == (pytest.approx(0.1),)
    assert verdict.secondary_s["closed"] == pytest.approx(12 * 0.16 - 1.5)


@pytest.mark.parametrize(
    ("offset_s", "chunk", "legal"),
    [
        (2.6, 10, True),  # 1.60 is 1.0 s before
        (2.61, 10, False),
        (0.5, 34, True),  # 5.44 s
        (0.5, 35, False),  # 5.60 s is more than 3 s after the audio's 2.5 s
        (2.4, 34, True),  # the end of the audio counts, not the offset
    ],
)
def test_a_trigger_is_legal_from_1_s_before_the_offset_to_3_s_after_the_audio(
    offset_s: float, chunk: int, legal: bool
) -> None:
    verdict = judged([(LIGHT, offset_s)], (LIGHT, chunk))
    assert verdict.hit is legal and (legal or "wanted at" in verdict.why)


def test_an_early_call_has_a_gap_too() -> None:
    assert judged([(LIGHT, 2.0)], (LIGHT, 10)).delays_s == (pytest.approx(0.4),)


def test_another_function_or_another_argument_is_no_match() -> None:
    assert judged([(LIGHT, 1.5)], (DOOR, 10)).why == "open_home_device: never called, but lock_home_door"
    wrong = judged([(LIGHT, 1.5)], (FAN, 10))
    assert not wrong.hit and wrong.secondary["functions"] and wrong.delays_s == ()
    assert wrong.why.startswith("open_home_device: wanted {'device': 'light'")
    assert judged([(LIGHT, 1.5)]).why == "open_home_device: never called"


def test_both_without_arguments_match() -> None:
    assert judged([(("disarm_home_alarm", {}), 1.5)], (("disarm_home_alarm", {}), 10)).hit


def test_every_wanted_call_needs_a_call_of_its_own() -> None:
    both = [(LIGHT, 1.0), (LIGHT, 2.0)]
    assert not judged(both, (LIGHT, 10)).hit
    assert judged(both, (LIGHT, 10), (LIGHT, 14)).hit


def test_a_case_of_which_one_call_is_missing_is_no_hit_but_the_other_one_counts_for_the_delay() -> None:
    verdict = judged([(LIGHT, 1.6), (DOOR, 2.0)], (LIGHT, 10))
    assert not verdict.hit and verdict.delays_s == (pytest.approx(0.0),)
    assert verdict.why == "lock_home_door: never called, but open_home_device"


def test_the_order_of_calls_does_not_matter() -> None:
    assert judged([(LIGHT, 1.0), (DOOR, 1.2)], (DOOR, 10), (LIGHT, 11)).hit


def test_of_several_that_would_do_the_earliest_legal_one_counts() -> None:
    verdict = judged([(LIGHT, 2.0)], (LIGHT, 20), (LIGHT, 4), (LIGHT, 10))
    assert verdict.delays_s == (pytest.approx(0.4),)


def test_equal_calls_are_paired_so_that_as_many_as_can_be_match() -> None:
    """The call of chunk 13 is legal for both wanted ones, that of chunk 2 for the first alone."""
    verdict = judged([(LIGHT, 3.0), (LIGHT, 0.5)], (LIGHT, 13), (LIGHT, 2))
    assert verdict.hit and verdict.delays_s == (pytest.approx(0.18), pytest.approx(0.92))


def test_a_call_that_was_not_wanted_is_forgiven_and_reported() -> None:
    verdict = judged([(LIGHT, 1.5)], (LIGHT, 10), (DOOR, 11))
    assert verdict.hit and not verdict.secondary["clean"]


def test_the_canonical_rule_counts_and_the_strict_one_stands_beside() -> None:
    wanted = ("set_timer", {"value": 2, "unit": "minutes"})
    verdict = judged([(wanted, 1.5)], (("set_timer", {"value": 120, "unit": "seconds"}), 10))
    assert verdict.hit and not verdict.secondary["strict"]
