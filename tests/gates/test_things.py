"""What a car's call would move."""

import pytest

from duplexsla.gates.things import CAR_RISKS, MeantThing, car_things
from duplexsla.tools.car import SETTINGS


@pytest.mark.parametrize(
    ("function", "arguments", "thing"),
    [
        ("open_car_setting", {"setting": "doors"}, MeantThing("doors", "car_setting", "", "entry")),
        ("query_car_setting", {"setting": "doors"}, MeantThing("doors", "car_setting", "", "read")),
        (
            "set_car_setting",
            {"setting": "seat", "zone": "driver", "value": 3},
            MeantThing("seat", "car_setting", "driver", "comfort"),
        ),
        ("open_app", {"app": "browser"}, MeantThing("browser", "app", "", "comfort")),
        ("play_media", {"kind": "video"}, MeantThing("video", "media", "", "comfort")),
        (
            "open_system_setting",
            {"setting": "keyboard"},
            MeantThing("keyboard", "system_setting", "", "comfort"),
        ),
    ],
)
def test_a_call_names_one_thing(function: str, arguments: dict[str, object], thing: MeantThing) -> None:
    assert car_things(function, arguments) == (thing,)


def test_a_call_without_a_thing_has_none() -> None:
    assert car_things("next_track", {}) == ()


def test_the_risky_settings_are_settings() -> None:
    assert set(CAR_RISKS) <= set(SETTINGS)
