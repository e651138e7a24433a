"""The action channel under a model that writes at random: budget, injected text, calls that parse."""

import json
import math
import random

import pytest
from tests.support.tiny_engine import HOME, tiny_vocabulary

from duplexsla.clock import ACTION_BUDGET
from duplexsla.engine.action_channel import MAX_INJECTED, ActionChannel, ActionRules, anchor_mask
from duplexsla.protocol import tokens
from duplexsla.protocol.call_confidence import CallChoice
from duplexsla.protocol.tokens import Vocabulary

OUTCOME = " [ done 21 degrees]"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return tiny_vocabulary()


@pytest.fixture(scope="module")
def rules(vocabulary: Vocabulary) -> ActionRules:
    return ActionRules(vocabulary, HOME)


def _chunk(
    channel: ActionChannel,
    rules: ActionRules,
    rng: random.Random,
    *,
    end: float,
    first: list[int] | None = None,
) -> list[int]:
    """One chunk by a model that writes `first`, then any allowed token, and ends with probability `end`."""
    channel.begin_chunk()
    for token in first or []:
        channel.put(token)
    while not channel.full:
        token = channel.certain()
        if token is None:
            allowed = channel.allowed()
            ends = allowed[rules.end] and rng.random() < end
            choices = [id for id, byte in enumerate(allowed) if byte and id != rules.end]
            token = rules.end if ends else rng.choice(choices)
        if not channel.put(token):
            break
    return channel.written


def _say(channel: ActionChannel, vocabulary: Vocabulary, *chunks: str) -> None:
    """Chunks that the model ends itself."""
    for text in chunks:
        channel.begin_chunk()
        for token in vocabulary.encode(text):
            channel.put(token)
        channel.put(vocabulary.id(tokens.ACTION_END))


def test_random_calls_always_parse_and_fit_the_schema(vocabulary: Vocabulary, rules: ActionRules) -> None:
    rng, channel, stream = random.Random(0), ActionChannel(rules), ""
    for _ in range(1_000):
        first = [] if channel.in_call else [rules.call_begin]
        stream += vocabulary.text(_chunk(channel, rules, rng, end=0.3, first=first))
    calls = [part.partition(tokens.TOOLCALL_END)[0] for part in stream.split('{"function": "')[1:-1]]
    assert len(calls) > 100
    for call in calls:
        parsed = json.loads('{"function": "' + call)
        HOME.validate(parsed["function"], parsed["arguments"])


def test_no_chunk_exceeds_the_budget(rules: ActionRules) -> None:
    rng, channel = random.Random(1), ActionChannel(rules)
    lengths = [len(_chunk(channel, rules, rng, end=0.05)) for _ in range(500)]
    assert max(lengths) == ACTION_BUDGET


def test_a_call_is_carried_over_chunks_and_never_split_by_an_early_end(rules: ActionRules) -> None:
    rng, channel, lengths = random.Random(2), ActionChannel(rules), []
    for _ in range(20):
        written = _chunk(channel, rules, rng, end=1.0, first=[rules.call_begin])
        while channel.in_call:
            lengths.append(len(written))
            written = _chunk(channel, rules, rng, end=1.0)
        assert written[-1] == rules.call_end
    assert len(lengths) > 20
    assert set(lengths) == {ACTION_BUDGET}


def test_injected_text_comes_first_in_the_next_chunk(vocabulary: Vocabulary, rules: ActionRules) -> None:
    rng, channel, injected = random.Random(3), ActionChannel(rules), vocabulary.encode(OUTCOME)
    _say(channel, vocabulary, " kitchen")
    channel.inject(injected)
    assert _chunk(channel, rules, rng, end=1.0) == injected


def test_injected_text_waits_until_an_open_call_is_closed_and_the_model_has_ended(
    vocabulary: Vocabulary, rules: ActionRules
) -> None:
    rng, channel, injected = random.Random(4), ActionChannel(rules), vocabulary.encode(OUTCOME)
    chunks = [_chunk(channel, rules, rng, end=1.0, first=[rules.call_begin])]
    channel.inject(injected)
    chunks += [_chunk(channel, rules, rng, end=1.0) for _ in range(10)]
    stream = [token for chunk in chunks for token in chunk]
    assert stream.index(injected[0]) > stream.index(rules.call_end)
    at = next(place for place, chunk in enumerate(chunks) if injected[0] in chunk)
    assert chunks[at][: len(injected)] == injected


def test_injected_text_longer_than_a_chunk_goes_on_in_the_next(
    vocabulary: Vocabulary, rules: ActionRules
) -> None:
    rng, channel = random.Random(5), ActionChannel(rules)
    injected = vocabulary.encode(OUTCOME) * 2
    channel.inject(injected)
    chunks = [_chunk(channel, rules, rng, end=1.0) for _ in range(4)]
    assert [token for chunk in chunks for token in chunk] == injected
    assert len(chunks[0]) == ACTION_BUDGET


def test_injected_text_interrupts_a_model_that_never_ends(vocabulary: Vocabulary, rules: ActionRules) -> None:
    channel, word = ActionChannel(rules), vocabulary.id(" kitchen")
    injected = vocabulary.encode(OUTCOME)
    written: list[int] = []
    for chunk in range(40):
        channel.begin_chunk()
        if chunk == 3:
            channel.inject(injected)
        while not channel.full:
            token = channel.certain()
            channel.put(word if token is None else token)
        written += channel.written
    start = written.index(injected[0])
    assert written[start : start + len(injected)] == injected


def test_injected_text_without_room_is_refused_whole(vocabulary: Vocabulary, rules: ActionRules) -> None:
    channel, injected = ActionChannel(rules), vocabulary.encode(OUTCOME)
    taken = [channel.inject(injected) for _ in range(40)]
    assert taken.count(True) == MAX_INJECTED // len(injected)
    assert taken == sorted(taken, reverse=True)


def test_the_model_can_neither_forge_an_outcome_nor_end_a_call_that_is_not_open(
    vocabulary: Vocabulary, rules: ActionRules
) -> None:
    allowed = ActionChannel(rules).allowed()
    for piece in (tokens.OUTCOME_OPEN, tokens.TOOLCALL_END, tokens.PAD, tokens.VAD_SILENCE):
        assert not allowed[vocabulary.id(piece)]
    assert allowed[rules.end] and allowed[rules.call_begin]


def test_choices_of_a_call_are_those_of_its_opening_its_name_and_its_arguments(
    vocabulary: Vocabulary, rules: ActionRules
) -> None:
    channel, sure, closed = ActionChannel(rules), CallChoice(-0.25, -9.0), []
    call = '{"function": "open_home_device", "arguments": {"device": " light"}}'
    for token in vocabulary.encode(f" kitchen{tokens.TOOLCALL_BEGIN}{call}{tokens.TOOLCALL_END}"):
        if channel.full or not channel.written:
            channel.begin_chunk()
        channel.put(token, sure if channel.outside_of_call(token) else None)
        closed += channel.closed.items()
    ((end, confidence),) = closed
    assert channel.written[end] == rules.call_end
    assert math.log(confidence.function_p) == pytest.approx(-0.25)  # the name is one piece
    assert math.log(confidence.argument_p) == pytest.approx(-0.5)  # which device, and that it is all
    assert confidence.margin == pytest.approx(8.75)


def test_what_would_not_be_in_a_call_is_all_that_the_grammar_forbids(
    vocabulary: Vocabulary, rules: ActionRules
) -> None:
    channel = ActionChannel(rules)
    channel.begin_chunk()
    assert channel.outside_of_call(vocabulary.id(" kitchen")) is None
    otherwise = channel.outside_of_call(rules.call_begin)
    assert otherwise and otherwise[rules.end] and not otherwise[rules.call_begin]
    for token in vocabulary.encode(f'{tokens.TOOLCALL_BEGIN}{{"function": "'):
        channel.put(token)
    otherwise = channel.outside_of_call(vocabulary.id("open_home_device"))
    assert otherwise == bytes(1 - byte for byte in channel.allowed())


def test_what_is_certain_is_the_only_token_that_is_allowed(rules: ActionRules) -> None:
    rng, channel, certain = random.Random(6), ActionChannel(rules), 0
    channel.begin_chunk()
    channel.put(rules.call_begin)
    while channel.in_call:
        allowed = [id for id, byte in enumerate(channel.allowed()) if byte]
        assert channel.certain() == (allowed[0] if len(allowed) == 1 else None)
        certain += len(allowed) == 1
        channel.put(rng.choice(allowed))
    assert certain > 2
    assert channel.certain() is None


def test_an_anchor_is_text_silence_or_padding_and_nothing_else(vocabulary: Vocabulary) -> None:
    allowed = anchor_mask(vocabulary)
    for piece in (tokens.VAD_SILENCE, tokens.TTS_PAD, " kitchen", "a"):
        assert allowed[vocabulary.id(piece)]
    for piece in (tokens.ACTION_END, tokens.TOOLCALL_BEGIN, tokens.RESPONSE, tokens.PLANNING_OPEN):
        assert not allowed[vocabulary.id(piece)]
