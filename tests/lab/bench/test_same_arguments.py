from typing import Any

import pytest

from duplexsla.tools import TOOLSETS, Function
from duplexsla_lab.bench.same_arguments import canonical, plain, same, strictly_same
from duplexsla_lab.bench.synonyms import SYNONYMS

FUNCTIONS = {name: function for tools in TOOLSETS.values() for name, function in tools.by_name.items()}
CHOICES = [
    (function.name, argument)
    for function in FUNCTIONS.values()
    for argument in function.arguments
    if argument.takes_choice
]


def agree(function: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    found = same(FUNCTIONS[function], one, other)
    assert found == same(FUNCTIONS[function], other, one)
    return found


@pytest.mark.parametrize(
    ("function", "one", "other"),
    [
        ("disarm_home_alarm", {}, {}),
        ("open_home_device", {"device": "television"}, {"device": "TV"}),
        (
            "open_home_device",
            {"device": "light", "room": "living room"},
            {"device": "lights", "room": "Lounge"},
        ),
        ("lock_home_door", {"door": "front door"}, {"door": "the front door"}),
        ("add_list_item", {"item": "milk", "list": "shopping"}, {"item": "some Milk.", "list": "shopping"}),
        ("add_list_item", {"item": "two lemons", "list": "todo"}, {"item": "2 lemons", "list": "to-do"}),
        ("set_timer", {"value": 2, "unit": "minutes"}, {"value": 120, "unit": "seconds"}),
        ("set_timer", {"value": 60, "unit": "minutes"}, {"value": "one", "unit": "hour"}),
        ("set_timer", {"value": 21, "unit": "minutes"}, {"value": "twenty-one", "unit": "minutes"}),
        (
            "set_home_device",
            {"device": "thermostat", "property": "temperature", "value": 21, "unit": "degrees"},
            {"device": "thermostat", "property": "temperature", "value": 21.0},
        ),
        (
            "set_home_device",
            {"device": "lamp", "property": "brightness", "value": 50, "unit": "percent"},
            {"device": "lamp", "property": "brightness", "value": "50 %"},
        ),
        (
            "set_home_device",
            {"device": "lamp", "property": "color", "value": "warm white"},
            {"device": "lamp", "property": "colour", "value": "Warm-White"},
        ),
        ("set_car_alarm", {"state": "on", "hour": 7}, {"state": "on", "hour": 7, "minute": 0}),
        ("make_call", {"contact": "my mother"}, {"contact": "Mother"}),
        ("make_call", {"contact": "five five five one two three four"}, {"contact": "555 1234"}),
        (
            "set_system_setting",
            {"setting": "brightness", "value": 50, "unit": "percent"},
            {"setting": "brightness", "value": 50},
        ),
        ("play_broadcast", {"frequency": 101.5}, {"frequency": "one hundred one point five"}),
    ],
)
def test_these_mean_the_same(function: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert agree(function, one, other)


@pytest.mark.parametrize(
    ("function", "one", "other"),
    [
        ("open_home_device", {"device": "light"}, {"device": "lamp"}),
        ("open_home_device", {"device": "light"}, {"device": "light", "room": "kitchen"}),
        ("open_home_device", {"device": "light"}, {"device": "light", "rooms": "kitchen"}),
        ("open_home_device", {"device": "garage door"}, {"device": "garage"}),
        ("set_timer", {"value": 2, "unit": "minutes"}, {"value": 2, "unit": "hours"}),
        ("set_timer", {"value": 2, "unit": "minutes"}, {"value": 3, "unit": "minutes"}),
        ("set_timer", {"value": 2, "unit": "minutes"}, {"value": 2}),
        ("set_timer", {"name": "tea", "value": 2, "unit": "hours"}, {"value": 2, "unit": "hours"}),
        (
            "set_home_device",
            {"device": "lamp", "property": "brightness", "value": 5, "unit": "percent"},
            {"device": "lamp", "property": "brightness", "value": 5, "unit": "level"},
        ),
        (
            "set_home_device",
            {"device": "heater", "property": "mode", "value": "heat"},
            {"device": "heater", "property": "mode", "value": 21},
        ),
        ("set_car_alarm", {"state": "on", "hour": 7}, {"state": "on", "hour": 7, "minute": 30}),
        ("add_list_item", {"item": "apple", "list": "todo"}, {"item": "apples", "list": "todo"}),
        ("add_list_item", {"item": "dog food", "list": "todo"}, {"item": "cat food", "list": "todo"}),
        ("make_call", {"contact": "5551234"}, {"contact": "5551235"}),
        ("add_list_item", {"item": "2 lemons", "list": "todo"}, {"item": "2lemons", "list": "todo"}),
        ("query_stock", {"company": "a"}, {"company": "the"}),
        ("play_broadcast", {"frequency": 101.5}, {"frequency": 1015}),
    ],
)
def test_these_do_not(function: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not agree(function, one, other)


def test_two_choices_of_an_argument_never_mean_the_same() -> None:
    for function, argument in CHOICES:
        alone = Function(function, "", (argument,))
        forms = {str(canonical(alone, {argument.name: choice})) for choice in argument.choices}
        assert len(forms) == len(argument.choices), (function, argument.name)


def test_a_synonym_is_of_a_choice_and_is_no_choice_itself() -> None:
    for name, synonyms in SYNONYMS.items():
        arguments = [argument for _, argument in CHOICES if argument.name == name]
        choices = {choice for argument in arguments for choice in argument.choices}
        for synonym, choice in synonyms.items():
            assert choice in choices and synonym == plain(synonym)
            assert all(synonym not in each.choices for each in arguments if choice in each.choices)


def test_what_fits_no_schema_agrees_with_nothing_but_itself() -> None:
    odd = {"device": None, "room": ["kitchen"], "extra": {"a": 1}}
    assert agree("open_home_device", odd, odd)
    assert not agree("open_home_device", odd, {"device": "light"})


def test_strict_forgives_nothing_but_a_whole_float() -> None:
    assert strictly_same({"value": 21}, {"value": 21.0})
    assert not strictly_same({"value": 21}, {"value": "21"})
    assert not strictly_same({"device": "tv"}, {"device": "television"})
    assert strictly_same({}, {})
