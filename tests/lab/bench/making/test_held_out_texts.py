"""The texts of cases, without any sound."""

import random
from collections import Counter
from functools import cache

import pytest

from duplexsla.tools.home import HOME
from duplexsla.tools.home2 import HOME_2
from duplexsla_lab.bench.case import TOOL_SCENARIOS, TURN_SCENARIOS
from duplexsla_lab.bench.making.case_plan import COUNTS, shard_plans
from duplexsla_lab.bench.making.held_out_texts import (
    CaseTextSampler,
    HeldOutRequests,
    NoHeldOutText,
    gather_held_out,
    is_held_out,
    request,
)
from duplexsla_lab.data.scenarios import paper_families as families
from duplexsla_lab.data.scenarios.scenario import ScenarioLine
from duplexsla_lab.data.splits import held_out_phrasing

BOTH = [(scenario, toolset) for scenario in TURN_SCENARIOS + TOOL_SCENARIOS for toolset in ("home", "car")]


@cache
def held(toolset: str) -> HeldOutRequests:
    return gather_held_out(toolset, seed=1, draws=6_000)


def some(scenario: str, toolset: str, count: int = 12) -> list[tuple[ScenarioLine, ScenarioLine]]:
    drawer, rng = CaseTextSampler(held(toolset)), random.Random(f"{scenario}-{toolset}")
    return [drawer.lines(scenario, rng) for _ in range(count)]


@pytest.mark.parametrize(("scenario", "toolset"), BOTH)
def test_nothing_in_a_case_or_before_it_is_in_training(scenario: str, toolset: str) -> None:
    for before, own in some(scenario, toolset):
        assert is_held_out(before) and is_held_out(own)
        assert before.phrasings and own.phrasings


@pytest.mark.parametrize("toolset", ["home", "car"])
def test_requests_are_held_out_alone_and_as_clauses(toolset: str) -> None:
    pools = held(toolset)
    assert all(held_out_phrasing(each.phrasing) for pool in pools.with_carrier.values() for each in pool)
    for pool in pools.without_carrier.values():
        assert all(held_out_phrasing(families.without_carrier_phrase(each).phrasing) for each in pool)


def test_functions_come_as_often_as_training_draws_them_however_many_are_held_out() -> None:
    pools = held("home")
    draw, rng = request(pools.with_carrier, pools.drawn), random.Random(1)
    counts = Counter(str(draw(rng, "home").function) for _ in range(3_000))
    total = sum(pools.drawn[name] for name in pools.with_carrier)
    for name in pools.with_carrier:
        assert counts[name] / 3_000 == pytest.approx(pools.drawn[name] / total, abs=0.04)


def test_asking_requests_can_be_had_apart() -> None:
    pools = held("car")
    draw, rng = request(pools.without_carrier, pools.drawn), random.Random(1)
    for asking in (True, False):
        drawn = [draw(rng, "car", asking=asking) for _ in range(50)]
        assert all(str(each.function).startswith(families.ASKING) == asking for each in drawn)


@pytest.mark.parametrize("toolset", ["home", "car"])
def test_each_scenario_has_its_shape(toolset: str) -> None:
    for before, own in some("pause", toolset):
        assert own.pauses and not own.calls and before.over_words is None
    for _, own in some("normal", toolset):
        assert len(own.answer) == 1 and [action.name for action in own.actions] == ["response"]
    for _, own in some("single", toolset):
        assert len(own.calls) == 1
    for _, own in some("multi", toolset):
        assert len(own.calls) in (2, 3)
    for scenario in ("interrupt", "backchannel", "backchannel_action"):
        for before, own in some(scenario, toolset):
            assert own.over_words is not None and before.answer_words > own.over_words + 8
    for _, own in some("interrupt", toolset):
        assert [action.name for action in own.actions].count("interrupt") == 1


def test_every_call_of_every_case_is_the_same_call_of_version_2_of_the_home() -> None:
    sampler, calls = CaseTextSampler(held("home")), 0
    for plan in shard_plans(COUNTS, seed=1, small=False):
        for id in plan.ids if plan.toolset == "home" else ():
            for line in sampler.lines(plan.scenario, random.Random(f"{plan.seed}-{id}")):
                for call in line.calls:
                    calls += 1
                    said = HOME.validate(call.name, call.arguments)
                    assert HOME_2.validate(call.name, call.arguments) == said, (id, call)
    assert calls > 1_500


def test_where_nothing_is_held_out_it_says_so() -> None:
    with pytest.raises(NoHeldOutText, match="no request of the car"):
        CaseTextSampler(HeldOutRequests("car", {}, {}, {})).lines("single", random.Random(1))
