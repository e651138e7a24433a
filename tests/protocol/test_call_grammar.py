"""The grammar of tool calls: complete (takes every valid call), sound (makes only valid ones)."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.vocabularies import POOR, RICH

from duplexsla.errors import ActionRefused, ProtocolError
from duplexsla.protocol import tokens
from duplexsla.protocol.action_parser import MAX_CALL_CHARS
from duplexsla.protocol.actions import call_text
from duplexsla.protocol.call_grammar import CallGrammar, State
from duplexsla.protocol.tokens import Vocabulary
from duplexsla.tools import TOOLSETS, Argument, Function, Toolset

CASES = [(vocabulary, toolset) for vocabulary in (RICH, POOR) for toolset in TOOLSETS.values()]
each_case = pytest.mark.parametrize(
    ("vocabulary", "toolset"), CASES, ids=["rich-car", "rich-home", "car", "home"]
)


def accepts(grammar: CallGrammar, ids: list[int]) -> bool:
    state = grammar.start()
    for id in ids:
        if not grammar.allowed(state)[id]:
            return False
        state = grammar.advance(state, id)
    return grammar.done(state)


def walk(grammar: CallGrammar, rng: random.Random) -> list[int]:
    """Ids of one random call, drawn evenly from the masks."""
    state, ids = grammar.start(), []
    while not grammar.done(state):
        ids.append(rng.choice([id for id, allowed in enumerate(grammar.allowed(state)) if allowed]))
        state = grammar.advance(state, ids[-1])
    return ids


def some_value(argument: Argument, rng: random.Random) -> str | int | float:
    if argument.choices and (argument.kind == "choice" or rng.random() < 0.5):
        return rng.choice(argument.choices)
    if argument.kind == "text":
        words = ["milk", "O'Brien", "7th (old) street", "a}}b", "[x]", "9", "~", "{", "x" * 50]
        text = " ".join(rng.choices(words, k=rng.randint(1, 4)))[: argument.maximum]
        return text.strip()
    number = rng.randint(argument.minimum, argument.maximum)
    tenths = rng.choice([0, 0, rng.randint(1, 9)]) if argument.kind != "integer" else 0
    return number + tenths / 10 if tenths and number < argument.maximum else number


def some_calls(toolset: Toolset, seed: int, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    rng = random.Random(seed)
    for number in range(count):
        function = toolset.functions[number % len(toolset.functions)]
        given = [each for each in function.arguments if each.required or rng.random() < 0.5]
        arguments = {each.name: some_value(each, rng) for each in given}
        yield function.name, function.validate(arguments)


@each_case
def test_every_valid_call_is_accepted_piece_by_piece(vocabulary: Vocabulary, toolset: Toolset) -> None:
    grammar = CallGrammar(vocabulary, toolset)
    for function, arguments in some_calls(toolset, 1, 1_000):
        ids = vocabulary.encode(call_text(function, arguments))
        assert vocabulary.text(ids) == call_text(function, arguments)
        assert accepts(grammar, ids), call_text(function, arguments)


@each_case
def test_every_choice_of_every_argument_is_accepted(vocabulary: Vocabulary, toolset: Toolset) -> None:
    grammar = CallGrammar(vocabulary, toolset)
    rng = random.Random(2)
    for function in toolset.functions:
        least = {each.name: some_value(each, rng) for each in function.arguments if each.required}
        for argument in function.arguments:
            for choice in argument.choices:
                arguments = function.validate({**least, argument.name: choice})
                assert accepts(grammar, vocabulary.encode(call_text(function.name, arguments)))


@each_case
def test_every_random_walk_ends_in_a_valid_call(vocabulary: Vocabulary, toolset: Toolset) -> None:
    grammar = CallGrammar(vocabulary, toolset)
    rng = random.Random(3)
    seen = set()
    for _ in range(600):
        text = vocabulary.text(walk(grammar, rng))
        call = json.loads(text)
        arguments = toolset.validate(call["function"], call["arguments"])
        assert call_text(call["function"], arguments) == text  # canonical already
        assert len(text) <= MAX_CALL_CHARS
        seen.add(call["function"])
    assert len(seen) > len(toolset.functions) // 2


@each_case
def test_no_call_is_longer_than_the_parser_takes(vocabulary: Vocabulary, toolset: Toolset) -> None:
    for function in toolset.functions:
        longest = {
            each.name: "x" * each.maximum if each.kind == "text" else max((*each.choices, "9999.9"), key=len)
            for each in function.arguments
        }
        assert len(call_text(function.name, longest)) <= MAX_CALL_CHARS


def test_what_the_schema_refuses_has_no_path() -> None:
    grammar = CallGrammar(RICH, TOOLSETS["home"])
    for text in (
        call_text("no_such_function", {}),
        call_text("open_home_device", {}),
        call_text("open_home_device", {"device": "moon"}),
        call_text("open_home_device", {"room": "attic", "device": "lamp"}),
        call_text("open_home_device", {"device": "lamp", "device ": "lamp"}),
        call_text("set_timer", {"value": 0, "unit": "hours"}),
        call_text("set_timer", {"value": 3_601, "unit": "hours"}),
        call_text("set_timer", {"value": 1.5, "unit": "hours"}),
        call_text("add_list_item", {"item": "", "list": "todo"}),
        call_text("add_list_item", {"item": "x" * 65, "list": "todo"}),
        '{"function": "set_timer", "arguments": {"value": 007, "unit": " hours"}}',
        '{"function": "open_home_device", "arguments": {"device": " lamp", "device": " lamp"}}',
    ):
        assert not accepts(grammar, RICH.encode(text)), text


def test_numbers_reach_exactly_their_range() -> None:
    for low, high in ((0, 0), (0, 9), (1, 1), (5, 12), (87, 110), (99, 101), (1, 3_600)):
        tools = Toolset("t", (Function("f", "", (Argument("a", "integer", minimum=low, maximum=high),)),))
        grammar = CallGrammar(RICH, tools)
        for number in {*range(140), low - 1, high + 1, high * 10, 3_599, 3_600}:
            fits = accepts(grammar, RICH.encode(call_text("f", {"a": number})))
            assert fits == (low <= number <= high), (low, high, number)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 12), (3, 12), (99, 101)])
def test_every_path_through_a_number_ends_in_the_range(low: int, high: int) -> None:
    tools = Toolset("t", (Function("f", "", (Argument("a", "number", minimum=low, maximum=high),)),))
    grammar = CallGrammar(POOR, tools)
    open_, ended = [(grammar.start(), "")], set()
    while open_:
        state, text = open_.pop()
        assert any(grammar.allowed(state)), text
        if grammar.done(state):
            ended.add(json.loads(text)["arguments"]["a"])
            continue
        ids = [id for id, allowed in enumerate(grammar.allowed(state)) if allowed]
        open_ += [(grammar.advance(state, id), text + POOR.text([id])) for id in ids]
    assert ended == {tenths / 10 for tenths in range(low * 10, high * 10 + 1)}


@each_case
def test_every_state_that_a_call_passes_leaves_something_allowed(
    vocabulary: Vocabulary, toolset: Toolset
) -> None:
    grammar = CallGrammar(vocabulary, toolset)
    state = grammar.start()
    for function, arguments in some_calls(toolset, 4, 200):
        for id in vocabulary.encode(call_text(function, arguments)):
            assert any(grammar.allowed(state))
            state = grammar.advance(state, id)
        assert grammar.done(state)
        state = grammar.advance(state, vocabulary.id(tokens.TOOLCALL_END))  # and back to the start


def test_only_the_end_marker_follows_a_complete_call() -> None:
    grammar = CallGrammar(RICH, TOOLSETS["home"])
    state = grammar.start()
    for id in RICH.encode(call_text("disarm_home_alarm", {})):
        state = grammar.advance(state, id)
    mask = grammar.allowed(state)
    assert grammar.done(state) and [id for id, allowed in enumerate(mask) if allowed] == RICH.encode(
        tokens.TOOLCALL_END
    )


def test_a_forbidden_piece_is_refused() -> None:
    grammar = CallGrammar(RICH, TOOLSETS["home"])
    for id in (RICH.id("x"), -1, len(RICH)):
        with pytest.raises(ProtocolError):
            grammar.advance(grammar.start(), id)


def test_masks_are_cached_and_shared() -> None:
    grammar = CallGrammar(RICH, TOOLSETS["home"])
    rng = random.Random(5)
    for _ in range(500):
        walk(grammar, rng)
    assert grammar.allowed(grammar.start()) is grammar.allowed(State(*grammar.start()))
    assert len({bytes(mask) for mask in grammar._masks.values()}) == len(
        {id(mask) for mask in grammar._masks.values()}
    )


def test_validate_refuses_what_the_grammar_has_no_path_to() -> None:
    with pytest.raises(ActionRefused):
        TOOLSETS["home"].validate("add_list_item", {"item": "x" * 65, "list": "todo"})
