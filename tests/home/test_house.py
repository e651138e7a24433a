"""The fourteen functions of a home."""

import random
from typing import Any

import pytest
from tests.support.valid_calls import valid_arguments

from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.home.appliance import Scale
from duplexsla.home.devices import KINDS
from duplexsla.home.house import located
from duplexsla.home.registry import HomeConfiguration
from duplexsla.home.simulated_home import SimulatedHome
from duplexsla.home.state import State
from duplexsla.tools.home import DEVICES, HOME, ROOMS
from duplexsla.tools.schema import Function
from duplexsla.v1 import home_pb2 as pb

NOW_MS = 1_700_000_000_000


class House:
    """A home whose functions are called by name, one second apart."""

    def __init__(self) -> None:
        self.home, self.now_ms = SimulatedHome(), NOW_MS

    def __call__(self, function: str, **arguments: Any) -> dict[str, Any]:
        self.now_ms += 1_000
        return self.home.perform("home", function, arguments, now_ms=self.now_ms)

    def __getitem__(self, entity: str) -> dict[str, Any]:
        return self.home.state[entity]


@pytest.fixture
def house() -> House:
    return House()


def test_every_device_opens_and_closes_in_every_room(house: House) -> None:
    for device in DEVICES:
        for room in ROOMS:
            opened = house("open_home_device", device=device, room=room)
            entity = f"{opened['room']}/{device}"
            switch = KINDS[device].switch
            assert house[entity][switch] in ("on", "open")
            house("close_home_device", device=device, room=room)
            assert house[entity][switch] in ("off", "closed")


def test_a_room_that_is_said_is_meant(house: House) -> None:
    assert house("open_home_device", device="light", room="attic")["room"] == "attic"
    assert house["attic/light"]["power"] == "on"
    assert house["living room/light"]["power"] == "off"


def test_without_a_room_the_main_one_is_meant_then_the_one_used_last(house: House) -> None:
    assert house("open_home_device", device="lamp")["room"] == "bedroom"
    house("open_home_device", device="lamp", room="study")
    assert house("close_home_device", device="lamp")["room"] == "study"
    assert house["bedroom/lamp"]["power"] == "on"


def test_asking_about_a_device_is_not_using_it(house: House) -> None:
    house("open_home_device", device="lamp", room="study")
    house("query_home_device", device="lamp", room="attic", property="power")
    assert house("query_home_device", device="lamp", property="power")["room"] == "study"


def test_what_a_home_has_once_is_meant_from_any_room(house: House) -> None:
    assert house("open_home_device", device="gate", room="kitchen")["room"] == "garden"
    assert house("open_home_device", device="garage door")["room"] == "garage"


@pytest.mark.parametrize(
    ("arguments", "property", "value"),
    [
        ({"device": "heater", "property": "temperature", "value": 23, "unit": "degrees"}, "temperature", 23),
        ({"device": "light", "property": "brightness", "value": 40, "unit": "percent"}, "brightness", 40),
        ({"device": "light", "property": "color", "value": "blue"}, "color", "blue"),
        ({"device": "fan", "property": "speed", "value": 4, "unit": "level"}, "speed", 4),
        ({"device": "fan", "property": "speed", "value": 40, "unit": "percent"}, "speed", 2),
        ({"device": "fan", "property": "mode", "value": "sleep"}, "mode", "sleep"),
        ({"device": "light", "property": "brightness", "value": 7, "unit": "level"}, "brightness", 70),
        ({"device": "oven", "property": "temperature", "value": 220}, "temperature", 220),
    ],
)  # fmt: skip
def test_a_property_is_set_and_the_device_is_on(
    house: House, arguments: dict[str, Any], property: str, value: Any
) -> None:
    result = house("set_home_device", room="office", **arguments)
    assert result["value"] == value
    props = house[f"office/{arguments['device']}"]
    assert (props[property], props["power"]) == (value, "on")


def test_a_cover_moves_and_says_whether_it_is_open(house: House) -> None:
    house("set_home_device", device="blinds", room="office", property="position", value=30, unit="percent")
    assert (house["office/blinds"]["position"], house["office/blinds"]["state"]) == (30, "open")
    house("set_home_device", device="blinds", room="office", property="position", value=0, unit="percent")
    assert house["office/blinds"]["state"] == "closed"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"device": "thermostat", "property": "temperature", "value": 200}, "between 5 and 35 degrees"),
        ({"device": "kettle", "property": "color", "value": "blue"}, "no color blue"),
        ({"device": "light", "property": "brightness", "value": "blue"}, "no brightness blue"),
        ({"device": "vacuum", "property": "battery", "value": 100}, "no battery"),
    ],
)
def test_what_a_device_cannot_be_is_refused_with_the_reason(
    house: House, arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(DeviceRefused, match=reason):
        house("set_home_device", room="office", **arguments)


def test_steps_are_relative_and_clamp_at_the_limits(house: House) -> None:
    speaker = {"device": "speaker", "room": "office", "property": "volume"}
    assert house("increase_home_device", **speaker)["value"] == 40  # 30, and one usual step
    assert house("increase_home_device", **speaker, value=25, unit="percent")["value"] == 65
    assert house("increase_home_device", **speaker, value=100, unit="percent")["value"] == 100
    told = house("decrease_home_device", **speaker, value=300, unit="percent")
    assert (told["value"], told["before"], told["unit"]) == (0, 100, "percent")
    assert house["office/speaker"]["volume"] == 0


def test_a_light_dimmed_to_nothing_is_off(house: House) -> None:
    lamp = {"device": "lamp", "room": "study", "property": "brightness"}
    house("set_home_device", **lamp, value=0, unit="percent")
    assert house["study/lamp"]["power"] == "off"
    house("increase_home_device", **lamp)
    assert house["study/lamp"]["power"] == "on"


@pytest.mark.parametrize(
    ("device", "property", "value", "unit"),
    [
        ("thermostat", "temperature", 21, "degrees"),
        ("humidity sensor", "humidity", 45, "percent"),
        ("camera", "battery", 78, "percent"),
        ("window", "state", "closed", None),
        ("window", "power", "closed", None),
        ("oven", "state", "off", None),
        ("fan", "speed", 2, "level"),
    ],
)
def test_a_query_tells_value_and_unit(
    house: House, device: str, property: str, value: Any, unit: str | None
) -> None:
    told = house("query_home_device", device=device, room="study", property=property)
    assert (told["value"], told.get("unit"), told["room"]) == (value, unit, "study")


def test_doors_lock_and_unlock_one_by_one(house: House) -> None:
    house("unlock_home_door", door="cellar door")
    assert house["door/cellar door"]["lock"] == "unlocked"
    assert house["door/front door"]["lock"] == "locked"
    house("lock_home_door", door="cellar door")
    assert house["door/cellar door"]["lock"] == "locked"


def test_the_alarm_is_armed_and_disarmed(house: House) -> None:
    house("arm_home_alarm", mode="night")
    assert house["alarm"]["mode"] == "night"
    house("disarm_home_alarm")
    assert house["alarm"]["mode"] == "disarmed"


def test_a_scene_moves_all_its_devices(house: House) -> None:
    assert house("run_home_scene", scene="movie")["changed"] == 3
    assert house["living room/light"]["brightness"] == 10
    assert house["living room/curtains"]["state"] == "closed"
    assert house["living room/television"]["power"] == "on"
    assert house["scene"]["active"] == "movie"


def test_a_timer_knows_its_end_and_can_be_cancelled_by_name(house: House) -> None:
    house("set_timer", name="pasta", value=10, unit="minutes")
    assert house["timer/pasta"]["ends_at_ms"] == house.now_ms + 600_000
    house("cancel_timer", name="pasta")
    with pytest.raises(DeviceRefused, match="no pasta timer"):
        house("cancel_timer", name="pasta")


def test_without_a_name_the_timer_set_last_is_cancelled(house: House) -> None:
    house("set_timer", name="egg", value=5, unit="minutes")
    house("set_timer", value=1, unit="hours")
    assert house("cancel_timer")["timer"] == "timer"
    assert house("cancel_timer")["timer"] == "egg"
    with pytest.raises(DeviceRefused, match="no timer runs"):
        house("cancel_timer")


def test_a_timer_that_rang_cannot_be_cancelled(house: House) -> None:
    house("set_timer", name="tea", value=1, unit="seconds")
    house("run_home_scene", scene="relax")  # a second later
    with pytest.raises(DeviceRefused):
        house("cancel_timer", name="tea")


def test_a_list_keeps_its_items_in_order(house: House) -> None:
    for item in ("milk", "bread", "milk"):
        house("add_list_item", item=item, list="grocery")
    assert house["list/grocery"]["items"] == ["milk", "bread", "milk"]
    assert "list/party" not in house.home.state


@pytest.mark.parametrize("fahrenheit", [False, True])
@pytest.mark.parametrize("function", HOME.functions, ids=lambda function: function.name)
def test_a_function_and_the_equal_command_leave_the_same_state(function: Function, fahrenheit: bool) -> None:
    rng, compared = random.Random(function.name), 0
    for _ in range(200):
        if compared == 10:
            return
        by_function, by_command = (
            SimulatedHome(configuration=HomeConfiguration(fahrenheit=fahrenheit)) for _ in range(2)
        )
        for home in (by_function, by_command):
            home.perform("home", "set_timer", {"name": "tea", "value": 9, "unit": "minutes"}, now_ms=NOW_MS)
        arguments = valid_arguments(function, rng)
        command = equal_command(by_command.state, function.name, arguments, fahrenheit=fahrenheit)
        if command is None:
            continue
        compared += 1
        before = by_function.snapshot()
        try:
            by_function.perform("home", function.name, arguments, now_ms=NOW_MS + 1)
        except DeviceRefused:
            with pytest.raises((DeviceRefused, ActionRefused)):
                by_command.plan_command(*command, now_ms=NOW_MS + 1)
            assert by_function.snapshot() == before
            continue
        by_command.apply(by_command.plan_command(*command, now_ms=NOW_MS + 1))
        assert by_command.snapshot() == by_function.snapshot()
    pytest.fail(f"only {compared} of 200 calls have an equal command")


def equal_command(
    state: State, function: str, arguments: dict[str, Any], *, fahrenheit: bool
) -> tuple[str, int, float | None, str] | None:
    """(entity, command, number, text) that mean the same; None where there is none."""
    if function in ("lock_home_door", "unlock_home_door"):
        command = pb.COMMAND_LOCK if function == "lock_home_door" else pb.COMMAND_UNLOCK
        return f"door/{arguments['door']}", command, None, ""
    if "device" in arguments:
        return _device_command(state, function, arguments, fahrenheit)
    if function == "set_timer":
        seconds = arguments["value"] * {"seconds": 1, "minutes": 60, "hours": 3_600}[arguments["unit"]]
        return "timers", pb.COMMAND_START, seconds, arguments.get("name", "")
    plain: dict[str, tuple[str, int, float | None, str]] = {
        "arm_home_alarm": ("alarm", pb.COMMAND_ARM, None, arguments.get("mode", "")),
        "disarm_home_alarm": ("alarm", pb.COMMAND_DISARM, None, ""),
        "run_home_scene": (f"scene/{arguments.get('scene')}", pb.COMMAND_ACTIVATE, None, ""),
        "cancel_timer": ("timers", pb.COMMAND_STOP, None, arguments.get("name", "")),
        "add_list_item": (
            f"list/{arguments.get('list')}",
            pb.COMMAND_ADD_ITEM,
            None,
            arguments.get("item", ""),
        ),
    }
    return plain[function]


def _device_command(
    state: State, function: str, arguments: dict[str, Any], fahrenheit: bool
) -> tuple[str, int, float | None, str] | None:
    device, value, unit = arguments["device"], arguments.get("value"), arguments.get("unit", "")
    entity, kind = f"{located(state, device, arguments.get('room'))}/{device}", KINDS[device]
    name = arguments.get("property", "")
    if function in ("open_home_device", "close_home_device"):
        opens, covers = function == "open_home_device", kind.switch == "state"
        on = pb.COMMAND_OPEN if covers else pb.COMMAND_TURN_ON
        off = pb.COMMAND_CLOSE if covers else pb.COMMAND_TURN_OFF
        sensor = "sensor" in device
        return None if sensor else (entity, on if opens else off, None, "")
    if function == "query_home_device":
        return entity, pb.COMMAND_QUERY, None, name
    if name not in kind.scales:
        if name in ("color", "mode") and isinstance(value, str) and "sensor" not in device:
            return entity, pb.COMMAND_SET_COLOR if name == "color" else pb.COMMAND_SET_MODE, None, value
        return None
    if isinstance(value, str):
        return None
    scale, sets = kind.scales[name], function == "set_home_device"
    sign = 1 if sets or function == "increase_home_device" else -1
    if name == "temperature":
        if unit == "percent":
            return None
        span = (scale.maximum - scale.minimum) * (1.8 if fahrenheit else 1)
        number = sign * min(scale.step if value is None else value, span if not sets else 1e9)
        return entity, pb.COMMAND_SET_TEMPERATURE if sets else pb.COMMAND_STEP_TEMPERATURE, number, ""
    percent = _percent(scale, value, unit)
    if not sets:
        return entity, pb.COMMAND_STEP_LEVEL, sign * min(percent, 100), name
    return entity, pb.COMMAND_SET_LEVEL, percent, name


def _percent(scale: Scale, value: float | None, unit: str) -> float:
    """A spoken value of a level, or one usual step, in percent."""
    if scale.unit == "percent":
        return scale.step if value is None else value * (scale.step if unit == "level" else 1)
    steps = 100 / (scale.maximum - scale.minimum)
    return value if value is not None and unit == "percent" else steps * (1 if value is None else value)


def test_a_fahrenheit_home_takes_and_tells_degrees_fahrenheit() -> None:
    home = SimulatedHome(configuration=HomeConfiguration(fahrenheit=True))
    thermostat = {"device": "thermostat", "room": "office", "property": "temperature"}

    def told(function: str, **arguments: Any) -> dict[str, Any]:
        return home.perform("home", function, {**thermostat, **arguments}, now_ms=NOW_MS)

    assert told("query_home_device")["value"] == 69.8
    assert told("set_home_device", value=70, unit="degrees")["value"] == 70
    result = told("increase_home_device", value=2)
    assert (result["before"], result["value"]) == (70, 72)
    assert told("decrease_home_device")["value"] == 71
    with pytest.raises(DeviceRefused, match="between 41 and 95 degrees"):
        told("set_home_device", value=21)
    assert home.state["office/thermostat"]["temperature"] == 21.67  # Celsius
