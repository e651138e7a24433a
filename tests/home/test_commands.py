"""The thirty commands: what each does to what is there, and what is refused."""

import copy
import json
from typing import Any

import pytest

from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.home.registry import ENTITIES
from duplexsla.home.simulated_home import SimulatedHome
from duplexsla.v1 import home_pb2 as pb

NOW_MS = 1_700_000_000_000
# A text and a number that fit every entity of a class; the others need none.
TEXTS: dict[int, str] = {
    pb.COMMAND_SET_COLOR: "blue", pb.COMMAND_SET_MODE: "auto", pb.COMMAND_ARM: "night",
    pb.COMMAND_PLAY: "jazz", pb.COMMAND_ADD_ITEM: "milk", pb.COMMAND_REMOVE_ITEM: "bread",
    pb.COMMAND_COMPLETE_ITEM: "bread",
}  # fmt: skip
NUMBERS: dict[int, float] = {
    pb.COMMAND_SET_LEVEL: 40, pb.COMMAND_STEP_LEVEL: -7, pb.COMMAND_SET_COLOR_TEMPERATURE: 2_700,
    pb.COMMAND_STEP_TEMPERATURE: 1, pb.COMMAND_START: 600,
}  # fmt: skip
HOT = {"kettle": 80, "dishwasher": 60, "washing machine": 60, "oven": 200}  # degrees
OFFERED = [(entity.id, command) for entity in ENTITIES.values() for command in entity.commands]


class Commanded:
    """A home whose entities are commanded by name, one second apart; answers are states."""

    def __init__(self) -> None:
        self.home, self.now_ms = SimulatedHome(), NOW_MS

    def __call__(
        self, entity: str, command: int, number: float | None = None, text: str = ""
    ) -> dict[str, Any]:
        self.now_ms += 1_000
        change = self.home.plan_command(entity, command, number, text, now_ms=self.now_ms)
        told = self.home.state_after(entity, change, self.now_ms, "a")
        self.home.apply(change)
        state: dict[str, Any] = json.loads(told.state_json)
        return state

    def __getitem__(self, entity: str) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.home.entity_state(entity, self.now_ms).state_json)
        return state


@pytest.fixture
def commanded() -> Commanded:
    return Commanded()


def prepare(commanded: Commanded, entity: pb.Entity) -> None:
    """Something plays, runs and stands on the list."""
    if entity.entity_class == pb.ENTITY_CLASS_MEDIA_PLAYER:
        commanded(entity.id, pb.COMMAND_PLAY)
    if entity.entity_class == pb.ENTITY_CLASS_LIST:
        commanded(entity.id, pb.COMMAND_ADD_ITEM, text="bread")
    if entity.entity_class == pb.ENTITY_CLASS_TIMER:
        commanded(entity.id, pb.COMMAND_START, 300)


def taken(entity: pb.Entity, command: int) -> tuple[float | None, str]:
    if command == pb.COMMAND_SET_TEMPERATURE:
        return HOT.get(entity.id.rpartition("/")[2], 20), ""
    return NUMBERS.get(command), TEXTS.get(command, "")


def test_every_command_that_the_registry_offers_is_done() -> None:
    commanded = Commanded()
    for id, command in OFFERED:
        prepare(commanded, ENTITIES[id])
        number, text = taken(ENTITIES[id], command)
        state = commanded(id, command, number, text)
        assert state == (commanded[id] | {key: state[key] for key in ("value", "unit") if key in state})
    json.dumps(commanded.home.snapshot(), allow_nan=False)


def test_all_commands_are_offered_somewhere() -> None:
    offered = {command for _, command in OFFERED}
    assert offered == set(pb.Command.values()) - {pb.COMMAND_UNSPECIFIED}


def test_what_is_not_offered_is_refused_and_changes_nothing(commanded: Commanded) -> None:
    before = copy.deepcopy(commanded.home.snapshot())
    for entity in ENTITIES.values():
        for command in set(pb.Command.values()) - {*entity.commands, pb.COMMAND_UNSPECIFIED}:
            with pytest.raises(DeviceRefused, match="does not take"):
                commanded(entity.id, command, 40, "auto")
    for command in (pb.COMMAND_UNSPECIFIED, 99, -1):
        with pytest.raises(ActionRefused, match="no command"):
            commanded("kitchen/light", command)
    with pytest.raises(DeviceRefused, match="no entity"):
        commanded("kitchen/volcano", pb.COMMAND_TURN_ON)
    assert commanded.home.snapshot() == before


@pytest.mark.parametrize(
    ("entity", "command", "number", "text"),
    [
        ("kitchen/light", pb.COMMAND_SET_LEVEL, None, ""),
        ("kitchen/light", pb.COMMAND_SET_LEVEL, 101, ""),
        ("kitchen/light", pb.COMMAND_SET_LEVEL, float("nan"), ""),
        ("kitchen/light", pb.COMMAND_STEP_LEVEL, -101, ""),
        ("kitchen/light", pb.COMMAND_SET_COLOR, None, "plaid"),
        ("kitchen/light", pb.COMMAND_SET_COLOR_TEMPERATURE, 90, ""),
        ("bedroom/humidifier", pb.COMMAND_SET_LEVEL, 5, ""),
        ("bedroom/thermostat", pb.COMMAND_SET_TEMPERATURE, 70, ""),
        ("bedroom/thermostat", pb.COMMAND_STEP_TEMPERATURE, float("inf"), ""),
        ("bedroom/thermostat", pb.COMMAND_SET_MODE, None, "off"),
        ("alarm", pb.COMMAND_ARM, None, ""),
        ("alarm", pb.COMMAND_ARM, None, "disarmed"),
        ("list/shopping", pb.COMMAND_ADD_ITEM, None, ""),
        ("list/shopping", pb.COMMAND_ADD_ITEM, None, "x" * 300),
        ("kitchen/radio", pb.COMMAND_PLAY, None, "x" * 300),
        ("timers", pb.COMMAND_START, None, "tea"),
        ("timers", pb.COMMAND_START, 0, "tea"),
        ("timers", pb.COMMAND_START, 1e9, "tea"),
        ("weather", pb.COMMAND_QUERY, None, "yesterday"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(
    commanded: Commanded, entity: str, command: int, number: float | None, text: str
) -> None:
    before = copy.deepcopy(commanded.home.snapshot())
    with pytest.raises(ActionRefused):
        commanded(entity, command, number, text)
    assert commanded.home.snapshot() == before


@pytest.mark.parametrize(
    ("entity", "command", "text", "reason"),
    [
        ("kitchen/radio", pb.COMMAND_PAUSE, "", "nothing is playing"),
        ("kitchen/radio", pb.COMMAND_NEXT, "", "nothing is playing"),
        ("kitchen/light", pb.COMMAND_SET_LEVEL, "volume", "no volume"),
        ("kitchen/light", pb.COMMAND_QUERY, "volume", "no volume"),
        ("list/shopping", pb.COMMAND_REMOVE_ITEM, "milk", "no milk"),
        ("list/shopping", pb.COMMAND_COMPLETE_ITEM, "milk", "no milk"),
        ("timers", pb.COMMAND_STOP, "", "no timer"),
        ("timers", pb.COMMAND_PAUSE, "tea", "no tea timer"),
        ("timers", pb.COMMAND_QUERY, "tea", "no tea timer"),
    ],
)
def test_what_is_not_there_is_refused(
    commanded: Commanded, entity: str, command: int, text: str, reason: str
) -> None:
    with pytest.raises(DeviceRefused, match=reason):
        commanded(entity, command, 10, text)


def test_a_light_has_a_level_a_color_or_a_color_temperature(commanded: Commanded) -> None:
    light = "kitchen/light"
    assert commanded(light, pb.COMMAND_SET_LEVEL, 40) == {"on": True, "level": 40, "color": "warm white"}
    assert commanded(light, pb.COMMAND_STEP_LEVEL, -15)["level"] == 25
    assert commanded(light, pb.COMMAND_SET_COLOR_TEMPERATURE, 5_000)["color_temperature"] == 5_000
    assert commanded(light, pb.COMMAND_SET_COLOR, text="red") == {"on": True, "level": 25, "color": "red"}
    assert commanded(light, pb.COMMAND_STEP_LEVEL, -100)["on"] is False


def test_an_entity_with_two_levels_is_told_which(commanded: Commanded) -> None:
    humidifier = "bedroom/humidifier"
    assert commanded(humidifier, pb.COMMAND_SET_LEVEL, 60)["level"] == 60
    told = commanded(humidifier, pb.COMMAND_SET_LEVEL, 40, "speed")
    assert (told["level"], told["speed"]) == (60, 40)
    assert commanded.home.state[humidifier]["speed"] == 2  # of five


@pytest.mark.parametrize(
    ("entity", "asked", "value", "unit"),
    [
        ("kitchen/light", "power", "off", None),
        ("kitchen/light", "brightness", 80, "percent"),
        ("kitchen/fan", "speed", 40, "percent"),
        ("bedroom/thermostat", "temperature", 21, "degrees"),
        ("bathroom/humidity sensor", "humidity", 45, "percent"),
        ("hallway/motion sensor", "motion", "none", None),
        ("bedroom/window", "state", "closed", None),
        ("door/front door", "lock", "locked", None),
        ("alarm", "state", "disarmed", None),
        ("garden/mower", "battery", 95, "percent"),
        ("garden/mower", "activity", "docked", None),
    ],
)
def test_a_question_has_a_value_and_a_unit(
    commanded: Commanded, entity: str, asked: str, value: Any, unit: str | None
) -> None:
    told = commanded(entity, pb.COMMAND_QUERY, text=asked)
    assert (told["value"], told.get("unit")) == (value, unit)
    assert commanded.home.snapshot() == SimulatedHome().snapshot()


def test_an_open_door_is_not_locked(commanded: Commanded) -> None:
    door = "door/front door"
    assert commanded(door, pb.COMMAND_UNLOCK) == {"locked": False, "open": False}
    commanded.home.apply(commanded.home.plan_by_hand(door, {"open": True}, now_ms=NOW_MS))
    with pytest.raises(DeviceRefused, match="stands open"):
        commanded(door, pb.COMMAND_LOCK)


def test_a_player_has_a_queue_and_stops_with_its_power(commanded: Commanded) -> None:
    radio = "kitchen/radio"
    told = commanded(radio, pb.COMMAND_PLAY, text="the blue tigers")
    assert (told["on"], told["playback"], told["title"]) == (True, "playing", "midnight run")
    assert commanded(radio, pb.COMMAND_NEXT)["title"] == "neon rain"
    assert commanded(radio, pb.COMMAND_PREVIOUS)["title"] == "midnight run"
    assert commanded(radio, pb.COMMAND_PREVIOUS)["title"] == "paper tiger"
    assert commanded(radio, pb.COMMAND_PAUSE)["playback"] == "paused"
    assert commanded(radio, pb.COMMAND_RESUME)["playback"] == "playing"
    assert commanded(radio, pb.COMMAND_MUTE)["muted"] is True
    assert commanded(radio, pb.COMMAND_UNMUTE)["muted"] is False
    assert commanded(radio, pb.COMMAND_TURN_OFF)["playback"] == "idle"
    assert commanded(radio, pb.COMMAND_TURN_ON)["playback"] == "idle"


def test_a_robot_works_stops_where_it_is_and_docks(commanded: Commanded) -> None:
    for robot in ("garden/mower", "hallway/vacuum"):
        assert commanded(robot, pb.COMMAND_START)["activity"] == "working"
        assert commanded(robot, pb.COMMAND_STOP)["activity"] == "stopped"
        assert commanded(robot, pb.COMMAND_DOCK)["activity"] == "docked"


def test_a_list_is_added_to_completed_and_removed_from(commanded: Commanded) -> None:
    shopping = "list/shopping"
    for item in ("milk", "bread", "milk"):
        commanded(shopping, pb.COMMAND_ADD_ITEM, text=item)
    told = commanded(shopping, pb.COMMAND_COMPLETE_ITEM, text="bread")
    assert told == {"items": ["milk", "milk"], "done": ["bread"]}
    assert commanded(shopping, pb.COMMAND_COMPLETE_ITEM, text="bread") == told
    assert commanded(shopping, pb.COMMAND_REMOVE_ITEM, text="bread")["done"] == []
    assert commanded(shopping, pb.COMMAND_REMOVE_ITEM, text="milk")["items"] == ["milk"]


def test_a_scene_is_active_and_its_entities_are_others(commanded: Commanded) -> None:
    assert commanded("scene/movie", pb.COMMAND_ACTIVATE) == {"active": True}
    assert commanded["living room/light"]["level"] == 10
    commanded("scene/relax", pb.COMMAND_ACTIVATE)
    assert commanded["scene/movie"] == {"active": False}


def test_the_weather_is_the_same_for_everybody_who_asks(commanded: Commanded) -> None:
    told = commanded("weather", pb.COMMAND_QUERY, text="tomorrow")
    assert told["value"] == f"{told['tomorrow']['sky']} {told['tomorrow']['temperature']}"
    assert told == Commanded()("weather", pb.COMMAND_QUERY, text="tomorrow")
