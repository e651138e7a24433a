"""What each scene of a home does: properties to set, by entity."""

from typing import Any

from duplexsla.home.devices import KINDS
from duplexsla.home.state import Props, State, changed

_LIGHT, _CURTAINS, _TV, _SPEAKER = (
    f"living room/{d}" for d in ("light", "curtains", "television", "speaker")
)
_OFF = {"power": "off"}
_CLOSED: dict[str, Any] = {"state": "closed", "position": 0}
_OPENED: dict[str, Any] = {"state": "open", "position": 100}


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
    "movie": {_LIGHT: _light(10), _CURTAINS: _CLOSED, _TV: _sound(35)},
    "dinner": {
        "dining room/light": _light(50),
        "kitchen/light": _light(40),
        "dining room/speaker": _sound(20),
    },
    "party": {_LIGHT: _light(100, "purple"), _SPEAKER: _sound(70), "patio/light": _light(100, "blue")},
    "bedtime": {_LIGHT: _OFF, "bedroom/lamp": _light(20), "bedroom/shutters": _CLOSED, _TV: _OFF},
    "morning": {
        "bedroom/shutters": _OPENED,
        "kitchen/light": _light(90, "white"),
        "kitchen/coffee maker": {"power": "on"},
    },
    "reading": {"living room/lamp": _light(75), _TV: _OFF, _SPEAKER: _OFF},
    "relax": {_LIGHT: _light(40), _SPEAKER: _sound(25), _CURTAINS: _CLOSED},
    "away": {**_EMPTY_HOUSE, "living room/thermostat": {"mode": "eco", "temperature": 18}},
    "vacation": {
        **_EMPTY_HOUSE,
        "living room/thermostat": {"mode": "eco", "temperature": 15},
        "alarm": {"mode": "away"},
    },
    "cleaning": {
        _LIGHT: _light(100, "white"),
        "hallway/vacuum": {"power": "on"},
        "living room/window": _OPENED,
    },
    "romance": {_LIGHT: _light(15, "red"), _SPEAKER: _sound(20), _CURTAINS: _CLOSED},
    "gaming": {_LIGHT: _light(30, "blue"), _TV: _sound(50), "living room/fan": {"power": "on", "speed": 3}},
}


def activated(state: State, scene: str) -> dict[str, Props | None]:
    """Updates of all that a scene sets."""
    updates: dict[str, Props | None] = {}
    for entity, values in SCENES[scene].items():
        kind = KINDS.get(entity.rpartition("/")[2])
        ended = kind.ended() if kind and values.get("power") == "off" else {}
        updates |= changed(state, entity, **values, **ended)
    return updates | changed(state, "scene", active=scene)
