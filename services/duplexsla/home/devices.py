"""The kinds of devices a home has, where each one stands, and what each scene does to them."""

from dataclasses import dataclass
from typing import Any

from duplexsla.home.appliance import LEVEL, PERCENT, ApplianceKind, Scale
from duplexsla.home.state import Props, State, changed
from duplexsla.tools.home import DOORS, ROOMS
from duplexsla.tools.home2 import COLORS, MODES


@dataclass(frozen=True)
class DeviceRooms:
    """Where a kind of device stands. `main` is meant when no room is said and none was used before."""

    main: str
    rooms: tuple[str, ...] = ROOMS


_MODES = tuple(mode for mode in MODES if mode != "off")
_ROOM_CLIMATE = Scale(5, 35, 1, "degrees")
_HUMIDITY = Scale(20, 90, 5, "percent")

_LIGHT = ApplianceKind(
    {"power": "off", "brightness": 80, "color": "warm white"}, {"brightness": PERCENT}, {"color": COLORS}
)
_PLAYED = ("playback", "queue", "track")
_SOUND = ApplianceKind({"power": "off", "volume": 30}, {"volume": PERCENT}, passing=_PLAYED)
_OPENED = ApplianceKind({"state": "open", "position": 100}, {"position": PERCENT})
_CLOSED = ApplianceKind({"state": "closed", "position": 0}, {"position": PERCENT})


def _climate(power: str, degrees: int, **more: Any) -> ApplianceKind:
    props = {"power": power, "temperature": degrees, "mode": "auto", **more}
    return ApplianceKind(props, {"temperature": _ROOM_CLIMATE}, {"mode": _MODES})


def _hot(degrees: int, lowest: int, highest: int, step: int) -> ApplianceKind:
    scale = Scale(lowest, highest, step, "degrees")
    return ApplianceKind({"power": "off", "temperature": degrees}, {"temperature": scale})


def _plain(**more: Any) -> ApplianceKind:
    return ApplianceKind({"power": "off", **more})


_DEVICES: dict[str, tuple[ApplianceKind, DeviceRooms]] = {
    "light": (_LIGHT, DeviceRooms("living room")),
    "lamp": (_LIGHT, DeviceRooms("bedroom")),
    "fan": (
        ApplianceKind({"power": "off", "speed": 2, "mode": "auto"}, {"speed": LEVEL}, {"mode": _MODES}),
        DeviceRooms("bedroom"),
    ),
    "heater": (_climate("off", 20), DeviceRooms("living room")),
    "thermostat": (_climate("on", 21, humidity=45), DeviceRooms("living room")),
    "air conditioner": (_climate("off", 22), DeviceRooms("bedroom")),
    "television": (_SOUND, DeviceRooms("living room")),
    "speaker": (_SOUND, DeviceRooms("living room")),
    "radio": (_SOUND, DeviceRooms("kitchen")),
    "oven": (_hot(180, 50, 280, 10), DeviceRooms("kitchen")),
    "dishwasher": (_hot(60, 40, 75, 5), DeviceRooms("kitchen")),
    "washing machine": (_hot(40, 20, 90, 10), DeviceRooms("laundry room")),
    "coffee maker": (_plain(), DeviceRooms("kitchen")),
    "kettle": (_hot(100, 40, 100, 5), DeviceRooms("kitchen")),
    "humidifier": (
        ApplianceKind(
            {"power": "off", "humidity": 50, "speed": 2, "mode": "auto"},
            {"humidity": _HUMIDITY, "speed": LEVEL},
            {"mode": _MODES},
        ),
        DeviceRooms("bedroom"),
    ),
    "vacuum": (
        ApplianceKind({"power": "off", "speed": 2, "battery": 86}, {"speed": LEVEL}),
        DeviceRooms("hallway"),
    ),
    "mower": (
        ApplianceKind({"power": "off", "battery": 95}),
        DeviceRooms("garden", ("garden",)),
    ),
    "projector": (
        ApplianceKind({"power": "off", "brightness": 70}, {"brightness": PERCENT}, passing=_PLAYED),
        DeviceRooms("living room"),
    ),
    "camera": (_plain(battery=78), DeviceRooms("porch")),
    "blinds": (_CLOSED, DeviceRooms("living room")),
    "curtains": (_OPENED, DeviceRooms("living room")),
    "shutters": (_OPENED, DeviceRooms("bedroom")),
    "awning": (_CLOSED, DeviceRooms("patio")),
    "window": (_CLOSED, DeviceRooms("bedroom")),
    "garage door": (_CLOSED, DeviceRooms("garage", ("garage",))),
    "gate": (_CLOSED, DeviceRooms("garden", ("garden",))),
    "sprinkler": (_plain(), DeviceRooms("garden")),
    "plug": (_plain(), DeviceRooms("living room")),
    "temperature sensor": (
        ApplianceKind({"power": "on", "temperature": 21, "battery": 92}),
        DeviceRooms("living room"),
    ),
    "humidity sensor": (
        ApplianceKind({"power": "on", "humidity": 45, "battery": 88}),
        DeviceRooms("bathroom"),
    ),
    "router": (ApplianceKind({"power": "on"}), DeviceRooms("study", ("study",))),
    "motion sensor": (
        ApplianceKind({"power": "on", "motion": "none", "battery": 64}),
        DeviceRooms("hallway"),
    ),
}
KINDS = {device: kind for device, (kind, _) in _DEVICES.items()}
ROOMS_OF = {device: place for device, (_, place) in _DEVICES.items()}

HOME_DEFAULTS: dict[str, Props] = {
    **{
        f"{room}/{device}": dict(KINDS[device].defaults)
        for device in KINDS
        for room in ROOMS_OF[device].rooms
    },
    **{f"door/{door}": {"lock": "locked"} for door in DOORS},
    "alarm": {"mode": "disarmed"},
    "scene": {"active": ""},
}

_MAIN_LIGHT, _CURTAINS, _TV, _SPEAKER = (
    f"living room/{d}" for d in ("light", "curtains", "television", "speaker")
)
_OFF = {"power": "off"}
_SHUT: dict[str, Any] = {"state": "closed", "position": 0}
_RAISED: dict[str, Any] = {"state": "open", "position": 100}


def _light(brightness: int, color: str = "warm white") -> dict[str, Any]:
    return {"power": "on", "brightness": brightness, "color": color}


def _sound(volume: int) -> dict[str, Any]:
    return {"power": "on", "volume": volume}


_EMPTY_HOUSE = {
    "living room/light": _OFF,
    "kitchen/light": _OFF,
    "hallway/light": _OFF,
    _TV: _OFF,
    "door/front door": {"lock": "locked"},
    "door/back door": {"lock": "locked"},
}

SCENES: dict[str, dict[str, dict[str, Any]]] = {
    "movie": {_MAIN_LIGHT: _light(10), _CURTAINS: _SHUT, _TV: _sound(35)},
    "dinner": {
        "dining room/light": _light(50),
        "kitchen/light": _light(40),
        "dining room/speaker": _sound(20),
    },
    "party": {_MAIN_LIGHT: _light(100, "purple"), _SPEAKER: _sound(70), "patio/light": _light(100, "blue")},
    "bedtime": {_MAIN_LIGHT: _OFF, "bedroom/lamp": _light(20), "bedroom/shutters": _SHUT, _TV: _OFF},
    "morning": {
        "bedroom/shutters": _RAISED,
        "kitchen/light": _light(90, "white"),
        "kitchen/coffee maker": {"power": "on"},
    },
    "reading": {"living room/lamp": _light(75), _TV: _OFF, _SPEAKER: _OFF},
    "relax": {_MAIN_LIGHT: _light(40), _SPEAKER: _sound(25), _CURTAINS: _SHUT},
    "away": {**_EMPTY_HOUSE, "living room/thermostat": {"mode": "eco", "temperature": 18}},
    "vacation": {
        **_EMPTY_HOUSE,
        "living room/thermostat": {"mode": "eco", "temperature": 15},
        "alarm": {"mode": "away"},
    },
    "cleaning": {
        _MAIN_LIGHT: _light(100, "white"),
        "hallway/vacuum": {"power": "on"},
        "living room/window": _RAISED,
    },
    "romance": {_MAIN_LIGHT: _light(15, "red"), _SPEAKER: _sound(20), _CURTAINS: _SHUT},
    "gaming": {
        _MAIN_LIGHT: _light(30, "blue"),
        _TV: _sound(50),
        "living room/fan": {"power": "on", "speed": 3},
    },
}


def activated(state: State, scene: str) -> dict[str, Props | None]:
    """Updates of all that a scene sets."""
    updates: dict[str, Props | None] = {}
    for entity, values in SCENES[scene].items():
        kind = KINDS.get(entity.rpartition("/")[2])
        ended = kind.ended() if kind and values.get("power") == "off" else {}
        updates |= changed(state, entity, **values, **ended)
    return updates | changed(state, "scene", active=scene)
