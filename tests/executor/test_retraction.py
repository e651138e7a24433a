"""Taking back: wins where nothing has begun, and tells where something has."""

import asyncio

from tests.support.action_events import event
from tests.support.scripted_decisions import ScriptedDecisions, Site, answer, plan_for

from duplexsla.v1 import action_pb2 as pb

RETRACT, YES = pb.INTENT_RETRACT, pb.INTENT_YES


def acting() -> Site:
    return Site(ScriptedDecisions(plan_for("kitchen/light")))


def asking() -> Site:
    return Site(ScriptedDecisions(plan_for("door/front"), ask=True))


def test_what_still_waits_for_its_turn_is_taken_back() -> None:
    here = acting()
    assert here.states(event(), answer(RETRACT, event())) == ["retracted", "retracted"]
    assert here.effects == []


def test_what_was_done_stays_done_and_that_is_told() -> None:
    here = acting()
    assert here.states(event()) == ["done"]
    outcome = asyncio.run(here.run(answer(RETRACT, event())))
    assert (outcome.state, outcome.refers_to) == (pb.OUTCOME_STATE_FAILED, event().action.id)
    assert "undone" in outcome.reason
    assert here.effects == [event().action.id]


def test_a_question_that_is_taken_back_is_closed() -> None:
    here = asking()
    assert here.states(event()) == ["confirm"]
    assert here.states(answer(RETRACT, event(), 901)) == ["retracted"]
    assert here.states(answer(YES, event(), 902)) == ["retracted"]
    assert here.effects == []


def test_a_question_whose_yes_came_first_is_not_taken_back() -> None:
    here = asking()
    assert here.states(event(), answer(YES, event(), 901)) == ["confirm", "done"]
    assert here.states(answer(RETRACT, event(), 902)) == ["failed"]


def test_another_session_takes_nothing_back() -> None:
    here = acting()
    stranger = answer(RETRACT, event(), session_id=2, action=pb.Action(id=f"{2:016x}-9-0"))
    assert here.states(event(), stranger) == ["done", "not_found"]


def test_never_mind_without_anything_to_take_back_is_fine() -> None:
    never_mind = event(action=pb.Action(id=f"{1:016x}-9-0", function="never_mind", arguments_json="{}"))
    here = acting()
    assert here.states(never_mind) == ["done"]
    assert here.effects == []


def test_a_retraction_that_comes_twice_says_the_same() -> None:
    here = acting()
    first, again = (answer(RETRACT, event(), number) for number in (901, 901))
    assert here.states(event(), first, again) == ["retracted"] * 3
