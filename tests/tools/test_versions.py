"""A later version of a toolset accepts every call of an earlier one, with the same meaning."""

import random

import jsonschema
import pytest
from tests.support.valid_calls import valid_arguments

from duplexsla.tools.home import HOME
from duplexsla.tools.home2 import HOME_2
from duplexsla.tools.schema import Function

SCHEMA = jsonschema.Draft202012Validator(HOME_2.json_schema())

# What is not comfort; a new function belongs into one of the classes by a decision.
READ = """
query_home_device query_timer query_list query_home_time query_home_date query_home_weather query_later
what_did_you_do
"""
MESS = "lock_home_door arm_home_alarm broadcast_home_message"
ENTRY = "unlock_home_door disarm_home_alarm"


@pytest.mark.parametrize("old", HOME.functions, ids=lambda function: function.name)
def test_every_call_of_version_1_is_the_same_call_of_version_2(old: Function) -> None:
    rng, new = random.Random(old.name), HOME_2.function(old.name)
    assert (new.delivery, new.expires_ms) == (old.delivery, old.expires_ms)
    for _ in range(200):
        arguments = valid_arguments(old, rng)
        assert HOME_2.validate(old.name, arguments) == HOME.validate(old.name, arguments)


def test_arguments_keep_their_order_and_new_ones_are_optional_and_come_behind() -> None:
    for old in HOME.functions:
        names = [argument.name for argument in old.arguments]
        new = HOME_2.function(old.name).arguments
        assert [argument.name for argument in new[: len(names)]] == names
        assert not any(argument.required for argument in new[len(names) :])


def test_every_risk_is_a_decision() -> None:
    found = {function.name: function.risk for function in HOME_2.functions}
    for risk, names in (("read", READ), ("mess", MESS), ("entry", ENTRY)):
        assert {name for name, each in found.items() if each == risk} == set(names.split())


def test_a_question_changes_nothing_and_what_must_not_happen_twice_is_delivered_at_most_once() -> None:
    for function in HOME_2.functions:
        if function.risk == "read":
            assert function.delivery == "idempotent" and function.expires_ms == 3_000, function.name
        if function.name.startswith(("increase", "decrease", "next", "previous", "add", "remove", "set_")):
            assert function.delivery == "at_most_once" or function.name == "set_home_device", function.name


def test_no_function_takes_an_id() -> None:
    names = {argument.name for function in HOME_2.functions for argument in function.arguments}
    assert not any(name == "id" or name.endswith("_id") for name in names)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("close_home_device", {"device": "lights", "scope": "all"}),
        ("close_home_device", {"device": "lights", "floor": "upstairs", "except": "the nursery"}),
        ("open_home_device", {"device": "garage door", "when": "in five minutes"}),
        ("set_home_device", {"device": "blinds", "room": "here", "property": "position", "value": "half"}),
        ("set_home_device", {"device": "reading lamp", "property": "color temperature", "value": 2700}),
        ("query_home_device", {"device": "front door", "property": "lock"}),
        ("query_home_device", {"device": "windows", "property": "state", "scope": "any"}),
        (
            "set_timer",
            {"value": 1, "unit": "hours", "second_value": 15, "second_unit": "minutes"},
        ),
        ("set_timer", {"value": 2.5, "unit": "minutes"}),
        ("add_list_item", {"item": "milk", "list": "shopping", "second_item": "eggs"}),
        ("set_reminder", {"message": "call mom", "when": "tomorrow at nine"}),
        ("undo", {}),
    ],
)
def test_what_people_ask_can_be_called_and_fits_the_json_schema(
    function: str, arguments: dict[str, object]
) -> None:
    assert HOME_2.validate(function, arguments) == arguments
    SCHEMA.validate({"function": function, "arguments": arguments})


# Built-in English intents of Home Assistant's assistant (home-assistant-intents 2026.11.25), and ours.
INTENTS = {
    "HassTurnOn": "open_home_device", "HassTurnOff": "close_home_device", "HassGetState": "query_home_device",
    "HassLightSet": "set_home_device",
    "HassSetPosition": "set_home_device", "HassFanSetSpeed": "set_home_device",
    "HassClimateGetTemperature": "query_home_device", "HassClimateSetTemperature": "set_home_device",
    "HassClimateSetFanMode": "set_home_device", "HassSetVolume": "set_home_device",
    "HassSetVolumeRelative": "increase_home_device", "HassMediaPause": "pause_home_media",
    "HassMediaUnpause": "resume_home_media", "HassMediaNext": "next_home_track",
    "HassMediaPrevious": "previous_home_track", "HassMediaSearchAndPlay": "play_home_media",
    "HassMediaPlayerMute": "mute_home_media", "HassMediaPlayerUnmute": "unmute_home_media",
    "HassVacuumStart": "start_home_device", "HassVacuumReturnToBase": "dock_home_device",
    "HassVacuumCleanArea": "start_home_device", "HassLawnMowerStartMowing": "start_home_device",
    "HassLawnMowerDock": "dock_home_device", "HassStartTimer": "set_timer", "HassCancelTimer": "cancel_timer",
    "HassCancelAllTimers": "cancel_timer", "HassIncreaseTimer": "increase_timer",
    "HassDecreaseTimer": "decrease_timer",
    "HassPauseTimer": "pause_timer", "HassUnpauseTimer": "resume_timer",
    "HassTimerStatus": "query_timer", "HassListAddItem": "add_list_item",
    "HassListCompleteItem": "complete_list_item", "HassListRemoveItem": "remove_list_item",
    "HassShoppingListAddItem": "add_list_item", "HassShoppingListCompleteItem": "complete_list_item",
    "HassGetCurrentDate": "query_home_date", "HassGetCurrentTime": "query_home_time",
    "HassGetWeather": "query_home_weather", "HassBroadcast": "broadcast_home_message",
    "HassNevermind": "never_mind",
}  # fmt: skip


def test_the_built_in_intents_of_home_assistant_are_covered() -> None:
    assert set(INTENTS.values()) <= set(HOME_2.function_names)
