"""The two toolsets hold what they promise."""

import pytest

from duplexsla.errors import ActionRefused
from duplexsla.tools import TOOLSETS

# Paper, appendix C, table 11.
PAPER = """
open_car_setting close_car_setting set_car_setting increase_car_setting decrease_car_setting query_car_setting
save_car_setting set_pet_car_setting set_car_alarm
open_system_setting close_system_setting set_system_setting increase_system_setting decrease_system_setting
disconnect_system_setting open_app close_app switch_page scroll select_option
navigate change_navigation_route add_waypoint remove_waypoint resume_navigation query_arrival_time
query_distance query_road_conditions search_along_route
play_media play_broadcast play_online_video search_music search_online_video next_track previous_track
search_food search_entertainment search_lifestyle search_shopping search_scenic_spot search_hotel
search_travel search_building search_recognition query_weather query_calendar query_stock
generate_text_resource make_call
"""
HOME = """
open_home_device close_home_device set_home_device increase_home_device decrease_home_device query_home_device
lock_home_door unlock_home_door arm_home_alarm disarm_home_alarm run_home_scene set_timer cancel_timer
add_list_item
"""
NOT_TWICE = """
unlock_home_door disarm_home_alarm increase_home_device decrease_home_device add_list_item set_timer
cancel_timer make_call next_track previous_track increase_car_setting decrease_car_setting scroll add_waypoint
"""


def test_the_car_has_the_papers_fifty_functions_and_the_home_fourteen() -> None:
    assert list(TOOLSETS["car"].function_names) == PAPER.split() and len(PAPER.split()) == 50
    assert list(TOOLSETS["home"].function_names) == HOME.split() and len(HOME.split()) == 14


def test_what_must_not_happen_twice_is_delivered_at_most_once() -> None:
    functions = [function for toolset in TOOLSETS.values() for function in toolset.functions]
    assert set(NOT_TWICE.split()) <= {each.name for each in functions if each.delivery == "at_most_once"}


def test_locks_alarms_and_queries_expire_sooner() -> None:
    for toolset in TOOLSETS.values():
        for function in toolset.functions:
            urgent = any(word in function.name for word in ("lock_", "alarm", "query_"))
            assert function.expires_ms == (3_000 if urgent else 5_000), function.name


def test_names_in_one_toolset_are_unique() -> None:
    for toolset in TOOLSETS.values():
        assert len(toolset.by_name) == len(toolset.functions)
        for function in toolset.functions:
            names = [argument.name for argument in function.arguments]
            assert len(set(names)) == len(names), function.name


@pytest.mark.parametrize(
    ("toolset", "function", "arguments"),
    [
        (
            "home",
            "set_home_device",
            {"device": "heater", "property": "temperature", "value": 21, "unit": "degrees"},
        ),
        (
            "home",
            "set_home_device",
            {"device": "lamp", "room": "office", "property": "color", "value": "warm white"},
        ),
        ("home", "set_timer", {"value": 10, "unit": "minutes"}),
        ("home", "disarm_home_alarm", {}),
        ("car", "set_car_setting", {"setting": "air conditioner", "property": "temperature", "value": 26}),
        ("car", "play_media", {"title": "yesterday", "artist": "the beatles"}),
        ("car", "navigate", {"destination": "the nearest hospital"}),
        ("car", "play_broadcast", {"frequency": 101.3, "band": "fm"}),
        ("car", "next_track", {}),
    ],
)
def test_ordinary_calls_fit(toolset: str, function: str, arguments: dict[str, object]) -> None:
    assert TOOLSETS[toolset].validate(function, arguments) == arguments


def test_a_function_of_the_other_toolset_is_refused() -> None:
    with pytest.raises(ActionRefused):
        TOOLSETS["home"].validate("next_track", {})
