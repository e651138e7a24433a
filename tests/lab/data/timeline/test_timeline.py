"""Scenarios on the clock: the queue of section 3.3, both transcripts, and who stops for whom."""

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.support.spoken_scenarios import SILENCE_CODE, annotated, drawn, vocabulary

from duplexsla.clock import ACTION_BUDGET, CHUNK_S, CHUNK_SAMPLES, chunk_at
from duplexsla.protocol import tokens
from duplexsla.protocol.action_parser import (
    ActionParser,
    AssistantTranscript,
    Event,
    LabelEvent,
    Malformed,
    OutcomeEcho,
    Planning,
    ToolCall,
    Transcript,
)
from duplexsla.protocol.actions import ActionObject, assistant_text, planning_text
from duplexsla.protocol.serialization import from_pieces, parse, render, to_pieces
from duplexsla_lab.data.scenarios.families import GENERATORS, joined, scenario
from duplexsla_lab.data.scenarios.scenario import Scenario, ScenarioAction, ScenarioLine
from duplexsla_lab.data.timeline.session_view import chunks_of
from duplexsla_lab.data.timeline.timeline import (
    ANSWER_LAG,
    CALL_LAG,
    LABEL_LAGS,
    STOP_LAG,
    TRANSCRIPT_LAG,
    AnnotatedSession,
    TimingConflict,
)
from duplexsla_lab.data.timeline.training_session import TrainingSession

CASES = [(toolset, family, seed) for toolset in ("home", "car") for family in GENERATORS for seed in range(2)]


def parsed(case: Scenario, session: TrainingSession) -> list[Event]:
    parser = ActionParser.named(case.toolset)
    pieces = map(vocabulary().pieces, session.actions)
    return [event for c, segment in enumerate(pieces) for event in parser.push(c, segment)]


def heard(session: AnnotatedSession) -> list[str]:
    return [word for sentence in session.speech for _, _, word in sentence.words]


def texts(case: Scenario, session: AnnotatedSession) -> Iterator[str]:
    """All that is written on the action channel, in no order."""
    for line in case.lines:
        yield from (f" {word}" for word in line.words)
        for action in line.actions:
            yield ActionObject(action.name, 0, action.planning, action.arguments).text() + action.outcome
    yield from (planning_text(sentence.text, more=sentence.more) for sentence in session.speech)
    yield from map(assistant_text, heard(session))


@pytest.mark.parametrize(("toolset", "family", "seed"), CASES)
def test_every_token_of_every_action_is_written_once_and_in_order(
    toolset: str, family: str, seed: int
) -> None:
    case, session = drawn(toolset, family, seed)
    found = parsed(case, session.session)
    assert not [event for event in found if isinstance(event, Malformed)]
    calls = [event for event in found if isinstance(event, ToolCall)]
    assert [(c.function, c.arguments) for c in calls] == [(c.name, c.arguments) for c in case.calls]
    outcomes = [f" [ {event.text}]" for event in found if isinstance(event, OutcomeEcho)]
    assert outcomes == [call.outcome for call in case.calls]
    said = "".join(event.text for event in found if isinstance(event, Transcript))
    assert said.split() == [word for line in case.lines for word in line.words]
    transcript = "".join(event.text for event in found if isinstance(event, AssistantTranscript))
    assert transcript.split() == heard(session)
    labels = [event.label for event in found if isinstance(event, LabelEvent)]
    assert labels == [action.name for line in case.lines for action in line.actions if not action.is_call]
    written = sum(map(len, session.session.actions))
    planned = [e.text for e in found if isinstance(e, Planning)]
    assert planned[: len(session.speech)] == [s.text for s in session.speech] or family == "interrupt"
    unsaid = [text for text in planned if text not in {s.text for s in session.speech}]
    expected = [*texts(case, session), *map(planning_text, unsaid)]
    assert written == sum(len(vocabulary().encode(text)) for text in expected)


@pytest.mark.parametrize(("toolset", "family", "seed"), CASES)
def test_the_queue_keeps_the_budget_the_order_and_every_call_whole(
    toolset: str, family: str, seed: int
) -> None:
    case, session = drawn(toolset, family, seed)
    actions = session.session.actions
    assert max(map(len, actions)) <= ACTION_BUDGET
    placed = [action for line in session.lines for action in line.actions]
    assert [action.begun for action in placed] == sorted(action.begun for action in placed)
    for action in placed:
        assert action.chunk <= action.begun <= action.closed
        assert all(len(actions[c]) == ACTION_BUDGET for c in range(action.chunk, action.closed))
    calls = [event for event in parsed(case, session.session) if isinstance(event, ToolCall)]
    where = [(action.begun, action.closed) for action in placed if action.action.is_call]
    assert [(call.trigger_chunk, call.closed_chunk) for call in calls] == where


@pytest.mark.parametrize(("toolset", "family", "seed"), CASES)
def test_a_session_rendered_and_parsed_back_is_equal(toolset: str, family: str, seed: int) -> None:
    chunks = chunks_of(drawn(toolset, family, seed)[1].session, vocabulary())
    assert parse(render(chunks)) == chunks
    assert [from_pieces(to_pieces(chunk)) for chunk in chunks] == chunks


@pytest.mark.parametrize(("toolset", "family", "seed"), CASES)
def test_the_service_writes_first_in_a_chunk_where_nothing_spills(
    toolset: str, family: str, seed: int
) -> None:
    _, session = drawn(toolset, family, seed)
    opening, actions = vocabulary().id(tokens.OUTCOME_OPEN), session.session.actions
    for c, forced in enumerate(session.session.forced):
        assert opening not in actions[c][forced:]
        if opening in actions[c]:  # its own text may spill, of the model's nothing does
            assert len(actions[c - 1]) < ACTION_BUDGET or session.session.forced[c - 1] == ACTION_BUDGET


@pytest.mark.parametrize(("toolset", "seed"), [(t, s) for t in ("home", "car") for s in range(6)])
def test_an_interrupt_silences_the_assistant_from_the_chunk_after_its_own(toolset: str, seed: int) -> None:
    _, session = drawn(toolset, "interrupt", seed)
    interrupt = next(
        action for line in session.lines for action in line.actions if action.action.name == "interrupt"
    )
    stop = interrupt.chunk + STOP_LAG
    assert interrupt.chunk == chunk_at(interrupt.offset_s) + LABEL_LAGS["interrupt"]
    silent = session.session.anchors == vocabulary().id(tokens.VAD_SILENCE)
    before = [sentence for sentence in session.speech if sentence.first <= interrupt.chunk]
    assert before[-1].end <= stop
    assert not any(sentence.first < stop + 1 for sentence in session.speech[len(before) :])
    resumed = min((s.first for s in session.speech[len(before) :]), default=session.session.num_chunks)
    assert silent[stop:resumed].all()
    assert (session.session.codes[stop:resumed] == SILENCE_CODE).all()
    assert not session.session.assistant[stop * CHUNK_SAMPLES : resumed * CHUNK_SAMPLES].any()


@pytest.mark.parametrize("seed", range(4))
def test_the_assistant_sounds_while_it_says_a_sentence(seed: int) -> None:
    _, session = drawn("home", "dialogue", seed)
    sounds = session.session.assistant.reshape(session.session.num_chunks, CHUNK_SAMPLES).any(axis=1)
    said = {chunk for sentence in session.speech for chunk in range(sentence.first, sentence.end)}
    assert set(np.flatnonzero(sounds)) <= said and len(said) - sounds.sum() <= len(session.speech)


def test_some_interrupts_cut_a_word_and_that_word_is_not_transcribed() -> None:
    cut = 0
    for seed in range(12):
        _, session = drawn("home", "interrupt", seed)
        for sentence in session.speech:
            at_s = sentence.end * CHUNK_S
            starts = [
                (sentence.first * CHUNK_S + a, sentence.first * CHUNK_S + b)
                for a, b, _ in sentence.reply.words
            ]
            inside = [(a, b) for a, b in starts if a < at_s <= b]
            if not sentence.whole and inside:
                cut += 1
                assert all(end < at_s for _, end, _ in sentence.words)
    assert cut >= 3


@pytest.mark.parametrize("family", ["backchannel", "backchannel_action"])
@pytest.mark.parametrize("seed", range(3))
def test_feedback_and_unrelated_requests_do_not_touch_what_is_said(family: str, seed: int) -> None:
    case, session = drawn("home", family, seed)
    spoke = [sentence for sentence in session.speech if sentence.text in case.lines[0].answer]
    assert [sentence.text for sentence in spoke] == list(case.lines[0].answer)
    assert all(sentence.whole for sentence in session.speech)
    for before, after in zip(spoke, spoke[1:], strict=False):
        assert after.first - before.end <= 2  # a plan may wait for what is in flight
    for sentence in spoke:
        assert (session.session.codes[sentence.first : sentence.end] == sentence.reply.codes).all()
    label = next(
        action for line in session.lines for action in line.actions if action.action.name == "backchannel"
    )
    assert spoke[0].first <= label.chunk <= spoke[-1].end


@pytest.mark.parametrize(("toolset", "family", "seed"), CASES)
def test_a_sentence_sounds_only_after_its_plan_and_its_outcomes(toolset: str, family: str, seed: int) -> None:
    case, session = drawn(toolset, family, seed)
    planned = [event for event in parsed(case, session.session) if isinstance(event, Planning)]
    begun = {event.trigger_chunk + 1: event.text for event in planned}
    assert all(begun.get(sentence.first) == sentence.text for sentence in session.speech)
    for line in session.lines:
        first = next((s.first for s in session.speech if line.line.answer[:1] == (s.text,)), None)
        if first is not None and line.line.calls:
            assert first > max(action.closed for action in line.actions) + 1


def test_both_transcripts_come_two_chunks_after_a_word_unless_something_is_in_flight() -> None:
    case = Scenario(
        "dialogue",
        "home",
        (ScenarioLine(("hello",), (ScenarioAction("response", 0),), ("good morning to you",)),),
    )
    session = annotated(case)
    vocab = vocabulary()
    line, sentence = session.lines[0], session.speech[0]
    assert f" {case.lines[0].words[0]}" in vocab.text(
        session.session.actions[chunk_at(line.words[0][1]) + TRANSCRIPT_LAG]
    )
    assert line.actions[0].chunk == chunk_at(line.words[-1][1]) + ANSWER_LAG
    for _, end, word in sentence.words[2:]:
        assert assistant_text(word) in vocab.text(session.session.actions[chunk_at(end) + 2])


def test_calls_of_one_utterance_follow_the_words_that_ask_for_them() -> None:
    for seed in range(10):
        _, session = drawn("home", "multi", seed)
        calls = [action for action in session.lines[0].actions if action.action.is_call]
        assert all(call.chunk == chunk_at(call.offset_s) + CALL_LAG for call in calls)
        assert calls[0].chunk < chunk_at(session.lines[0].words[-1][1]) + CALL_LAG


def test_an_action_with_a_plan_is_triggered_where_its_plan_starts() -> None:
    words = ("open", "the", "trunk", "and", "call", "anna")
    actions = (
        ScenarioAction(
            "open_car_setting", 2, {"setting": "trunk"}, "opening the trunk for the bags", " [ done]"
        ),
        ScenarioAction("response", 5),
        ScenarioAction("make_call", 5, {"contact": "anna"}, outcome=" [ silent]"),
    )
    case = Scenario("multi", "car", (ScenarioLine(words, actions, ("the trunk is open",)),))
    session = annotated(case)
    calls = [event for event in parsed(case, session.session) if isinstance(event, ToolCall)]
    assert [call.planning for call in calls] == ["opening the trunk for the bags", ""]
    placed = session.lines[0].actions
    assert [call.trigger_chunk for call in calls] == [placed[0].begun, placed[2].begun]
    assert placed[0].closed > placed[0].begun == placed[0].chunk


def test_a_long_conversation_goes_on_after_an_interrupt() -> None:
    rng = random.Random(5)
    parts = [scenario(rng, toolset="car", family=family) for family in ("interrupt", "multi", "backchannel")]
    case = joined(parts)
    session = annotated(case)
    assert len(session.lines) == len(case.lines)
    starts = [line.start_s for line in session.lines]
    assert starts == sorted(starts)
    assert session.session.num_chunks * CHUNK_S > 20


def test_nobody_talks_over_an_assistant_that_is_silent() -> None:
    first = ScenarioLine(("hello",), (ScenarioAction("response", 0),), ("hello",))
    late = ScenarioLine(("right",), (ScenarioAction("backchannel", 0),), over_words=9)
    with pytest.raises(TimingConflict, match="never says 9 words"):
        annotated(Scenario("backchannel", "home", (first, late)))
    slow = replace(late, over_words=1, silence_s=3.0)
    with pytest.raises(TimingConflict, match="silent before 'right'"):
        annotated(Scenario("backchannel", "home", (first, slow)))
