"""Requests about the car's cabin and hardware: nine functions."""

import random
from collections.abc import Callable
from typing import NamedTuple

from duplexsla.data.exchange import Arguments, Draft, Value, pick
from duplexsla.data.spoken_numbers import spoken, spoken_value
from duplexsla.tools.car import CAR, COLORS, DAYS, PROFILES, ZONES

ZONED = (
    "air conditioner", "heater", "seat", "seat heating", "seat ventilation", "seat massage", "reading light",
)  # fmt: skip
SWITCHED = (
    "air conditioner", "heater", "seat heating", "seat ventilation", "seat massage", "reading light",
    "air purifier", "defrost", "rear defrost", "steering wheel heating", "mirror heating", "wipers",
    "headlights", "high beams", "fog lights", "ambient light", "hazard lights", "cruise control",
    "lane assist", "parking assist", "fragrance", "camera", "child lock",
)  # fmt: skip
OPENED = (
    "driver window", "passenger window", "rear window", "all windows", "sunroof", "sun shade", "trunk",
    "hood", "fuel door", "charging port", "glove box",
)  # fmt: skip
PERCENTS = tuple(range(5, 101, 5))
LEVELS = (1, 2, 3)
CABIN_DEGREES = tuple(range(16, 31))
ASKED_COVERS = tuple(name for name in OPENED if name != "all windows")
_PLURAL = {"all windows", "headlights", "high beams", "fog lights", "hazard lights", "wipers", "doors"}
_ZONE_SHAPES = {
    "driver": "the driver {}|the {} on the driver side|the {} for the driver",
    "passenger": "the passenger {}|the {} on the passenger side|the {} for the passenger",
    "front": "the front {}|the {} in the front",
    "rear": "the rear {}|the {} in the rear",
    "rear left": "the rear left {}|the {} on the rear left",
    "rear right": "the rear right {}|the {} on the rear right",
    "all": "all {}|the {} for all seats",
}

OPEN_SWITCH = (
    "turn on {it}|switch on {it}|turn {it} on|i need {it} on|activate {it}|could you turn on {it}|start {it}|"
    "switch {it} on|put {it} on|i want {it} on"
)
CLOSE_SWITCH = (
    "turn off {it}|switch off {it}|turn {it} off|i do not need {it} any more|deactivate {it}|stop {it}|"
    "could you turn off {it}|switch {it} off|shut off {it}"
)
OPEN_COVER = "open {it}|open up {it}|could you open {it}|i want {it} open|get {it} open|please open {it}"
CLOSE_COVER = "close {it}|shut {it}|could you close {it}|i want {it} closed|make sure {it} is closed"


class Scaled(NamedTuple):
    """A property that can be set, moved and asked for."""

    setting: str
    name: str
    unit: str
    values: tuple[Value, ...]
    up: str = ""
    down: str = ""


SCALED = (
    Scaled("air conditioner", "temperature", "degrees", CABIN_DEGREES, "warmer", "cooler"),
    Scaled("heater", "temperature", "degrees", CABIN_DEGREES, "warmer", "cooler"),
    Scaled("air conditioner", "fan speed", "level", (1, 2, 3, 4, 5), "faster", "slower"),
    Scaled("air conditioner", "mode", "", ("auto", "eco", "comfort", "heat", "cool")),
    Scaled("seat", "position", "percent", PERCENTS, "further forward", "further back"),
    Scaled("seat", "height", "percent", PERCENTS, "higher", "lower"),
    Scaled("seat heating", "level", "level", LEVELS, "warmer", "cooler"),
    Scaled("seat ventilation", "level", "level", LEVELS, "stronger", "weaker"),
    Scaled("seat massage", "level", "level", LEVELS, "stronger", "softer"),
    Scaled("steering wheel heating", "level", "level", LEVELS, "warmer", "cooler"),
    Scaled("driver window", "position", "percent", PERCENTS),
    Scaled("passenger window", "position", "percent", PERCENTS),
    Scaled("sunroof", "position", "percent", PERCENTS),
    Scaled("sun shade", "position", "percent", PERCENTS),
    Scaled("wipers", "speed", "level", (1, 2, 3, 4, 5), "faster", "slower"),
    Scaled("ambient light", "brightness", "percent", PERCENTS, "brighter", "darker"),
    Scaled("ambient light", "color", "", tuple(COLORS)),
    Scaled("reading light", "brightness", "percent", PERCENTS, "brighter", "darker"),
    Scaled("volume", "volume", "percent", PERCENTS, "louder", "quieter"),
    Scaled("cruise control", "speed", "kilometers per hour", tuple(range(30, 151, 5)), "faster", "slower"),
    Scaled("suspension", "height", "percent", PERCENTS, "higher", "lower"),
    Scaled("suspension", "mode", "", ("auto", "eco", "comfort", "sport")),
    Scaled("fragrance", "level", "level", LEVELS, "stronger", "weaker"),
    Scaled("air purifier", "level", "level", LEVELS, "stronger", "weaker"),
)
SET = (
    "set {it} to {value}|put {it} at {value}|change {it} to {value}|i want {it} at {value}|"
    "set the {name} of {it} to {value}|change the {name} of {it} to {value}"
)
SET_WORD = "set {it} to {value}|change {it} to {value}|i would like {it} in {value}|switch {it} to {value}"
UP = "make {it} {more}|turn up the {name} of {it}|raise the {name} of {it}|increase the {name} of {it}"
DOWN = "make {it} {more}|turn down the {name} of {it}|lower the {name} of {it}|decrease the {name} of {it}"
UP_BY = "raise {it} by {value}|turn up {it} by {value}|increase the {name} of {it} by {value}"
DOWN_BY = "lower {it} by {value}|turn down {it} by {value}|decrease the {name} of {it} by {value}"
ASK = (
    "what is the {name} of {it}|tell me the {name} of {it}|check the {name} of {it}|"
    "how is the {name} of {it} set|what {name} does {it} have"
)
ASK_SWITCH = "is {it} on|is {it} still on|did i turn off {it}|check if {it} is on|is {it} off"
ASK_COVER = "is {it} open|is {it} closed|did i close {it}|check if {it} is closed|is {it} still open"


def _it(rng: random.Random, setting: str) -> tuple[str, Arguments]:
    """How a setting is said, and its arguments: of seats, sometimes with a zone."""
    if setting in ZONED and rng.random() < 0.6:
        zone = rng.choice(ZONES)
        return rng.choice(_ZONE_SHAPES[zone].split("|")).format(setting), {"setting": setting, "zone": zone}
    return ("" if setting.startswith("all") else "the ") + setting, {"setting": setting}


def _named(arguments: Arguments) -> str:
    """How a reply names the setting."""
    setting, zone = str(arguments["setting"]), arguments.get("zone")
    if zone == "all":
        return f"the {setting} for all seats"
    if zone:
        return f"the {zone} {setting}"
    return setting if setting.startswith("all") else f"the {setting}"


def _is(arguments: Arguments) -> str:
    return "are" if arguments["setting"] in _PLURAL else "is"


def _draft(said: tuple[str, str], function: str, arguments: Arguments, value: str, reply: str) -> Draft:
    valid: Arguments = dict(CAR.validate(function, arguments))
    return Draft(said[0], said[1], function, valid, value, reply)


def _amount(value: Value, unit: str) -> str:
    if not unit:
        return str(value)
    return f"level {spoken_value(value)}" if unit == "level" else f"{spoken_value(value)} {unit}"


def switch(rng: random.Random, *, opening: bool) -> Draft:
    function = f"{'open' if opening else 'close'}_car_setting"
    if rng.random() < 0.05:
        verbs = "unlock {it}|please unlock {it}" if opening else "lock {it}|please lock {it}"
        said, arguments = pick(rng, verbs, it="the doors"), Arguments(setting="doors")
        return _draft(said, function, arguments, "", f"the doors are {'unlocked' if opening else 'locked'}")
    cover = rng.random() < 0.35
    it, arguments = _it(rng, rng.choice(OPENED if cover else SWITCHED))
    table = {(1, 1): OPEN_COVER, (1, 0): OPEN_SWITCH, (0, 1): CLOSE_COVER, (0, 0): CLOSE_SWITCH}
    state = ("open" if opening else "closed") if cover else ("on" if opening else "off")
    reply = f"{_named(arguments)} {_is(arguments)} {rng.choice(('', 'now '))}{state}"
    return _draft(pick(rng, table[opening, cover], it=it), function, arguments, "", reply)


def set_value(rng: random.Random) -> Draft:
    scaled = rng.choice(SCALED)
    value = rng.choice(scaled.values)
    it, arguments = _it(rng, scaled.setting)
    amount = _amount(value, scaled.unit) + (" mode" if scaled.name == "mode" else "")
    said = pick(rng, SET if scaled.unit else SET_WORD, it=it, value=amount, name=scaled.name)
    arguments |= {"property": scaled.name, "value": value}
    if scaled.unit:
        arguments["unit"] = scaled.unit
    reply = f"{_named(arguments)} {_is(arguments)} {rng.choice(('set to', 'now at'))} {amount}"
    told = f"{value} {scaled.unit}".strip() if rng.random() < 0.7 else ""
    return _draft(said, "set_car_setting", arguments, told, reply)


def change(rng: random.Random, *, up: bool) -> Draft:
    scaled = rng.choice([each for each in SCALED if each.up])
    it, arguments = _it(rng, scaled.setting)
    arguments |= {"property": scaled.name}
    step = rng.choice(range(2, 6) if scaled.unit == "degrees" else range(5, 55, 5))
    by = scaled.unit != "level" and rng.random() < 0.5
    if by:
        arguments |= {"value": step, "unit": scaled.unit}
    phrasings = (UP_BY if up else DOWN_BY) if by else (UP if up else DOWN)
    more = scaled.up if up else scaled.down
    said = pick(rng, phrasings, it=it, name=scaled.name, more=more, value=_amount(step, scaled.unit))
    after = rng.choice(scaled.values)
    reply = f"{_named(arguments)} {_is(arguments)} now at {_amount(after, scaled.unit)}"
    function = f"{'increase' if up else 'decrease'}_car_setting"
    return _draft(said, function, arguments, f"{after} {scaled.unit}", reply)


def query(rng: random.Random) -> Draft:
    kind = rng.random()
    if kind < 0.5:
        scaled = rng.choice([each for each in SCALED if each.unit])
        it, arguments = _it(rng, scaled.setting)
        value = rng.choice(scaled.values)
        said, told = pick(rng, ASK, it=it, name=scaled.name), f"{value} {scaled.unit}"
        arguments |= {"property": scaled.name}
        reply = f"{_named(arguments)} {_is(arguments)} at {_amount(value, scaled.unit)}"
        return _draft(said, "query_car_setting", arguments, told, reply)
    cover = kind < 0.75
    it, arguments = _it(rng, rng.choice(ASKED_COVERS if cover else SWITCHED))
    told = rng.choice(("open", "closed") if cover else ("on", "off"))
    arguments |= {"property": "state" if cover else "power"}
    said = pick(rng, ASK_COVER if cover else ASK_SWITCH, it=it)
    return _draft(said, "query_car_setting", arguments, told, f"{_named(arguments)} {_is(arguments)} {told}")


def save(rng: random.Random) -> Draft:
    if rng.random() < 0.3:
        said = pick(
            rng, "save my settings|remember these settings|save the car settings|keep these settings for me"
        )
        return _draft(said, "save_car_setting", {}, "", "your settings are saved")
    profile = rng.choice(PROFILES)
    phrasings = (
        "save these settings as {it}|save the settings under {it}|remember this as the {it} profile|"
        "save the {it} profile|store the settings as {it}|keep this for the {it} profile"
    )
    reply = f"the {profile} profile is saved"
    return _draft(pick(rng, phrasings, it=profile), "save_car_setting", {"profile": profile}, "", reply)


def pet(rng: random.Random) -> Draft:
    name = rng.choice(("pet mode", "pet mode", "temperature", "ventilation"))
    if name == "pet mode":
        state = rng.choice(("on", "off"))
        phrasings = "turn {it} pet mode|switch {it} pet mode|turn the pet mode {it}|set pet mode to {it}"
        arguments: Arguments = {"property": name, "value": state}
        return _draft(
            pick(rng, phrasings, it=state), "set_pet_car_setting", arguments, "", f"pet mode is {state}"
        )
    degrees = name == "temperature"
    value, unit = rng.choice(CABIN_DEGREES if degrees else (1, 2, 3, 4, 5)), "degrees" if degrees else "level"
    phrasings = (
        f"set the pet {name} to {{it}}|keep the {name} for my dog at {{it}}|"
        f"set the {name} for the pet to {{it}}|i want the {name} for the cat at {{it}}"
    )
    said = pick(rng, phrasings, it=_amount(value, unit))
    arguments = {"property": name, "value": value, "unit": unit}
    reply = f"the {name} for your pet is {_amount(value, unit)}"
    return _draft(said, "set_pet_car_setting", arguments, "", reply)


def alarm(rng: random.Random) -> Draft:
    """The alarm switched, or set for a time of day that is said as people say it."""
    if rng.random() < 0.4:
        state = rng.choice(("on", "off"))
        phrasings = "turn {it} the car alarm|switch {it} the car alarm|turn the car alarm {it}"
        arguments: Arguments = {"state": state}
        return _draft(
            pick(rng, phrasings, it=state), "set_car_alarm", arguments, "", f"the car alarm is {state}"
        )
    hour, minute = rng.randrange(5, 23), rng.choice((0, 10, 15, 20, 30, 40, 45, 50))
    arguments, time = {"state": "on", "hour": hour, "minute": minute}, _clock(hour, minute)
    day = rng.choice(DAYS[2:]) if rng.random() < 0.4 else ""
    day = "" if day in ("this weekend", "next week") else day
    if day:
        arguments["day"] = day
        time = f"{time} {day}" if day == "tomorrow" else f"{time} on {day}"
    phrasings = (
        "set the car alarm for {it}|set the car alarm to {it}|turn on the car alarm at {it}|"
        "i need the car alarm at {it}|start the car alarm at {it}"
    )
    return _draft(
        pick(rng, phrasings, it=time), "set_car_alarm", arguments, "", f"the car alarm is set for {time}"
    )


def _clock(hour: int, minute: int) -> str:
    """7, 30 -> "seven thirty in the morning"."""
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    said = f"{spoken((hour - 1) % 12 + 1)} {spoken(minute)}" if minute else spoken((hour - 1) % 12 + 1)
    return f"{said} in the {part}"


MAKERS: tuple[tuple[int, Callable[[random.Random], Draft]], ...] = (
    (5, lambda rng: switch(rng, opening=True)),
    (5, lambda rng: switch(rng, opening=False)),
    (7, set_value),
    (3, lambda rng: change(rng, up=True)),
    (3, lambda rng: change(rng, up=False)),
    (4, query),
    (1, save),
    (1, pet),
    (2, alarm),
)
