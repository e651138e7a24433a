"""Requests about devices: on and off, open and close, set, more, less, and questions."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from duplexsla.data.exchange import Arguments, Draft, Value, pick
from duplexsla.data.spoken_numbers import spoken
from duplexsla.tools.home import COLORS, MODES, ROOMS

SWITCHED = (
    "light", "lamp", "fan", "heater", "air conditioner", "television", "speaker", "radio", "oven",
    "dishwasher", "washing machine", "coffee maker", "kettle", "humidifier", "vacuum", "projector",
    "camera", "sprinkler", "plug", "thermostat",
)  # fmt: skip
OPENED = (
    "blinds", "curtains", "shutters", "awning", "window", "garage door", "gate",
)  # fmt: skip
PERCENTS = range(5, 101, 5)
DEGREES = range(15, 31)
_PLURAL = {"blinds", "curtains", "shutters"}


def _where(rng: random.Random, device: str, room: str | None) -> str:
    if room is None:
        return f"the {device}"
    return rng.choice((f"the {device} in the {room}", f"the {room} {device}", f"the {room} {device}"))


def named(arguments: Mapping[str, Value]) -> str:
    """How a reply names the device."""
    device, room = arguments["device"], arguments.get("room")
    return f"the {room} {device}" if room else f"the {device}"


def _is(arguments: Mapping[str, Value]) -> str:
    return "are" if arguments["device"] in _PLURAL else "is"


def _maybe_room(rng: random.Random) -> str | None:
    return None if rng.random() < 0.2 else rng.choice(ROOMS)


def _with_room(arguments: Arguments, room: str | None) -> Arguments:
    """Puts the room behind the device, where the schema has it."""
    if room is None:
        return arguments
    return {
        "device": arguments["device"],
        "room": room,
        **{k: v for k, v in arguments.items() if k != "device"},
    }


OPEN_SWITCH = (
    "turn on {where}|switch on {where}|start {where}|turn {where} on|i need {where} on|put {where} on|"
    "switch {where} on|could you turn on {where}|power on {where}|activate {where}|i want {where} on|"
    "get {where} running"
)
CLOSE_SWITCH = (
    "turn off {where}|switch off {where}|stop {where}|turn {where} off|i do not need {where} any more|"
    "shut down {where}|switch {where} off|could you turn off {where}|power off {where}|deactivate {where}|"
    "shut off {where}|i want {where} off"
)
OPEN_COVER = (
    "open {where}|open up {where}|could you open {where}|i want {where} open|get {where} open|raise {where}"
)
CLOSE_COVER = (
    "close {where}|shut {where}|could you close {where}|i want {where} closed|make sure {where} is closed"
)


def open_close(rng: random.Random, *, opening: bool) -> Draft:
    cover = rng.random() < 0.3
    device, room = rng.choice(OPENED if cover else SWITCHED), _maybe_room(rng)
    table = {(1, 1): OPEN_COVER, (1, 0): OPEN_SWITCH, (0, 1): CLOSE_COVER, (0, 0): CLOSE_SWITCH}
    said, phrasing = pick(rng, table[opening, cover], where=_where(rng, device, room))
    arguments = _with_room({"device": device}, room)
    state = ("open" if opening else "closed") if cover else ("on" if opening else "off")
    reply = rng.choice(
        (f"{named(arguments)} {_is(arguments)} {state}", f"{named(arguments)} {_is(arguments)} now {state}")
    )
    return Draft(said, phrasing, f"{'open' if opening else 'close'}_home_device", arguments, "", reply)


@dataclass(frozen=True, slots=True)
class Setting:
    """A property that can be set on some devices. Phrasings use {where} and {value}."""

    name: str
    devices: str
    unit: str
    values: tuple[Value, ...]
    set_phrasings: str
    up_phrasings: str = ""
    down_phrasings: str = ""


_BY = "|{verb} the {name} of {where} by {value}|{verb} {where} {name} by {value}"
SETTINGS = (
    Setting(
        "temperature",
        "thermostat|heater|air conditioner",
        "degrees",
        tuple(DEGREES),
        "set {where} to {value}|set the temperature of {where} to {value}|i want {where} at {value}|"
        "change {where} to {value}|put {where} on {value}",
        "make {where} warmer|turn up the temperature of {where}|raise the temperature of {where}",
        "make {where} cooler|turn down the temperature of {where}|lower the temperature of {where}",
    ),
    Setting(
        "brightness",
        "light|lamp|projector",
        "percent",
        tuple(PERCENTS),
        "set {where} to {value}|dim {where} to {value}|set the brightness of {where} to {value}|"
        "put {where} at {value}|i want {where} at {value}",
        "make {where} brighter|brighten {where}|turn up the brightness of {where}",
        "make {where} darker|dim {where}|turn down the brightness of {where}",
    ),
    Setting(
        "volume",
        "speaker|television|radio",
        "percent",
        tuple(PERCENTS),
        "set the volume of {where} to {value}|set {where} to {value} volume|put {where} volume at {value}|"
        "change the volume of {where} to {value}",
        "make {where} louder|turn up the volume of {where}|turn up {where}",
        "make {where} quieter|turn down the volume of {where}|turn down {where}",
    ),
    Setting(
        "speed",
        "fan|vacuum|humidifier",
        "level",
        tuple(range(1, 6)),
        "set {where} to level {n}|set the speed of {where} to level {n}|put {where} on level {n}|"
        "run {where} at level {n}",
        "make {where} faster|speed up {where}|turn up the speed of {where}",
        "make {where} slower|slow down {where}|turn down the speed of {where}",
    ),
    Setting(
        "position",
        "blinds|curtains|shutters|awning",
        "percent",
        tuple(PERCENTS),
        "set {where} to {value}|move {where} to {value}|open {where} to {value}|put {where} at {value}",
    ),
    Setting(
        "color",
        "light|lamp",
        "",
        tuple(COLORS),
        "make {where} {value}|set {where} to {value}|turn {where} {value}|"
        "change the color of {where} to {value}|"
        "i would like {where} in {value}",
    ),
    Setting(
        "mode",
        "air conditioner|thermostat|humidifier|fan",
        "",
        tuple(MODES),
        "set {where} to {value} mode|put {where} in {value} mode|switch {where} to {value} mode|"
        "use {value} mode on {where}",
    ),
)


def _said_value(value: Value, unit: str) -> str:
    if isinstance(value, str):
        return value
    return f"level {spoken(int(value))}" if unit == "level" else f"{spoken(int(value))} {unit}"


def set_property(rng: random.Random) -> Draft:
    setting = rng.choice(SETTINGS)
    device, room, value = rng.choice(setting.devices.split("|")), _maybe_room(rng), rng.choice(setting.values)
    slots = {"where": _where(rng, device, room), "value": _said_value(value, setting.unit)}
    slots["n"] = spoken(value) if isinstance(value, int) else str(value)
    said, phrasing = pick(rng, setting.set_phrasings, **slots)
    arguments = _with_room({"device": device, "property": setting.name, "value": value}, room)
    if setting.unit:
        arguments["unit"] = setting.unit
    joint = rng.choice(("set to", "now") if isinstance(value, str) else ("set to", "at", "now at"))
    reply = f"{named(arguments)} {_is(arguments)} {joint} {_said_value(value, setting.unit)}"
    echoed = f"{value} {setting.unit}".strip() if rng.random() < 0.7 else ""
    return Draft(said, phrasing, "set_home_device", arguments, echoed, reply)


def change(rng: random.Random, *, up: bool) -> Draft:
    setting = rng.choice([s for s in SETTINGS if s.up_phrasings])
    device, room = rng.choice(setting.devices.split("|")), _maybe_room(rng)
    by = rng.random() < 0.5 and setting.unit != "level"
    step = rng.choice(range(1, 6) if setting.unit == "degrees" else range(5, 55, 5))
    phrasings = setting.up_phrasings if up else setting.down_phrasings
    if by:
        verbs = ("increase", "raise", "turn up") if up else ("decrease", "lower", "turn down")
        phrasings = _BY.strip("|").replace("{verb}", rng.choice(verbs)).replace("{name}", setting.name)
    said, phrasing = pick(
        rng, phrasings, where=_where(rng, device, room), value=_said_value(step, setting.unit)
    )
    arguments = _with_room({"device": device, "property": setting.name}, room)
    if by:
        arguments |= {"value": step, "unit": setting.unit}
    after = rng.choice(setting.values)
    assert isinstance(after, int)
    value = f"{after} {setting.unit}"
    reply = f"{named(arguments)} {_is(arguments)} now at {_said_value(after, setting.unit)}"
    return Draft(
        said,
        phrasing,
        f"{'increase' if up else 'decrease'}_home_device",
        arguments,
        value,
        reply,
    )


def query(rng: random.Random) -> Draft:
    kind, room = (
        rng.choice(("temperature", "humidity", "state", "power", "brightness", "volume", "battery")),
        _maybe_room(rng),
    )
    place = f" in the {room}" if room else ""
    if kind in ("temperature", "humidity"):
        degrees = kind == "temperature"
        device = "thermostat" if degrees else "humidity sensor"
        phrasings = (
            "what is the temperature{place}|how warm is it{place}|how many degrees is it{place}|"
            "tell me the temperature{place}"
            if degrees
            else "what is the humidity{place}|how humid is it{place}|tell me the humidity{place}"
        )
        said, phrasing = pick(rng, phrasings, place=place)
        value = rng.choice(DEGREES) if degrees else rng.choice(range(20, 91, 5))
        unit = "degrees" if degrees else "percent"
        reply = (
            f"it is {spoken(value)} {unit}{place}"
            if degrees
            else f"the humidity{place} is {spoken(value)} {unit}"
        )
        return Draft(
            said,
            phrasing,
            "query_home_device",
            _with_room({"device": device, "property": kind}, room),
            f"{value} {unit}",
            reply,
        )
    devices, phrasings, values = {
        "state": (
            "|".join(OPENED),
            "is {where} open|is {where} closed|check {where}|did i close {where}",
            ("open", "closed"),
        ),
        "power": (
            "light|lamp|heater|oven|television|coffee maker|washing machine|fan",
            "is {where} on|is {where} still on|did i turn off {where}|is {where} off",
            ("on", "off"),
        ),
        "brightness": ("light|lamp", "how bright is {where}|what is the brightness of {where}", PERCENTS),
        "volume": ("speaker|television|radio", "how loud is {where}|what is the volume of {where}", PERCENTS),
        "battery": (
            "vacuum|camera|motion sensor",
            "how full is the battery of {where}|what is the battery level of {where}",
            PERCENTS,
        ),
    }[kind]
    device = rng.choice(devices.split("|"))
    state: Any = rng.choice(list(values))
    said, phrasing = pick(rng, phrasings, where=_where(rng, device, room))
    arguments = _with_room({"device": device, "property": kind}, room)
    shown = state if isinstance(state, str) else f"{state} percent"
    told = state if isinstance(state, str) else f"at {spoken(state)} percent"
    return Draft(
        said,
        phrasing,
        "query_home_device",
        arguments,
        shown,
        f"{named(arguments)} {_is(arguments)} {told}",
    )
