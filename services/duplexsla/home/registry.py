"""What a simulated home has: its floors, areas and entities, as every backend tells them of a home."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.json_format import MessageToDict

from duplexsla.home.devices import KINDS, ROOMS_OF, SCENES
from duplexsla.tools.home import DOORS, LISTS, ROOMS
from duplexsla.v1 import home_pb2 as pb

_ACTIVATED = {
    ("power", "on"): pb.COMMAND_TURN_ON,
    ("power", "off"): pb.COMMAND_TURN_OFF,
    ("state", "open"): pb.COMMAND_OPEN,
    ("state", "closed"): pb.COMMAND_CLOSE,
    ("lock", "locked"): pb.COMMAND_LOCK,
    ("lock", "unlocked"): pb.COMMAND_UNLOCK,
}
VERSION_CHARS = 16

UPSTAIRS = ("bedroom", "bathroom", "nursery", "guest room", "study", "playroom")
DOWNSTAIRS = ("basement", "laundry room", "garage")
UP = ("attic",)
OUTSIDE = ("garden", "patio", "porch")
FLOORS = (
    pb.Floor(id="basement", name="basement", aliases=["downstairs", "cellar"], level=-1),
    pb.Floor(id="ground", name="ground floor", aliases=["first floor", "main floor"], level=0),
    pb.Floor(id="upper", name="upper floor", aliases=["upstairs", "second floor"], level=1),
    pb.Floor(id="attic", name="attic", aliases=["top floor"], level=2),
)

CLASSES: dict[str, pb.EntityClass] = {
    "light": pb.ENTITY_CLASS_LIGHT, "lamp": pb.ENTITY_CLASS_LIGHT, "fan": pb.ENTITY_CLASS_FAN,
    "heater": pb.ENTITY_CLASS_CLIMATE, "thermostat": pb.ENTITY_CLASS_CLIMATE,
    "air conditioner": pb.ENTITY_CLASS_CLIMATE, "television": pb.ENTITY_CLASS_MEDIA_PLAYER,
    "speaker": pb.ENTITY_CLASS_MEDIA_PLAYER, "radio": pb.ENTITY_CLASS_MEDIA_PLAYER,
    "oven": pb.ENTITY_CLASS_APPLIANCE, "dishwasher": pb.ENTITY_CLASS_APPLIANCE,
    "washing machine": pb.ENTITY_CLASS_APPLIANCE, "coffee maker": pb.ENTITY_CLASS_APPLIANCE,
    "kettle": pb.ENTITY_CLASS_APPLIANCE, "humidifier": pb.ENTITY_CLASS_HUMIDIFIER,
    "vacuum": pb.ENTITY_CLASS_VACUUM, "projector": pb.ENTITY_CLASS_MEDIA_PLAYER,
    "camera": pb.ENTITY_CLASS_CAMERA, "blinds": pb.ENTITY_CLASS_COVER, "curtains": pb.ENTITY_CLASS_COVER,
    "shutters": pb.ENTITY_CLASS_COVER, "awning": pb.ENTITY_CLASS_COVER, "window": pb.ENTITY_CLASS_WINDOW,
    "garage door": pb.ENTITY_CLASS_GARAGE_DOOR, "gate": pb.ENTITY_CLASS_GATE,
    "mower": pb.ENTITY_CLASS_MOWER,
    "router": pb.ENTITY_CLASS_SWITCH,
    "sprinkler": pb.ENTITY_CLASS_VALVE, "plug": pb.ENTITY_CLASS_SWITCH,
    "temperature sensor": pb.ENTITY_CLASS_SENSOR, "humidity sensor": pb.ENTITY_CLASS_SENSOR,
    "motion sensor": pb.ENTITY_CLASS_SENSOR,
}  # fmt: skip
VEHICLE = "vehicle"  # whether the car that goes by the home's name drives: nobody asks for that by its name
HIDDEN = ("router", VEHICLE)  # not for speakers: a router that is off takes the home's voice with it
ALIASES = {
    "television": ("tv", "telly"),
    "air conditioner": ("air conditioning", "ac"),
    "blinds": ("blind",),
    "curtains": ("curtain", "drapes"),
    "shutters": ("shutter",),
    "vacuum": ("vacuum cleaner", "robot"),
    "plug": ("socket", "outlet"),
    "coffee maker": ("coffee machine",),
    "washing machine": ("washer",),
}

_SWITCHED = (pb.COMMAND_TURN_ON, pb.COMMAND_TURN_OFF)
_OPENED = (pb.COMMAND_OPEN, pb.COMMAND_CLOSE, pb.COMMAND_STOP)
_LEVELLED = (pb.COMMAND_SET_LEVEL, pb.COMMAND_STEP_LEVEL)
_WARMED = (pb.COMMAND_SET_TEMPERATURE, pb.COMMAND_STEP_TEMPERATURE)
_PLAYED = (pb.COMMAND_PLAY, pb.COMMAND_PAUSE, pb.COMMAND_RESUME, pb.COMMAND_NEXT, pb.COMMAND_PREVIOUS)
_MUTED = (pb.COMMAND_MUTE, pb.COMMAND_UNMUTE)
_ROVING = (pb.COMMAND_START, pb.COMMAND_STOP, pb.COMMAND_DOCK)
_TIMED = (pb.COMMAND_START, pb.COMMAND_STOP, pb.COMMAND_PAUSE, pb.COMMAND_RESUME, pb.COMMAND_STEP_LEVEL)
_ITEMS = (pb.COMMAND_ADD_ITEM, pb.COMMAND_REMOVE_ITEM, pb.COMMAND_COMPLETE_ITEM)
COMMANDS: dict[pb.EntityClass, tuple[pb.Command, ...]] = {
    pb.ENTITY_CLASS_LIGHT: (*_SWITCHED, *_LEVELLED, pb.COMMAND_SET_COLOR, pb.COMMAND_SET_COLOR_TEMPERATURE),
    pb.ENTITY_CLASS_SWITCH: _SWITCHED,
    pb.ENTITY_CLASS_FAN: (*_SWITCHED, *_LEVELLED, pb.COMMAND_SET_MODE),
    pb.ENTITY_CLASS_CLIMATE: (*_SWITCHED, *_WARMED, pb.COMMAND_SET_MODE),
    pb.ENTITY_CLASS_HUMIDIFIER: (*_SWITCHED, *_LEVELLED, pb.COMMAND_SET_MODE),
    pb.ENTITY_CLASS_COVER: (*_OPENED, *_LEVELLED),
    pb.ENTITY_CLASS_WINDOW: (*_OPENED, *_LEVELLED),
    pb.ENTITY_CLASS_GARAGE_DOOR: (*_OPENED, *_LEVELLED),
    pb.ENTITY_CLASS_GATE: (*_OPENED, *_LEVELLED),
    pb.ENTITY_CLASS_LOCK: (pb.COMMAND_LOCK, pb.COMMAND_UNLOCK),
    pb.ENTITY_CLASS_ALARM: (pb.COMMAND_ARM, pb.COMMAND_DISARM),
    pb.ENTITY_CLASS_MEDIA_PLAYER: (*(*_SWITCHED, *_LEVELLED, *_PLAYED, *_MUTED, pb.COMMAND_STOP),),
    pb.ENTITY_CLASS_VACUUM: (*_SWITCHED, *_LEVELLED, *_ROVING),
    pb.ENTITY_CLASS_MOWER: (*_SWITCHED, *_ROVING),
    pb.ENTITY_CLASS_VALVE: (*_SWITCHED, pb.COMMAND_OPEN, pb.COMMAND_CLOSE),
    pb.ENTITY_CLASS_APPLIANCE: (*_SWITCHED, *_WARMED),
    pb.ENTITY_CLASS_CAMERA: _SWITCHED,
    pb.ENTITY_CLASS_SENSOR: (),
    pb.ENTITY_CLASS_SCENE: (pb.COMMAND_ACTIVATE,),
    pb.ENTITY_CLASS_LIST: _ITEMS,
    pb.ENTITY_CLASS_TIMER: _TIMED,
    pb.ENTITY_CLASS_WEATHER: (),
}
"""Beside QUERY, which every entity answers but a scene. A device takes those that it has the property for."""


@dataclass(frozen=True)
class HomeConfiguration:
    """What differs between homes. `time_zone` is an IANA name; stored degrees are Celsius all the same."""

    time_zone: str = "UTC"
    fahrenheit: bool = False


CELSIUS_UTC = HomeConfiguration()


def registry(configuration: HomeConfiguration = CELSIUS_UTC) -> pb.HomeRegistry:
    """Of a home with this configuration: homes are built alike."""
    fahrenheit = configuration.fahrenheit
    told = pb.HomeRegistry(
        time_zone=configuration.time_zone,
        temperature_unit=pb.TEMPERATURE_UNIT_FAHRENHEIT if fahrenheit else pb.TEMPERATURE_UNIT_CELSIUS,
        floors=FLOORS,
        areas=[pb.Area(id=room, name=room, floor=_floor(room)) for room in ROOMS],
        entities=ENTITIES.values(),
    )
    told.version = version_of(told)
    return told


@cache
def registry_json(configuration: HomeConfiguration = CELSIUS_UTC) -> dict[str, Any]:
    """The same as JSON, for those who change nothing in it."""
    return MessageToDict(registry(configuration), preserving_proto_field_name=True)


@cache
def registry_text(configuration: HomeConfiguration = CELSIUS_UTC) -> str:
    """The same as text."""
    return json.dumps(registry_json(configuration))


@cache
def registry_bytes(configuration: HomeConfiguration = CELSIUS_UTC) -> bytes:
    """The same as protobuf: read in a hundredth of the time."""
    return registry(configuration).SerializeToString()


def version_of(told: pb.HomeRegistry) -> str:
    """Of the content without its version."""
    content = pb.HomeRegistry()
    content.CopyFrom(told)
    content.ClearField("version")
    return hashlib.sha256(content.SerializeToString(deterministic=True)).hexdigest()[:VERSION_CHARS]


def _floor(room: str) -> str:
    for floor, rooms in (("upper", UPSTAIRS), ("basement", DOWNSTAIRS), ("attic", UP), ("", OUTSIDE)):
        if room in rooms:
            return floor
    return "ground"


def _entities() -> Iterable[pb.Entity]:
    for device in KINDS:
        rooms = ROOMS_OF[device].rooms
        for room in rooms:
            name = device if len(rooms) == 1 else f"{room} {device}"
            entity = _entity(f"{room}/{device}", name, CLASSES[device], room, ALIASES.get(device, ()))
            entity.usual = room == ROOMS_OF[device].main
            yield entity
    for door in DOORS:
        yield _entity(f"door/{door}", door, pb.ENTITY_CLASS_LOCK, "", (f"{door} lock",))
    yield _entity("alarm", "alarm", pb.ENTITY_CLASS_ALARM, "", ("alarm system", "alarm panel"))
    for scene in SCENES:
        entity = _entity(f"scene/{scene}", scene, pb.ENTITY_CLASS_SCENE, "", (f"{scene} scene",))
        entity.activates.extend(_activates(scene))
        yield entity
    for each in LISTS:
        yield _entity(f"list/{each}", f"{each} list", pb.ENTITY_CLASS_LIST, "", ())
    yield _entity("timers", "timers", pb.ENTITY_CLASS_TIMER, "", ("timer",))
    yield _entity(VEHICLE, VEHICLE, pb.ENTITY_CLASS_SENSOR, "", ())
    yield _entity("weather", "weather", pb.ENTITY_CLASS_WEATHER, "", ("forecast",))


def _entity(id: str, name: str, kind: pb.EntityClass, area: str, aliases: Sequence[str]) -> pb.Entity:
    asked = () if kind == pb.ENTITY_CLASS_SCENE else (pb.COMMAND_QUERY,)
    commands = (*_taken(COMMANDS[kind], id.rpartition("/")[2] if area else ""), *asked)
    return pb.Entity(
        id=id,
        name=name,
        aliases=aliases,
        area=area,
        entity_class=kind,
        commands=commands,
        exposed=name not in HIDDEN,
    )


def _activates(scene: str) -> Iterable[pb.SceneEffect]:
    """What it turns, opens, closes, locks and arms; no levels."""
    for id, values in SCENES[scene].items():
        for name, value in values.items():
            command = _ACTIVATED.get((name, value))
            if id == "alarm":
                command = pb.COMMAND_DISARM if value == "disarmed" else pb.COMMAND_ARM
            if command:
                yield pb.SceneEffect(entity=id, command=command)


def _taken(commands: Sequence[pb.Command], device: str) -> Iterable[pb.Command]:
    """Those that a device has the property for."""
    if not device:
        return commands
    has = KINDS[device].scales.keys() | KINDS[device].choices.keys()
    missing = set() if "temperature" in has else set(_WARMED)
    missing |= set() if "mode" in has else {pb.COMMAND_SET_MODE}
    return [command for command in commands if command not in missing]


ENTITIES: dict[str, pb.Entity] = {entity.id: entity for entity in _entities()}
