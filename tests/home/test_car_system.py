"""The car's system settings, apps and screen."""

import pytest
from tests.support.simulated_car import Car

from duplexsla.errors import DeviceRefused
from duplexsla.tools.car import SYSTEM_SETTINGS


@pytest.mark.parametrize("setting", SYSTEM_SETTINGS)
def test_every_system_setting_opens_and_closes(car: Car, setting: str) -> None:
    car("open_system_setting", setting=setting)
    assert car["car screen"]["page"] == f"settings/{setting}"
    car("close_system_setting", setting=setting)
    assert car["car screen"]["page"] == "home"


def test_pages_turn_in_a_circle(car: Car) -> None:
    assert car("switch_page", page="previous")["page"] == "car status"
    assert car("switch_page", page="next")["page"] == "home"
    car("scroll", direction="down", amount=3)
    assert car["car screen"]["scrolled"] == 3
    assert car("scroll", direction="up", amount=9)["scrolled"] == 0


def test_a_selected_place_is_driven_to(car: Car) -> None:
    found = car("search_food", query="pizza")
    assert car("select_option", option=2)["selected"] == found["options"][1]
    assert car["car navigation"]["destination"] == found["options"][1]


def test_there_is_nothing_to_select_or_skip_at_first(car: Car) -> None:
    for call in ({"function": "select_option", "option": 1}, {"function": "next_track"}):
        with pytest.raises(DeviceRefused):
            car(**call)
    car("search_hotel")
    with pytest.raises(DeviceRefused, match="there are 3 options"):
        car("select_option", option=4)
