"""Requests to version 2 of the home: every call fits its schema and is read back, and what is said."""

import random
import re
from collections import defaultdict
from functools import cache

from duplexsla.protocol import channel_lines, tokens
from duplexsla.protocol.action_parser import ActionParser, ToolCall
from duplexsla.protocol.actions import ActionObject
from duplexsla.protocol.call_grammar import CallGrammar
from duplexsla.protocol.tokens import build_vocabulary
from duplexsla.tools import toolset
from duplexsla_lab.data.car.grammar import exchange as car_exchange
from duplexsla_lab.data.home.grammar import exchange as home_exchange
from duplexsla_lab.data.home2 import dialogue, talk
from duplexsla_lab.data.home2.grammar import PATTERNS, exchange
from duplexsla_lab.data.home2.names import HELD_OUT, KINDS, holds_held_out_name
from duplexsla_lab.data.language.carrier_phrases import BETWEEN
from duplexsla_lab.data.language.exchange import Exchange
from duplexsla_lab.data.language.intent_pattern import variants

HOME_2 = toolset("home", 2)
ANSWERED_ELSEWHERE = {"confirm", "decline"}  # said to a question of the service: data/scenarios
PLAIN = re.compile(r"[a-z']+( [a-z']+)*")


@cache
def every(small_talk: float) -> list[Exchange]:
    rng = random.Random(0)
    return [exchange(rng, small_talk=small_talk) for _ in range(6_000 if small_talk else 12_000)]


def drawn(count: int, *, small_talk: float = 0.0) -> list[Exchange]:
    """The first of those that all tests of this file share."""
    return every(small_talk)[:count]


def test_every_call_fits_its_schema_and_all_functions_occur() -> None:
    seen = set()
    for each in drawn(6_000, small_talk=0.1):
        if each.function is not None:
            assert HOME_2.validate(each.function, each.arguments) == each.arguments
            seen.add(each.function)
    assert seen | ANSWERED_ELSEWHERE == set(HOME_2.function_names)


def test_every_argument_occurs() -> None:
    given = defaultdict(set)
    for each in drawn(12_000):
        given[each.function] |= set(each.arguments)
    lacking = {
        (function.name, argument.name)
        for function in HOME_2.functions
        for argument in function.arguments
        if argument.name not in given[function.name] and function.name not in ANSWERED_ELSEWHERE
    }
    assert not lacking


def test_everything_is_said_in_plain_lower_case_words() -> None:
    for each in drawn(6_000, small_talk=0.1):
        assert PLAIN.fullmatch(each.said), each.said
        assert not each.reply or PLAIN.fullmatch(each.reply), each.reply
        assert len(each.reply.split()) <= 22, each.reply


def test_the_words_of_an_argument_are_those_that_are_said() -> None:
    for each in drawn(4_000):
        for key in ("device", "room", "message", "item", "query", "door", "scene", "list", "when"):
            value = str(each.arguments.get(key, ""))
            if value in ("here", "everything") or (key == "device" and value not in each.said):
                continue  # a room's lights, its thermostat: nobody names them
            assert set(value.split()) <= set(each.said.split()), (each.said, key, value)


def test_outcomes_are_lines_that_the_service_writes_and_fit_their_bound() -> None:
    heads = {line.head for line in channel_lines.OUTCOMES}
    seen = set()
    for each in drawn(6_000):
        inside = each.outcome.removeprefix(tokens.OUTCOME_OPEN + " ").removesuffix(tokens.OUTCOME_CLOSE)
        head = max((head for head in heads if f"{inside} ".startswith(f"{head} ")), key=len)
        seen.add(head)
        assert len(each.outcome) <= channel_lines.MAX_LINE_CHARS
        assert bool(each.reply) != (head in ("unsure", "duplicate"))
    assert seen == heads - {"confirm", "code", "which", "taken back"}


def test_a_template_means_one_function_and_every_function_has_many() -> None:
    function_of: dict[str, set[str]] = defaultdict(set)
    count: dict[str, int] = defaultdict(int)
    for pattern in PATTERNS:
        for template in pattern.phrasings.split("|"):
            for variant in variants(template):
                function_of[variant].add(pattern.function)
            count[pattern.function] += len(variants(template))
    unclear = {said: names for said, names in function_of.items() if len(names) > 1 and "{x" not in said}
    assert not unclear
    assert min(count.values()) >= 15


COURTESY = re.compile(r"why (don't|not)|if you (do not|don't) mind|(can not|can't) find my key|but not")


def test_no_way_in_is_asked_by_a_negation() -> None:
    entry = {each.name for each in HOME_2.functions if each.risk == "entry"}
    negated = re.compile(r"\b(not|never|nobody)\b|n't\b")
    asked = [COURTESY.sub("", each.said) for each in drawn(12_000) if each.function in entry]
    assert len(asked) > 300 and not [said for said in asked if negated.search(said)]


def test_what_asks_nothing_calls_nothing() -> None:
    rng = random.Random(4)
    assert all(talk.remark(rng).function is None for _ in range(500))
    assert all(PLAIN.fullmatch(talk.unaddressed(rng)[0]) for _ in range(1_000))
    assert all(PLAIN.fullmatch(talk.television(rng)[0]) for _ in range(300))


def test_yes_and_no_share_no_words() -> None:
    yes, no = (
        {v for each in text.split("|") for v in variants(each)} for text in (dialogue.YES, dialogue.NO)
    )
    assert not yes & no


def test_held_out_names_stand_in_no_other_text() -> None:
    trained = [name for kind in KINDS for name in kind.train]
    assert not [name for name in trained if holds_held_out_name(name)] and len(HELD_OUT) > 60
    rng = random.Random(5)
    for _ in range(3_000):
        for each in (home_exchange(rng), car_exchange(rng)):
            assert not holds_held_out_name(f"{each.said} | {each.reply}")


def test_a_phrasing_is_its_template_in_its_carrier() -> None:
    templates = {template for pattern in PATTERNS for template in pattern.phrasings.split("|")}
    found = [each.phrasing.split(BETWEEN)[-1] for each in drawn(2_000)]
    assert sum(each in templates for each in found) > 0.75 * len(found)


def test_every_call_is_read_back_from_the_action_channel() -> None:
    texts = [text for each in drawn(1_500) for text in (each.said, each.reply)]
    vocabulary = build_vocabulary(texts, 2_048, HOME_2.function_names, HOME_2.argument_names)
    parser, grammar = ActionParser(HOME_2), CallGrammar(vocabulary, HOME_2)
    for number, each in enumerate(drawn(400)):
        ids = vocabulary.encode(ActionObject(str(each.function), number, "", each.arguments).text())
        events = parser.push(number, vocabulary.pieces(ids))
        assert [(event.function, event.arguments) for event in events if isinstance(event, ToolCall)] == [
            (each.function, each.arguments)
        ]
        state = grammar.start()
        for piece in ids[1:]:
            state = grammar.advance(state, piece)
