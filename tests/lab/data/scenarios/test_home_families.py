"""Conversations of version 2's home, as text and on the clock: every line of the service is among them."""

import random

import numpy as np
import pytest

from duplexsla.protocol import channel_lines, tokens
from duplexsla.protocol.tokens import build_vocabulary
from duplexsla.tools import toolset
from duplexsla_lab.data.scenarios.families import scenario, taught
from duplexsla_lab.data.scenarios.home_families import HOME_2_GENERATORS
from duplexsla_lab.data.scenarios.scenario import FAMILIES, HOME_2_FAMILIES, Scenario, ScenarioLine
from duplexsla_lab.data.timeline.timeline import SpokenLine, Timeline, TimingConflict
from duplexsla_lab.data.timeline.training_session import Reply

HOME_2 = toolset("home", 2)
EVERY = (*FAMILIES, *HOME_2_FAMILIES)
UNTAUGHT = {"typed", "before"}  # lines that no training data has, as docs/action-channel.md says
SILENT = ("nothing", "people", "television")


def some(family: str, count: int = 80) -> list[Scenario]:
    rng = random.Random(family)
    return [scenario(rng, toolset=taught("home", 2), family=family) for _ in range(count)]


def head(line: str) -> str:
    inside = f"{line.removeprefix(' [ ').removesuffix(']')} "
    heads = [each.head for each in channel_lines.LINES.values() if inside.startswith(f"{each.head} ")]
    return max(heads, key=len)


def test_every_family_has_its_generator() -> None:
    assert tuple(sorted(HOME_2_GENERATORS)) == tuple(sorted(HOME_2_FAMILIES))


@pytest.mark.parametrize("family", EVERY)
def test_every_call_fits_the_schema_and_every_answer_says_something(family: str) -> None:
    for case in some(family):
        assert case.toolset == "home" and case.family == family
        for call in case.calls:
            assert HOME_2.validate(call.name, call.arguments) == call.arguments
            assert call.outcome.startswith(" [ ") and len(call.outcome) <= channel_lines.MAX_LINE_CHARS
        assert all(sentence for line in case.lines for sentence in line.answer)


def test_every_line_of_the_action_channel_is_taught_with_what_it_expects() -> None:
    expected = {each.head: set[str]() for each in channel_lines.LINES.values()}
    for each in channel_lines.LINES.values():
        expected[each.head].add(each.expected)
    seen = set()
    for case in (case for family in EVERY for case in some(family, 400)):
        for line in case.lines:
            if line.words and line.event:
                seen.add(head(line.event))
            elif line.event:
                seen.add(head(line.event))
                silent = not line.answer
                assert silent == (not expected[head(line.event)] & {"say", "ask"}), line.event
            for call in line.calls:
                seen.add(head(call.outcome))
    assert seen >= set(expected) - UNTAUGHT


def test_where_nothing_is_asked_nothing_is_done_or_said() -> None:
    for case in (case for family in SILENT for case in some(family)):
        assert all(not line.actions and not line.answer for line in case.lines)


def test_a_question_is_answered_by_yes_no_or_a_whole_call() -> None:
    for case in some("confirmation", 300):
        if len(case.lines) == 2 and case.lines[1].calls:
            assert [call.name for call in case.lines[1].calls] in (["confirm"], ["decline"])
    for case in some("ambiguity", 200):
        if len(case.lines) == 2 and case.lines[1].calls:
            first, second = case.lines[0].calls[0], case.lines[1].calls[0]
            assert first.name == second.name and set(second.arguments) >= {"device"}


def test_a_correction_in_mid_sentence_calls_once_at_its_end() -> None:
    single = [case.lines[0] for case in some("correction", 300) if len(case.lines) == 1]
    once = [line for line in single if len(line.calls) == 1]
    assert len(once) > 60
    assert all(line.calls[0].word == len(line.words) - 1 for line in once)


def test_a_scenario_with_a_held_out_name_is_in_no_training() -> None:
    line = ScenarioLine(("good", "night", "tabitha"), ())
    assert Scenario("nothing", "home", (line,)).split == "combinations"


def spoken(line: ScenarioLine) -> SpokenLine:
    """Every word takes 0.3 s."""
    words = [(0.3 * i, 0.3 * i + 0.3, word) for i, word in enumerate(line.words)]
    return SpokenLine(line, np.zeros(round(4_800 * len(words)), np.float32), words, [])


def session(case: Scenario, rng: random.Random) -> list[str]:
    """What stands on the action channel, chunk by chunk."""
    texts = [text for line in case.lines for text in (line.said, line.event, *line.answer)]
    texts += [call.outcome for call in case.calls]
    vocabulary = build_vocabulary(texts, 2_048, HOME_2.function_names, HOME_2.argument_names)
    replies = {
        text: Reply(
            [(0.3 * i, 0.3 * i + 0.3, word) for i, word in enumerate(text.split())],
            np.zeros((2 * len(text.split()), 4), np.int64),
        )
        for line in case.lines
        for text in line.answer
    }
    made = Timeline([spoken(line) for line in case.lines], replies, vocabulary, rng=rng)
    written = made.run(silence_code=0, silence_chunks=2).session.actions
    return ["".join(vocabulary.pieces(ids)) for ids in written]


@pytest.mark.parametrize("family", HOME_2_FAMILIES)
def test_every_conversation_comes_onto_the_clock_with_its_lines_of_the_service(family: str) -> None:
    rng, placed = random.Random(0), 0
    for case in some(family, 15):
        try:
            written = "".join(session(case, rng))
        except TimingConflict:
            continue
        placed += 1
        told = [line.event for line in case.lines if line.event] + [call.outcome for call in case.calls]
        assert all(line in written for line in told)
        assert written.count(tokens.TOOLCALL_BEGIN) == len(case.calls)
    assert placed > 10


def test_who_interrupts_is_followed_by_the_words_that_were_heard() -> None:
    rng, told = random.Random(2), 0
    for case in some("interrupt", 25):
        try:
            written = "".join(session(case, rng))
        except TimingConflict:
            continue
        before, _, after = written.partition(" [ cut")
        said = " ".join(case.lines[0].answer).split()
        heard = after.partition("]")[0].split()
        assert "<interrupt>" in before and heard and " ".join(heard) in " ".join(said)
        told += 1
    assert told > 10


def test_the_assistant_is_silent_behind_stopped_and_writes_down_no_echo() -> None:
    rng = random.Random(1)
    stops = [case for case in some("happening", 200) if any(" stopped" in line.event for line in case.lines)]
    for case in stops[:5]:
        before, after = "".join(session(case, rng)).split(" [ stopped]")
        assert before.count(" ~") > after.count(" ~")
    case = some("echo", 1)[0]
    heard = "".join(session(case, rng)).split(" ~")[0]
    assert case.lines[1].speaker == "echo" and case.lines[0].said.split()[-1] in heard
