"""A question, and what is answered: one effect at most, whatever comes twice, too late or from elsewhere."""

import asyncio
from contextlib import suppress

import pytest
from tests.support.action_events import NOW_MS, event
from tests.support.scripted_decisions import ScriptedDecisions, Site, answer, plan_for

from duplexsla.executor import messages
from duplexsla.executor.crash_points import POINTS
from duplexsla.v1 import action_pb2 as pb

YES, NO = pb.INTENT_YES, pb.INTENT_NO
CONFIRMED = f"{event().action.id}/yes"


class Died(BaseException):
    """SIGKILL."""


def asking(*entities: str, at_most_once: bool = False) -> Site:
    return Site(
        ScriptedDecisions(plan_for(*(entities or ("door/front",)), at_most_once=at_most_once), ask=True)
    )


def test_a_yes_does_what_was_asked_about_under_its_own_fence_and_expiry() -> None:
    here = asking()
    yes = answer(YES, event(), fence=7, emitted_at_ms=NOW_MS + 4_000, expires_at_ms=NOW_MS + 9_000)
    assert here.states(event(), yes) == ["confirm", "done"]
    [call] = here.device.calls
    told = call.entity_command
    assert (told.effect_id, told.fence, told.expires_at_ms) == (CONFIRMED, 7, NOW_MS + 9_000)
    outcome = asyncio.run(here.run(yes))
    assert (outcome.action_id, outcome.refers_to) == (yes.action.id, event().action.id)
    assert outcome.function == "open_home_device"


def test_several_devices_that_were_asked_about_have_effects_of_the_yes() -> None:
    here = asking("kitchen/light", "attic/light")
    assert here.states(event(), answer(YES, event())) == ["confirm", "done"]
    assert sorted(here.effects) == [f"{CONFIRMED}/attic/light", f"{CONFIRMED}/kitchen/light"]


def test_a_second_yes_meets_what_the_first_has_done() -> None:
    here = asking()
    assert here.states(event(), answer(YES, event(), 901), answer(YES, event(), 902)) == [
        "confirm",
        "done",
        "done",
    ]
    assert here.effects == [CONFIRMED]


def test_after_a_no_nothing_happens_whatever_is_said() -> None:
    here = asking()
    said = [event(), answer(NO, event(), 901), answer(YES, event(), 902)]
    assert here.states(*said) == ["confirm", "done", "retracted"]
    assert here.effects == []


def test_a_no_after_the_yes_is_too_late() -> None:
    here = asking()
    assert here.states(event(), answer(YES, event(), 901), answer(NO, event(), 902)) == [
        "confirm",
        "done",
        "failed",
    ]


def test_a_yes_that_is_said_too_late_does_nothing() -> None:
    here = asking()
    late = answer(YES, event(), emitted_at_ms=NOW_MS + 15_001, expires_at_ms=NOW_MS + 20_000)
    assert here.states(event(), late) == ["confirm", "expired"]
    assert here.effects == []


def test_a_yes_without_a_question_does_nothing() -> None:
    here = asking()
    other_session = answer(YES, event(), session_id=2, action=pb.Action(id=f"{2:016x}-9-0"))
    unknown = answer(YES, event(5), 903)
    no_reference = answer(YES, event(), 904, refers_to="")
    said = [other_session, unknown, no_reference]
    assert here.states(event(), *said) == ["confirm", "not_found", "not_found", "not_found"]
    assert here.effects == []


def test_a_yes_to_what_was_no_question_does_nothing_more() -> None:
    here = Site(ScriptedDecisions(plan_for("kitchen/light")))
    assert here.states(event(), answer(YES, event())) == ["done", "not_found"]
    assert here.effects == [event().action.id]


def test_todays_policy_decides_about_a_yes() -> None:
    here = asking()
    here.decisions.refusal = pb.OUTCOME_STATE_DENIED
    assert here.states(event(), answer(YES, event())) == ["confirm", "denied"]
    assert here.effects == []


def test_the_function_confirm_is_a_yes_and_decline_a_no() -> None:
    here = asking()
    confirm = answer(
        pb.INTENT_DO, event(), action=pb.Action(id=f"{1:016x}-70-0", function="confirm", arguments_json="{}")
    )
    assert here.states(event(), confirm) == ["confirm", "done"]
    decline = answer(
        pb.INTENT_DO, event(), action=pb.Action(id=f"{1:016x}-71-0", function="decline", arguments_json="{}")
    )
    assert messages.intent_of(decline) == NO


@pytest.mark.parametrize("at_most_once", [False, True])
@pytest.mark.parametrize("point", [point for point in POINTS if point != "published"])
@pytest.mark.parametrize("nth", [1, 2])
def test_whoever_comes_after_a_crash_in_a_yes_has_one_effect_or_says_that_nobody_knows(
    point: str, nth: int, at_most_once: bool
) -> None:
    """The yes and its effect pass each point, the one inside the other."""
    left = nth

    def die(passed: str) -> None:
        nonlocal left
        left -= passed == point
        if left == 0:
            raise Died

    here = asking(at_most_once=at_most_once)
    assert here.states(event()) == ["confirm"]
    dying = Site(here.decisions, device=here.device, ledger=here.ledger, crash_point=die)
    with suppress(Died):
        asyncio.run(dying.run(answer(YES, event())))
    outcome = asyncio.run(here.successor().run(answer(YES, event())))
    assert outcome.state in (pb.OUTCOME_STATE_DONE, pb.OUTCOME_STATE_UNKNOWN)
    if at_most_once:
        assert len(here.effects) <= 1
    else:
        assert set(here.effects) == {CONFIRMED} and outcome.state == pb.OUTCOME_STATE_DONE
