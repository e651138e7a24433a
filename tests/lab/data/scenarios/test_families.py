"""Conversations as text: families, splits, and the words that actions hang on."""

import random

import pytest

from duplexsla.tools import TOOLSETS
from duplexsla_lab.data.language.fillers import FILLERS
from duplexsla_lab.data.scenarios.backchannels import (
    BACKCHANNELS,
    BARGE_INS,
    SILENCE_REQUESTS,
    TURNING_BACKCHANNELS,
)
from duplexsla_lab.data.scenarios.families import GENERATORS, joined, scenario, scenario_of_split
from duplexsla_lab.data.scenarios.hesitation import OPEN_ENDED, with_hesitations
from duplexsla_lab.data.scenarios.scenario import FAMILIES, Scenario, ScenarioAction, ScenarioLine
from duplexsla_lab.data.splits import held_out_combination, held_out_phrasing

BOTH = [(toolset, family) for toolset in TOOLSETS for family in FAMILIES]


def some(toolset: str, family: str, count: int = 60) -> list[Scenario]:
    rng = random.Random(f"{toolset}-{family}")
    return [scenario(rng, toolset=toolset, family=family) for _ in range(count)]


def names(line: ScenarioLine) -> list[str]:
    return [action.name if not action.is_call else "call" for action in line.actions]


def test_every_family_of_the_paper_has_its_generator() -> None:
    assert tuple(sorted(GENERATORS)) == tuple(sorted(FAMILIES))


@pytest.mark.parametrize(("toolset", "family"), BOTH)
def test_every_call_fits_its_schema_and_hangs_on_a_word(toolset: str, family: str) -> None:
    for case in some(toolset, family):
        for call in case.calls:
            assert TOOLSETS[toolset].validate(call.name, call.arguments) == call.arguments
            assert call.outcome.startswith(" [ ")
        assert case.lines[0].over_words is None


@pytest.mark.parametrize("toolset", TOOLSETS)
def test_each_family_carries_its_labels(toolset: str) -> None:
    for case in some(toolset, "single"):
        assert names(case.lines[0]) == ["response", "call"]
    assert {tuple(names(case.lines[0])) for case in some(toolset, "pause")} == {
        ("response",),
        ("response", "call"),
    }
    for case in some(toolset, "multi"):
        assert names(case.lines[0])[-2:] == ["response", "call"] and 2 <= len(case.calls) <= 3
        assert len({call.word for call in case.calls}) == len(case.calls) == len(case.lines[0].answer)
    for case in some(toolset, "backchannel"):
        assert all(names(line) == ["backchannel"] and not line.answer for line in case.lines[1:])
    for case in some(toolset, "backchannel_action"):
        assert names(case.lines[1]) == ["backchannel", "call"]
        assert bool(case.lines[1].answer) != case.calls[0].outcome.startswith(" [ done")
    for case in some(toolset, "interrupt"):
        assert names(case.lines[1])[:2] == ["interrupt", "response"]
        assert case.lines[1].actions[0].word <= 4  # it is clear early


@pytest.mark.parametrize(("toolset", "family"), BOTH)
def test_a_line_over_the_assistant_has_speech_to_talk_over(toolset: str, family: str) -> None:
    for case in some(toolset, family):
        for line in case.lines[1:]:
            assert line.over_words is None or 3 <= line.over_words <= case.lines[0].answer_words - 12


@pytest.mark.parametrize(("toolset", "family"), BOTH)
def test_splits_do_not_touch(toolset: str, family: str) -> None:
    rng, seen = random.Random(1), {}
    for split in ("train", "voices", "combinations", "phrasings"):
        if split == "combinations" and family in ("dialogue", "backchannel"):
            continue
        seen[split] = [scenario_of_split(rng, toolset=toolset, family=family, split=split) for _ in range(10)]
    for case in seen["train"] + seen["voices"]:
        assert not any(held_out_phrasing(phrasing) for line in case.lines for phrasing in line.phrasings)
        assert not any(held_out_combination(call.name, call.arguments) for call in case.calls)
    for case in seen.get("combinations", []):
        assert any(held_out_combination(call.name, call.arguments) for call in case.calls)
    for case in seen["phrasings"]:
        assert any(held_out_phrasing(phrasing) for line in case.lines for phrasing in line.phrasings)


def test_a_split_that_a_family_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="combinations holds no scenario of dialogue"):
        scenario_of_split(random.Random(0), toolset="home", family="dialogue", split="combinations")


def test_a_hesitation_moves_the_actions_with_their_words_and_stands_where_no_sentence_ends() -> None:
    rng = random.Random(0)
    for case in some("home", "multi"):
        line = case.lines[0]
        slow = with_hesitations(line, rng, times=3)
        kept = [word for word in slow.words if word not in FILLERS]
        assert kept == [word for word in line.words if word not in FILLERS]
        assert [slow.words[action.word] for action in slow.actions] == [
            line.words[action.word] for action in line.actions
        ]
        assert slow.pauses
        assert all(slow.words[before - 1] in OPEN_ENDED | set(FILLERS) for before, _ in slow.pauses)


def test_nearly_all_conversations_are_different() -> None:
    cases = [case for toolset, family in BOTH for case in some(toolset, family, 100)]
    said = {tuple((line.said, line.answer) for line in case.lines) for case in cases}
    assert len(said) > 0.9 * len(cases)


def test_feedback_is_never_the_same_as_an_interruption() -> None:
    assert not set(BACKCHANNELS) & {*BARGE_INS, *SILENCE_REQUESTS, *TURNING_BACKCHANNELS}
    assert all(turn.endswith(" but") for turn in TURNING_BACKCHANNELS)


def test_a_line_refuses_actions_and_pauses_on_words_that_it_lacks() -> None:
    with pytest.raises(ValueError, match="hangs on no word"):
        ScenarioLine(("hello",), (ScenarioAction("response", 1),))
    with pytest.raises(ValueError, match="order of their words"):
        ScenarioLine(("turn", "on"), (ScenarioAction("response", 1), ScenarioAction("interrupt", 0)))
    with pytest.raises(ValueError, match="between two words"):
        ScenarioLine(("hello",), (), pauses=((0, 1.0),))
    with pytest.raises(ValueError, match="one toolset"):
        joined(some("home", "single", 1) + some("car", "single", 1))
