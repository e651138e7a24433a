"""What takes back what was done, by what it was before."""

import json

import pytest
from tests.support.family_home import family_registry

from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.executor.planning.inverse import inverse
from duplexsla.executor.planning.plans import CannotDo
from duplexsla.home.commands import CommandCall, executed, told
from duplexsla.home.devices import HOME_DEFAULTS
from duplexsla.home.registry import ENTITIES, registry
from duplexsla.v1 import home_pb2 as pb

HOME = HomeNames(family_registry())
SIMULATED = HomeNames(registry())
# Entity; command, number, text; state before; what takes it back, "cannot" where nothing does; the risk.
BACK = [
    ("light.kitchen", "TURN_ON", None, "", {"on": False}, "TURN_OFF", "comfort"),
    ("light.kitchen", "TURN_ON", None, "", {"on": True}, "", ""),
    ("light.kitchen", "TURN_ON", None, "", {}, "cannot", ""),
    (
        "light.kitchen",
        "SET_LEVEL",
        40,
        "brightness",
        {"on": True, "level": 80},
        "SET_LEVEL 80 brightness",
        "comfort",
    ),
    ("light.kitchen", "SET_LEVEL", 40, "brightness", {"on": False, "level": 80}, "TURN_OFF", "comfort"),
    ("light.kitchen", "SET_LEVEL", 40, "brightness", {"on": True, "level": True}, "cannot", ""),
    ("light.living", "SET_COLOR", None, "red", {"on": True, "color": "blue"}, "SET_COLOR blue", "comfort"),
    (
        *("light.living", "SET_COLOR", None, "red"),
        *({"on": True, "color": "white", "color_temperature": 2700}, "SET_COLOR_TEMPERATURE 2700", "comfort"),
    ),
    (
        "climate.living",
        "STEP_TEMPERATURE",
        2,
        "",
        {"on": True, "temperature": 19.5},
        "SET_TEMPERATURE 19.5",
        "comfort",
    ),
    (
        "climate.bed",
        "SET_MODE",
        None,
        "eco",
        {"on": False, "mode": "auto"},
        "SET_MODE auto, TURN_OFF",
        "comfort",
    ),
    ("cover.bed", "OPEN", None, "", {"open": True, "level": 30}, "SET_LEVEL 30 position", "comfort"),
    ("cover.bed", "CLOSE", None, "", {"open": True, "level": 100}, "OPEN", "comfort"),
    ("cover.garage", "CLOSE", None, "", {"open": True, "level": 100}, "OPEN", "entry"),
    ("cover.garage", "OPEN", None, "", {"open": False, "level": 0}, "CLOSE", "mess"),
    ("lock.front", "LOCK", None, "", {"locked": False}, "UNLOCK", "entry"),
    ("lock.front", "LOCK", None, "", {"locked": True}, "", ""),
    ("lock.front", "UNLOCK", None, "", {"locked": True}, "LOCK", "mess"),
    ("alarm", "ARM", None, "away", {"mode": "disarmed"}, "DISARM", "entry"),
    ("alarm", "ARM", None, "away", {"mode": "home"}, "ARM home", "mess"),
    ("alarm", "DISARM", None, "", {"mode": "night"}, "ARM night", "mess"),
    ("vacuum", "START", None, "", {"activity": "docked"}, "DOCK", "comfort"),
    ("vacuum", "STOP", None, "", {"activity": "working"}, "START", "comfort"),
    ("media.living", "PAUSE", None, "", {"on": True, "playback": "playing"}, "RESUME", "comfort"),
    ("media.living", "PLAY", None, "jazz", {"on": True, "playback": "playing"}, "cannot", ""),
    ("media.living", "PLAY", None, "jazz", {"on": False, "playback": "idle"}, "TURN_OFF", "comfort"),
    ("media.living", "NEXT", None, "", {"on": True, "playback": "playing"}, "PREVIOUS", "comfort"),
    ("media.living", "MUTE", None, "", {"muted": False}, "UNMUTE", "comfort"),
    ("todo.shopping", "ADD_ITEM", None, "milk", {"items": ["eggs"]}, "REMOVE_ITEM milk", "comfort"),
    ("todo.shopping", "ADD_ITEM", None, "milk", {"items": ["milk"]}, "", ""),
    ("todo.shopping", "REMOVE_ITEM", None, "milk", {"items": ["milk"]}, "ADD_ITEM milk", "comfort"),
    ("timers", "START", 60, "tea", {"timers": []}, "STOP tea", "comfort"),
    ("timers", "STEP_LEVEL", 60, "tea", {"timers": [{}]}, "STEP_LEVEL -60 tea", "comfort"),
    ("timers", "PAUSE", None, "tea", {"timers": [{}]}, "RESUME tea", "comfort"),
    ("scene.movie", "ACTIVATE", None, "", {"active": False}, "cannot", ""),
    ("cover.bed", "STOP", None, "", {"open": True}, "cannot", ""),
    ("lock.front", "QUERY", None, "lock", {"locked": True}, "", ""),
]


@pytest.mark.parametrize(("id", "name", "number", "text", "before", "expected", "risk"), BACK)
def test_it_is_taken_back(id, name, number, text, before, expected: str, risk: str) -> None:
    back = inverse(HOME.entities[id], command(id, name, number, text), state(id, before))
    if isinstance(back, CannotDo):
        assert expected == "cannot" and back.reason
        return
    written = [
        " ".join(
            [
                pb.Command.Name(each.command)[8:],
                *([f"{each.number:g}"] if each.number is not None else []),
                each.text,
            ]
        ).strip()
        for each in back
    ]
    assert ", ".join(written) == expected
    assert {each.risk for each in back} <= {risk}


@pytest.mark.parametrize("told_state", ["", "[]", "{", "null", '{"on": "maybe"}', '{"level": null}'])
def test_a_state_that_nobody_understands_takes_nothing_back(told_state: str) -> None:
    before = pb.EntityState(entity="light.kitchen", state_json=told_state)
    for name in ("TURN_ON", "SET_LEVEL"):
        assert isinstance(
            inverse(HOME.entities["light.kitchen"], command("light.kitchen", name, 5), before), CannotDo
        )


@pytest.mark.parametrize(
    "id", [id for id in SIMULATED.entities if id.partition("/")[0] in ("garage", "door", "alarm")]
)
def test_the_simulated_home_is_as_before(id: str) -> None:
    entity = SIMULATED.entities[id]
    for name in ("TURN_ON", "TURN_OFF", "OPEN", "CLOSE", "LOCK", "UNLOCK", "DISARM"):
        if pb.Command.Value(f"COMMAND_{name}") not in entity.commands:
            continue
        message = command(id, name)
        before = state(id, told(call(message, HOME_DEFAULTS)))
        back = inverse(entity, message, before)
        assert not isinstance(back, CannotDo), (id, name, back)
        after = {**HOME_DEFAULTS, **executed(message.command, call(message, HOME_DEFAULTS)).updates}
        for each in back:
            after |= executed(each.command, call(each.message(), after)).updates
        assert told(call(message, after)) == json.loads(before.state_json), (id, name)


def call(message: pb.EntityCommand, home) -> CommandCall:
    number = message.number if message.HasField("number") else None
    return CommandCall(home, ENTITIES[message.entity], number, message.text, 1_000)


def command(id: str, name: str, number: float | None = None, text: str = "") -> pb.EntityCommand:
    value = pb.Command.Value(f"COMMAND_{name}")
    return pb.EntityCommand(entity=id, command=value, number=number, text=text)


def state(id: str, props: object) -> pb.EntityState:
    return pb.EntityState(entity=id, state_json=json.dumps(props))
