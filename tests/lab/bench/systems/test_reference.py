"""The scorer as a whole: systems whose score is known, played and judged."""

from collections.abc import Sequence

import pytest
from tests.support.bench_cases import DOOR, LIGHT, QUIET, all_kinds, tool_case, turn_case

from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.conversation import PlaySettings, converse
from duplexsla_lab.bench.scorer import score_case
from duplexsla_lab.bench.system_interface import System
from duplexsla_lab.bench.systems.reference import AlwaysSilent, AlwaysSpeaking, Oracle, chunk_after
from duplexsla_lab.bench.verdict import CaseVerdict

ANCHOR = {"interrupt": "interrupt_s", "backchannel": "backchannel_end_s"}


def played(system: System, cases: Sequence[Case]) -> dict[str, CaseVerdict]:
    return {case.id: score_case(case, converse(case, system, PlaySettings(), QUIET)) for case in cases}


def due_s(case: Case) -> list[float]:
    if case.is_tool:
        return [each.offset_s for each in case.wanted]
    return [case.anchors[ANCHOR.get(case.scenario, "user_end_s")]]


@pytest.mark.parametrize("late", [0, 1, 5])
def test_an_oracle_is_right_with_the_delay_that_the_data_implies(late: int) -> None:
    cases = all_kinds()
    for case, verdict in zip(cases, played(Oracle(cases, late=late), cases).values(), strict=True):
        implied = [0.16 * (chunk_after(each) + late) - each for each in due_s(case)]
        assert verdict.hit and all(
            verdict.secondary[each] for each in verdict.secondary if each in ("strict", "clean")
        )
        assert verdict.delays_s == pytest.approx(implied)


def test_one_chunk_later_is_16_hundredths_of_a_second_later() -> None:
    cases = all_kinds()
    prompt, late = played(Oracle(cases), cases), played(Oracle(cases, late=1), cases)
    for case in cases:
        assert late[case.id].delays_s == pytest.approx([each + 0.16 for each in prompt[case.id].delays_s])


def test_an_oracle_that_is_too_late_is_wrong() -> None:
    cases = [case for case in all_kinds() if case.scenario not in ("normal", "pause", "backchannel")]
    assert not any(verdict.hit for verdict in played(Oracle(cases, late=30), cases).values())


def test_a_silent_system_is_never_right() -> None:
    assert not any(verdict.hit for verdict in played(AlwaysSilent(), all_kinds()).values())


def test_a_chattering_system_only_keeps_the_floor() -> None:
    """It names no backchannel, never answers, never yields, and what it calls is not clean."""
    verdicts = played(AlwaysSpeaking([LIGHT, DOOR]), all_kinds())
    assert {id: verdict.hit for id, verdict in verdicts.items()} == {
        "normal": False,
        "pause": False,
        "interrupt": False,
        "backchannel": True,
        "single": True,
        "multi": True,
        "backchannel_action": False,
    }
    assert verdicts["backchannel"].delays_s == () and not verdicts["backchannel"].secondary["label"]
    assert not any(verdicts[id].secondary["clean"] for id in ("single", "multi"))
    # It calls in every chunk: the first legal one counts, 1 s before it was wanted, not the nearest.
    assert verdicts["single"].delays_s == (pytest.approx(1.1 - 0.16),)


def test_the_window_of_a_call_in_the_last_moment_is_played() -> None:
    """The tail holds the whole 3 s after the audio in which a call is legal."""
    case = tool_case((*LIGHT, 2.4))
    latest = int((2.5 + 3.0) / 0.16)
    assert played(Oracle([case], late=latest - chunk_after(2.4)), [case])["single"].hit
    assert not played(Oracle([case], late=latest + 1 - chunk_after(2.4)), [case])["single"].hit


def test_a_turn_that_ends_with_the_audio_can_be_answered() -> None:
    case = turn_case("normal", user_end_s=2.5)
    assert played(Oracle([case]), [case])["normal"].hit
