"""Questions about devices and the air."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from duplexsla.tools.home import COLORS, MODES
from duplexsla_lab.data.home.devices import (
    OPENED,
    agreeing,
    is_or_are,
    maybe_room,
    named,
    slots_of,
    with_room,
)
from duplexsla_lab.data.home.settings import DEGREES, PERCENTS
from duplexsla_lab.data.language.exchange import ExchangeDraft, Value, pick
from duplexsla_lab.data.language.spoken_numbers import spoken

TEMPERATURE = (
    "what is the temperature{place}|what temperature is it{place}|what temperature do we have{place}|"
    "what is the temperature like{place}|what does the thermostat say{place}|"
    "what does the thermostat show{place}|how warm is it{place}|how cold is it{place}|how hot is it{place}|"
    "how cool is it{place}|how warm do we have it{place}|how many degrees is it{place}|"
    "how many degrees are there{place}|how many degrees do we have{place}|how high is the temperature{place}|"
    "how is the temperature{place}|is it warm{place}|is it cold{place}|is it warm enough{place}|"
    "is it too cold{place}|is it too warm{place}|check the temperature{place}|read the temperature{place}|"
    "give me the temperature{place}|look up the temperature{place}|show me the temperature{place}|"
    "i need the temperature{place}|i would like to know the temperature{place}|the temperature{place}"
)
TEMPERATURE_OF_ROOM = "|how warm is the {room}|how cold is the {room}|what is the {room} temperature|" + (
    "check the {room} temperature|is the {room} warm|is the {room} cold|the {room} temperature"
)
HUMIDITY = (
    "what is the humidity{place}|how humid is it{place}|how high is the humidity{place}|"
    "how dry is it{place}|how dry is the air{place}|how humid is the air{place}|"
    "how much humidity do we have{place}|what is the humidity like{place}|is it humid{place}|"
    "is the air dry{place}|is the air too dry{place}|is it too humid{place}|check the humidity{place}|"
    "read the humidity{place}|give me the humidity{place}|show me the humidity{place}|"
    "i need the humidity{place}|i would like to know the humidity{place}|the humidity{place}"
)
HUMIDITY_OF_ROOM = "|how humid is the {room}|what is the {room} humidity|check the {room} humidity"


@dataclass(frozen=True, slots=True)
class Query:
    """What can be asked of some devices; `value_shape` is how a value is said behind "it is"."""

    property: str
    devices: tuple[str, ...]
    values: Sequence[Value]
    phrasings: str
    value_shape: str = "{}"
    unit: str = ""


QUERIES = (
    Query(
        "state",
        OPENED,
        ("open", "closed"),
        "{is} the {thing} open|{is} the {thing} closed|{is} the {thing} shut|{is} the {thing} still open|"
        "{is} the {thing} still closed|{is} the {thing} open or closed|{is} the {thing} open right now|"
        "check {where}|check if {where} {is} open|check if {where} {is} closed|see if {where} {is} open|"
        "look if {where} {is} open|did i close {where}|did i open {where}|did we close {where}|"
        "did somebody close {where}|did somebody open {where}|did i leave {where} open|"
        "did i forget to close {where}|have i closed {where}|"
        "i want to know if {where} {is} open|i am not sure if {where} {is} closed",
    ),
    Query(
        "power",
        ("light", "lamp", "heater", "oven", "television", "coffee maker", "washing machine", "fan"),
        ("on", "off"),
        "is the {thing} on|is the {thing} off|is the {thing} still on|is the {thing} already on|"
        "is the {thing} on or off|is the {thing} running|is the {thing} still running|"
        "is the {thing} turned on|is the {thing} turned off|is the {thing} on right now|"
        "check if {where} is on|check if {where} is off|see if {where} is on|look if {where} is still on|"
        "did i turn off {where}|did i turn on {where}|did i switch off {where}|did i leave {where} on|"
        "did we leave {where} on|did somebody turn off {where}|did i forget to turn off {where}|"
        "have i turned off {where}|i want to know if {where} is on|i am not sure if {where} is off",
    ),
    Query(
        "brightness",
        ("light", "lamp"),
        PERCENTS,
        "how bright is {where}|how dark is {where}|how bright is {where} set|"
        "what is the brightness of {where}|what brightness does {where} have|"
        "what is the brightness level of {where}|what is {where} brightness|"
        "how high is the brightness of {where}|check the brightness of {where}|"
        "give me the brightness of {where}|check how bright {where} is|the brightness of {where}",
        "at {} percent",
        "percent",
    ),
    Query(
        "volume",
        ("speaker", "television", "radio"),
        PERCENTS,
        "how loud is {where}|how quiet is {where}|how loud is {where} set|what is the volume of {where}|"
        "what volume does {where} have|what is the volume level of {where}|what is {where} volume|"
        "how high is the volume of {where}|check the volume of {where}|give me the volume of {where}|"
        "check how loud {where} is|the volume of {where}",
        "at {} percent",
        "percent",
    ),
    Query(
        "battery",
        ("vacuum", "camera", "motion sensor"),
        PERCENTS,
        "how full is the battery of {where}|what is the battery level of {where}|"
        "what is the battery of {where}|how much battery does {where} have|how is the battery of {where}|"
        "how much battery is left in {where}|how much power does {where} have left|"
        "how full is {where} battery|is the battery of {where} full|is the battery of {where} low|"
        "does {where} have enough battery|check the battery of {where}|check {where} battery|"
        "give me the battery level of {where}|the battery level of {where}",
        "at {} percent",
        "percent",
    ),
    Query(
        "speed",
        ("fan", "vacuum", "humidifier"),
        tuple(range(1, 6)),
        "how fast is {where}|how fast is {where} running|what is the speed of {where}|"
        "what speed does {where} have|what level is {where} on|check the speed of {where}|"
        "how high is the speed of {where}|give me the speed of {where}",
        "on level {}",
        "level",
    ),
    Query(
        "position",
        ("blinds", "curtains", "shutters", "awning"),
        PERCENTS,
        "how far {is} {where} open|how far {is} {where} opened|how wide {is} {where} open|"
        "what is the position of {where}|check the position of {where}|give me the position of {where}|"
        "how many percent {is} {where} open|what position {is} {where} in",
        "at {} percent",
        "percent",
    ),
    Query(
        "color",
        ("light", "lamp"),
        COLORS,
        "what color is {where}|what is the color of {where}|what color does {where} have|"
        "which color is {where}|which color does {where} have|check the color of {where}|"
        "what color is {where} set to",
    ),
    Query(
        "mode",
        ("air conditioner", "thermostat", "humidifier", "fan"),
        MODES,
        "what mode is {where} in|which mode is {where} in|what is the mode of {where}|"
        "what mode does {where} use|which mode does {where} use|check the mode of {where}|"
        "what mode is {where} running in",
        "in {} mode",
    ),
)
_SHARES = (4, 4, 2, 2, 2, 1, 1, 1, 1)
AIR_SHARE = 0.35


def query(rng: random.Random) -> ExchangeDraft:
    if rng.random() < AIR_SHARE:
        return _air(rng, degrees=rng.random() < 0.6)
    asked, room = rng.choices(QUERIES, _SHARES)[0], maybe_room(rng)
    device, value = rng.choice(asked.devices), rng.choice(asked.values)
    said, phrasing = pick(rng, agreeing(asked.phrasings, device), **slots_of(rng, device, room))
    arguments = with_room({"device": device, "property": asked.property}, room)
    it, verb = named(arguments), is_or_are(arguments)
    state = asked.value_shape.format(value if isinstance(value, str) else spoken(int(value)))
    reply = rng.choice((f"{it} {verb} {state}", f"{it} {verb} {state} right now", f"{it} {verb} now {state}"))
    return ExchangeDraft(
        said, phrasing, "query_home_device", arguments, f"{value} {asked.unit}".strip(), reply
    )


def _air(rng: random.Random, *, degrees: bool) -> ExchangeDraft:
    room = maybe_room(rng)
    place = f" in the {room}" if room else ""
    phrasings, of_room = (TEMPERATURE, TEMPERATURE_OF_ROOM) if degrees else (HUMIDITY, HUMIDITY_OF_ROOM)
    said, phrasing = pick(rng, phrasings + (of_room if room else ""), place=place, room=room or "")
    name, unit = ("temperature", "degrees") if degrees else ("humidity", "percent")
    value = rng.choice(DEGREES if degrees else range(20, 91, 5))
    state = f"{spoken(value)} {unit}"
    replies = (
        f"the {name}{place} is {state}",
        f"the {name} is {state}{place}",
        f"we have {state}{place}",
    )
    reply = rng.choice((f"it is {state}{place}", f"it is {state}{place}", *replies) if degrees else replies)
    arguments = with_room({"device": "thermostat" if degrees else "humidity sensor", "property": name}, room)
    return ExchangeDraft(said, phrasing, "query_home_device", arguments, f"{value} {unit}", reply)
