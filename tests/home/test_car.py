"""The fifty functions of a car: what each family does beyond changing something."""

from typing import Any

import pytest

from duplexsla.errors import DeviceRefused
from duplexsla.home.car_settings import SEATS, WINDOWS
from duplexsla.home.simulated_home import SimulatedHome
from duplexsla.tools.car import SETTINGS, SYSTEM_SETTINGS

NOW_MS = 1_700_000_000_000  # a Tuesday


class Car:
    """A car whose functions are called by name, one second apart."""

    def __init__(self) -> None:
        self.home, self.now_ms = SimulatedHome(), NOW_MS

    def __call__(self, function: str, **arguments: Any) -> dict[str, Any]:
        self.now_ms += 1_000
        return self.home.perform("car", function, arguments, now_ms=self.now_ms)

    def __getitem__(self, entity: str) -> dict[str, Any]:
        return self.home.state[entity]


@pytest.fixture
def car() -> Car:
    return Car()


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_can_be_asked_about(car: Car, setting: str) -> None:
    assert "value" in car("query_car_setting", setting=setting)


@pytest.mark.parametrize("setting", SYSTEM_SETTINGS)
def test_every_system_setting_opens_and_closes(car: Car, setting: str) -> None:
    car("open_system_setting", setting=setting)
    assert car["car screen"]["page"] == f"settings/{setting}"
    car("close_system_setting", setting=setting)
    assert car["car screen"]["page"] == "home"


def test_a_zone_is_one_seat_two_or_all(car: Car) -> None:
    car("set_car_setting", setting="seat heating", zone="rear", value=3, unit="level")
    assert [car[f"car/seat heating/{seat}"]["level"] for seat in SEATS] == [2, 2, 3, 3]
    assert car("open_car_setting", setting="seat massage")["zone"] == "driver"
    told = car("set_car_setting", setting="air conditioner", value=26, unit="degrees")
    assert (told["zone"], told["property"], told["value"]) == ("all", "temperature", 26)
    assert all(car[f"car/air conditioner/{seat}"]["power"] == "on" for seat in SEATS)


def test_a_bare_value_goes_to_the_property_that_has_its_unit(car: Car) -> None:
    car("set_car_setting", setting="air conditioner", zone="driver", value=4, unit="level")
    assert car["car/air conditioner/driver"]["fan speed"] == 4
    car("set_car_setting", setting="ambient light", value="blue")
    assert car["car/ambient light"]["color"] == "blue"
    car("set_car_setting", setting="sunroof", value=50, unit="percent")
    assert (car["car/sunroof"]["position"], car["car/sunroof"]["state"]) == (50, "open")
    car("set_car_setting", setting="seat heating", value="high")
    assert car["car/seat heating/driver"]["level"] == 3


def test_all_windows_move_together(car: Car) -> None:
    car("open_car_setting", setting="all windows")
    assert {car[f"car/{window}"]["state"] for window in WINDOWS} == {"open"}
    car("close_car_setting", setting="driver window")
    assert car["car/rear window"]["state"] == "open"


def test_steps_clamp_and_each_seat_moves_from_where_it_is(car: Car) -> None:
    car("set_car_setting", setting="air conditioner", zone="driver", property="temperature", value=31)
    car("increase_car_setting", setting="air conditioner", property="temperature", value=5, unit="degrees")
    temperatures = [car[f"car/air conditioner/{seat}"]["temperature"] for seat in SEATS]
    assert temperatures == [32, 27, 27, 27]


def test_the_cabin_and_the_system_share_one_volume(car: Car) -> None:
    car("set_system_setting", setting="media volume", value=70, unit="percent")
    assert car("query_car_setting", setting="volume")["value"] == 70
    assert car("increase_car_setting", setting="volume")["value"] == 80


def test_what_cannot_be_switched_is_refused(car: Car) -> None:
    with pytest.raises(DeviceRefused, match="seat: it cannot be switched"):
        car("open_car_setting", setting="seat")


def test_a_profile_keeps_what_the_cabin_was(car: Car) -> None:
    car("set_car_setting", setting="seat", property="height", value=70)
    car("save_car_setting", profile="work")
    car("set_car_setting", setting="seat", property="height", value=10)
    assert car["car profile/work"]["settings"]["car/seat/driver"]["height"] == 70


def test_pet_mode_keeps_the_cabin_warm(car: Car) -> None:
    car("set_pet_car_setting", property="temperature", value=20, unit="degrees")
    assert car["car/air conditioner/driver"]["power"] == "off"
    car("set_pet_car_setting", property="pet mode", value="on")
    assert car["car/air conditioner/driver"]["temperature"] == 20


def test_the_alarm_keeps_its_time(car: Car) -> None:
    car("set_car_alarm", state="on", hour=7, minute=30, day="monday")
    assert car["car alarm"] == {"state": "on", "hour": 7, "minute": 30, "day": "monday"}


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


def test_a_selected_song_plays_and_tracks_skip(car: Car) -> None:
    found = car("search_music", query="rain")
    car("select_option", option=1)
    assert car["car media"]["title"] == found["options"][0]
    car("play_media", artist="the blue tigers")
    assert car("next_track")["title"] == "neon rain"
    assert car("previous_track")["title"] == "midnight run"


def test_there_is_nothing_to_select_or_skip_at_first(car: Car) -> None:
    for call in ({"function": "select_option", "option": 1}, {"function": "next_track"}):
        with pytest.raises(DeviceRefused):
            car(**call)
    car("search_hotel")
    with pytest.raises(DeviceRefused, match="there are 3 options"):
        car("select_option", option=4)


def test_a_route_has_waypoints_and_survives_its_closed_app(car: Car) -> None:
    with pytest.raises(DeviceRefused, match="no route"):
        car("add_waypoint", waypoint="bakery")
    direct = car("navigate", destination="airport")["minutes"]
    car("add_waypoint", waypoint="bakery")
    car("add_waypoint", waypoint="school")
    assert car("query_arrival_time")["value"] > direct
    assert car("remove_waypoint")["waypoint"] == "bakery"
    car("close_app", app="navigation")
    assert car["car navigation"]["state"] == "paused"
    assert car("resume_navigation")["destination"] == "airport"
    assert car["car navigation"]["waypoints"] == ["school"]


def test_distances_are_the_same_both_ways(car: Car) -> None:
    there = car("query_distance", destination="airport", origin="museum")
    back = car("query_distance", destination="museum", origin="airport")
    assert there["value"] == back["value"] > 0


def test_a_call_makes_the_music_wait(car: Car) -> None:
    car("play_broadcast", frequency=101.5, band="fm")
    assert car["car media"]["title"] == "101.5 fm"
    car("make_call", contact="anna")
    assert (car["car phone"]["contact"], car["car media"]["state"]) == ("anna", "paused")


def test_the_calendar_and_the_weather_know_the_day(car: Car) -> None:
    assert car("query_calendar", event="Christmas")["value"] == "december 25"
    assert car("query_calendar", day="tomorrow")["value"] == "wednesday november 15"
    assert car("query_weather", day="today") == car("query_weather")
    assert car("query_weather")["unit"] == "degrees"


def test_the_shelf_of_documents_is_bounded(car: Car) -> None:
    for number in range(25):
        car("generate_text_resource", kind="note", topic=f"topic {number}")
    assert len(car["car documents"]["items"]) == 20
    assert car["car documents"]["items"][-1]["topic"] == "topic 24"
