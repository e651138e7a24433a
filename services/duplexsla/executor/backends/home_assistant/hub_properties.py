"""What a state of Home Assistant is in the words of home.proto: on, level, locked, temperature..."""

import colorsys
from collections.abc import Callable, Mapping
from typing import Any

from duplexsla.executor.backends.home_assistant.hub_states import HubState

Props = dict[str, Any]
_SAID = {"on": ("off", "on"), "open": ("closed", "open"), "locked": ("unlocked", "locked")}
_UNITS = {
    "level": "percent", "humidity": "percent", "battery": "percent", "temperature": "degrees",
    "measured": "degrees", "color_temperature": "kelvin",
}  # fmt: skip
_ASKED = {
    **dict.fromkeys(("power", "state"), ("on", "open", "locked", "mode", "activity", "playback", "value")),
    **dict.fromkeys(("brightness", "volume", "speed", "position"), ("level",)),
    "lock": ("locked",),
    "humidity": ("level",),
    "color temperature": ("color_temperature",),
    "presence": ("motion",),
    "volume": ("level",),
    "playback": ("playback",),
}
BRIGHTEST = 255
RGB: Mapping[str, tuple[int, int, int]] = {
    "red": (255, 0, 0), "orange": (255, 128, 0), "gold": (255, 190, 40), "yellow": (255, 255, 0),
    "green": (0, 255, 0), "turquoise": (64, 224, 208), "teal": (0, 128, 128), "cyan": (0, 255, 255),
    "blue": (0, 0, 255), "lavender": (190, 160, 255), "purple": (128, 0, 255), "magenta": (255, 0, 255),
    "pink": (255, 130, 170), "white": (255, 255, 255), "cool white": (225, 235, 255),
    "daylight": (255, 245, 230), "warm white": (255, 190, 110), "candlelight": (255, 150, 60),
}  # fmt: skip
MODES = {"fan_only": "fan only", "heat_cool": "heat cool"}
ARMED = {"armed_home": "home", "armed_away": "away", "armed_night": "night"}
PLAYING = {"playing": "playing", "buffering": "playing", "paused": "paused"}
ACTIVITIES = {"cleaning": "working", "mowing": "working", "docked": "docked"}
# What a measured thing is called when it is asked for, and its unit.
MEASURED = {"temperature": "degrees", "humidity": "percent", "battery": "percent"}
OPENINGS = ("door", "window", "opening", "garage_door", "lock")
MOVEMENTS = ("motion", "occupancy", "presence", "moving")


def properties(state: HubState) -> Props:
    """None of them for what is away. Levels are whole percents."""
    if state.away:
        return {}
    told = _BY_DOMAIN.get(state.domain, _switch)(state)
    return {name: value for name, value in told.items() if value is not None}


def asked_for(props: Props, word: str) -> Props:
    """`value` and `unit` of what was asked for; nothing where it has no such thing."""
    name = next((each for each in (word, *_ASKED.get(word, ())) if each in props), "")
    if word == "temperature" and "measured" in props:
        name = "measured"
    value = props.get(name)
    if isinstance(value, dict):
        return {"value": f"{value['sky']} {value['temperature']:g}", "unit": "degrees"}
    if isinstance(value, bool):
        value = _SAID[name][value] if name in _SAID else value
    if value is None:
        return {}
    unit = _UNITS.get(name, "")
    return {"value": value, "unit": unit} if unit else {"value": value}


def percent(value: float | None, whole: float = 1.0) -> int | None:
    return None if value is None else round(100 * value / whole)


def hue_distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two (hue in degrees, saturation in percent): 0 is the same; of pale colours hue says little."""
    hue = abs(one[0] - other[0]) % 360
    return max(abs(one[1] - other[1]), min(hue, 360 - hue) * min(one[1], other[1]) / 100)


def hue_of(rgb: tuple[int, int, int]) -> tuple[float, float]:
    hue, saturation, _ = colorsys.rgb_to_hsv(*(each / BRIGHTEST for each in rgb))
    return hue * 360, saturation * 100


def told_hue(state: HubState) -> tuple[float, float] | None:
    hue = state.attributes.get("hs_color")
    if isinstance(hue, list | tuple) and len(hue) == 2 and all(isinstance(each, int | float) for each in hue):
        return float(hue[0]), float(hue[1])
    return None


def _switch(state: HubState) -> Props:
    return {"on": state.state == "on"}


def _light(state: HubState) -> Props:
    kelvin = state.number("color_temp_kelvin")
    hue = told_hue(state)
    color = None
    if hue is not None and state.attributes.get("color_mode") not in ("color_temp", "brightness", "onoff"):
        color = min(RGB, key=lambda name: hue_distance(hue_of(RGB[name]), hue))
    return {
        "on": state.state == "on",
        "level": percent(state.number("brightness"), BRIGHTEST),
        "color": color,
        "color_temperature": kelvin,
    }


def _fan(state: HubState) -> Props:
    mode = state.attributes.get("preset_mode")
    return {"on": state.state == "on", "level": state.number("percentage"), "mode": mode}


def _climate(state: HubState) -> Props:
    return {
        "on": state.state != "off",
        "temperature": state.number("temperature"),
        "mode": MODES.get(state.state, state.state),
        "humidity": state.number("current_humidity"),
        "measured": state.number("current_temperature"),
    }


def _humidifier(state: HubState) -> Props:
    return {
        "on": state.state == "on",
        "level": state.number("humidity"),
        "mode": state.attributes.get("mode"),
        "humidity": state.number("current_humidity"),
    }


def _cover(state: HubState) -> Props:
    return {"open": state.state in ("open", "opening"), "level": state.number("current_position")}


def _lock(state: HubState) -> Props:
    return {"locked": state.state == "locked"}


def _alarm(state: HubState) -> Props:
    return {"mode": ARMED.get(state.state, state.state)}


def _player(state: HubState) -> Props:
    on = state.state not in ("off", "standby")
    return {
        "on": on,
        "playback": PLAYING.get(state.state, "idle"),
        "level": percent(state.number("volume_level")),
        "muted": state.attributes.get("is_volume_muted"),
        "title": state.attributes.get("media_title") if on else None,
    }


def _robot(state: HubState) -> Props:
    activity = ACTIVITIES.get(state.state, "stopped")
    return {"on": activity == "working", "activity": activity, "battery": state.number("battery_level")}


def _sensor(state: HubState) -> Props:
    kind = str(state.attributes.get("device_class", ""))
    try:
        value: float | str = float(state.state)
    except ValueError:
        value = state.state
    return {kind if kind in MEASURED else "value": value}


def _binary_sensor(state: HubState) -> Props:
    kind = str(state.attributes.get("device_class", ""))
    if kind in MOVEMENTS:
        return {"motion": "detected" if state.state == "on" else "none"}
    return {"open" if kind in OPENINGS else "on": state.state == "on"}


def _weather(state: HubState) -> Props:
    sky = state.state.replace("-", " ").replace("partlycloudy", "partly cloudy")
    return {"today": {"sky": sky, "temperature": state.number("temperature")}}


def _nothing(state: HubState) -> Props:
    return {}


_BY_DOMAIN: Mapping[str, Callable[[HubState], Props]] = {
    "light": _light,
    "fan": _fan,
    "climate": _climate,
    "water_heater": _climate,
    "humidifier": _humidifier,
    "cover": _cover,
    "valve": _cover,
    "lock": _lock,
    "alarm_control_panel": _alarm,
    "media_player": _player,
    "vacuum": _robot,
    "lawn_mower": _robot,
    "sensor": _sensor,
    "binary_sensor": _binary_sensor,
    "weather": _weather,
    "scene": _nothing,
    "script": _nothing,
    "todo": _nothing,
}
