"""Requests of the car: all fifty functions, in their schema, and the splits do not touch."""

import random
import re
from collections import defaultdict

import pytest

from duplexsla.errors import DeviceRefused
from duplexsla.home.simulated_home import SimulatedHome
from duplexsla.protocol.actions import call_text
from duplexsla.protocol.channel_lines import MAX_VALUE_WORDS, WORDS
from duplexsla.tools import TOOLSETS
from duplexsla_lab.data.car.grammar import exchange
from duplexsla_lab.data.language.carrier_phrases import BETWEEN
from duplexsla_lab.data.language.exchange import Exchange
from duplexsla_lab.data.language.intent_pattern import filled
from duplexsla_lab.data.splits import held_out_combination, held_out_phrasing, split_of

CAR = TOOLSETS["car"]


@pytest.fixture(scope="module")
def drawn() -> list[Exchange]:
    rng = random.Random(0)
    return [exchange(rng) for _ in range(8_000)]


def test_every_call_fits_its_schema_and_all_fifty_functions_occur(drawn: list[Exchange]) -> None:
    for each in drawn:
        if each.function is not None:
            assert CAR.validate(each.function, each.arguments) == each.arguments
            assert list(each.arguments) == list(CAR.validate(each.function, each.arguments))
    assert {each.function for each in drawn if each.function} == set(CAR.function_names)
    assert len(CAR.function_names) == 50


def test_every_function_is_asked_for_in_sixteen_ways_and_requests_are_many(drawn: list[Exchange]) -> None:
    """Ways are intent templates: the carrier phrases around them do not count."""
    templates = defaultdict(set)
    for each in drawn:
        templates[each.function].add(each.phrasing.split(BETWEEN)[-1])
    assert min(map(len, templates.values())) >= 16
    assert len({each.said for each in drawn}) > 6_000


@pytest.mark.slow
def test_a_request_means_one_call() -> None:
    """In any carrier phrase the same intent template always means the same call, and is never small talk."""
    rng = random.Random(1)
    calls, talk = defaultdict(set), set()
    for each in (exchange(rng) for _ in range(60_000)):
        if each.function:
            calls[each.bare_text].add(call_text(each.function, each.arguments))
        else:
            talk.add(each.said)
    assert [text for text, meant in calls.items() if len(meant) > 1] == []
    assert not talk & set(calls)


def test_intent_templates_leave_politeness_to_the_carrier_phrases(drawn: list[Exchange]) -> None:
    polite = re.compile(r"\b(please|thanks|could you|can you|would you|will you|want you to|need you to)\b")
    assert not {e.bare_text for e in drawn if polite.search(e.bare_text)}


def test_all_is_said_in_words_and_outcomes_as_the_service_says_them(drawn: list[Exchange]) -> None:
    for each in drawn:
        assert re.fullmatch(r"[a-z']+( [a-z']+)*", each.said), each.said
        assert re.fullmatch(r"[a-z']+( [a-z']+)*", each.reply), each.reply
        if each.function:
            first, *value = re.fullmatch(r" \[((?: [a-z0-9]+)+)\]", each.outcome)[1].split()  # type: ignore[index]
            assert first in WORDS.values() and len(value) <= MAX_VALUE_WORDS


def test_the_simulated_car_takes_the_calls(drawn: list[Exchange]) -> None:
    """All but those that need a waypoint, or an option, which is not there."""
    refused = set()
    for each in drawn[:2_500]:
        if each.function:
            car = SimulatedHome()
            car.perform("car", "navigate", {"destination": "home"}, now_ms=0)
            car.perform("car", "play_media", {}, now_ms=0)
            try:
                car.perform("car", each.function, each.arguments, now_ms=0)
            except DeviceRefused:
                refused.add(each.function)
    assert refused <= {"remove_waypoint", "select_option"}


def test_splits_do_not_share_combinations_or_phrasings(drawn: list[Exchange]) -> None:
    split = defaultdict(list)
    for each in drawn:
        split[split_of([each.phrasing], [(each.function, each.arguments)])].append(each)
    trained = {call_text(e.function, e.arguments) for e in split["train"] if e.function}
    held = {call_text(e.function, e.arguments) for e in split["combinations"] if e.function}
    assert held and not trained & held
    assert not {e.phrasing for e in split["train"]} & {e.phrasing for e in split["phrasings"]}
    assert all(held_out_phrasing(e.phrasing) for e in split["phrasings"])
    assert not any(held_out_combination(e.function, e.arguments) for e in split["train"])
    assert {e.function for e in split["train"]} >= set(CAR.function_names)


def test_numbers_are_said_in_words() -> None:
    values = {"a": 98.5, "b": 1_010, "c": 107.0, "d": 3}
    assert filled("{a} {b} {c} {d_nth}", values) == (
        "ninety eight point five one thousand ten one hundred seven third"
    )
