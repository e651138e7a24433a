"""The car's cabin and hardware: zones, values, profiles, pet mode, alarm."""

import pytest
from tests.support.simulated_car import Car

from duplexsla.errors import DeviceRefused
from duplexsla.home.car_settings import SEATS, WINDOWS
from duplexsla.tools.car import SETTINGS


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_can_be_asked_about(car: Car, setting: str) -> None:
    assert "value" in car("query_car_setting", setting=setting)


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
