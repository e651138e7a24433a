from functools import cache

import pytest

from duplexsla.tools import TOOLSETS
from duplexsla_lab.bench.same_arguments import same
from duplexsla_lab.bench.systems.cascade.planner import Planner
from duplexsla_lab.bench.systems.cascade.training_texts import TrainingTexts, training_texts
from duplexsla_lab.data.splits import held_out_combination

DRAWS = 3_000


@cache
def texts(toolset: str) -> TrainingTexts:
    return training_texts(toolset, draws=DRAWS)


@cache
def planner(toolset: str) -> Planner:
    return Planner(TOOLSETS[toolset], texts(toolset))


def calls(toolset: str, said: str) -> list[tuple[str, dict[str, object]]]:
    return [(name, dict(arguments)) for name, arguments in planner(toolset).plan(said).calls]


@pytest.mark.slow
@pytest.mark.parametrize("toolset", TOOLSETS)
def test_nearly_every_training_template_means_its_own_call(toolset: str) -> None:
    functions = TOOLSETS[toolset].by_name
    wanted = [each for each in texts(toolset).examples if each.function][::20]
    wrong = []
    for each in wanted:
        plan = planner(toolset).plan(each.text)
        right = len(plan.calls) == 1 and plan.calls[0][0] == each.function
        if not right or not same(functions[each.function or ""], each.arguments, plan.calls[0][1]):
            wrong.append((each.text, plan.calls))
    assert len(wrong) <= 0.03 * len(wanted), wrong


@pytest.mark.slow
@pytest.mark.parametrize("toolset", TOOLSETS)
def test_small_talk_of_the_training_split_calls_nothing_and_is_answered(toolset: str) -> None:
    talk = [each for each in texts(toolset).examples if not each.function and each.reply]
    plans = [planner(toolset).plan(each.text) for each in talk]
    assert sum(bool(plan.calls) for plan in plans) <= 0.02 * len(talk)
    assert sum(bool(plan.reply) for plan in plans) >= 0.98 * len(talk)


@pytest.mark.parametrize("toolset", TOOLSETS)
def test_nothing_held_out_is_learned(toolset: str) -> None:
    assert not any(held_out_combination(each.function, each.arguments) for each in texts(toolset).examples)


def test_politeness_around_a_request_changes_nothing() -> None:
    plain = calls("home", "turn on the kitchen light")
    assert plain == [("open_home_device", {"device": "light", "room": "kitchen"})]
    assert calls("home", "hey could you please turn on the kitchen light for me") == plain
    assert calls("home", "um turn on the uh kitchen light") == plain


def test_a_wrong_or_missing_word_changes_nothing() -> None:
    plain = calls("home", "set the bedroom heater to twenty one degrees")
    assert plain[0][1] == {
        "device": "heater",
        "room": "bedroom",
        "property": "temperature",
        "value": 21,
        "unit": "degrees",
    }
    assert calls("home", "set bedroom heater to twenty one degrees") == plain
    assert calls("home", "said the bedroom heater to twenty one degrees") == plain


def test_a_thing_and_its_place_may_be_said_either_way() -> None:
    assert calls("home", "close the blinds in the office") == calls("home", "close the office blinds")


def test_requests_in_one_utterance_are_separated() -> None:
    said = "unlock the front door and then set a timer for five minutes and turn off the radio"
    assert [name for name, _ in calls("home", said)] == [
        "unlock_home_door",
        "set_timer",
        "close_home_device",
    ]


def test_a_barge_in_before_a_request_is_no_part_of_it() -> None:
    assert calls("car", "hold on call david") == [("make_call", {"contact": "david"})]


def test_what_fits_nothing_is_not_complete() -> None:
    plan = planner("home").plan("set the")
    assert not plan.calls
    assert not plan.complete
    assert planner("home").plan("") == type(plan)()
