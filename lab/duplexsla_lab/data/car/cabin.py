"""Requests about the car's cabin and hardware: nine functions."""

import random
from collections.abc import Callable
from typing import NamedTuple

from duplexsla.tools.car import CAR, COLORS, DAYS, PROFILES, ZONES
from duplexsla_lab.data.car import cabin_phrasings as templates
from duplexsla_lab.data.language.exchange import Arguments, ExchangeDraft, Value, pick
from duplexsla_lab.data.language.spoken_numbers import spoken, spoken_value

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
ALARM_DAYS = tuple(day for day in DAYS[2:] if day not in ("this weekend", "next week"))
TWOFOLD = ("seat",)  # two properties of one unit: one must be named
ASKED_COVERS = tuple(name for name in OPENED if name != "all windows")
_PLURAL = {"all windows", "headlights", "high beams", "fog lights", "hazard lights", "wipers", "doors"}
_ZONE_SHAPES = {
    "driver": "the driver {}|the {} on the driver side|the {} for the driver",
    "passenger": "the passenger {}|the {} on the passenger side|the {} for the passenger",
    "front": "the front {}|the {} in the front",
    "rear": "the rear {}|the {} in the rear",
    "rear left": "the rear left {}|the {} on the rear left",
    "rear right": "the rear right {}|the {} on the rear right",
    "all": "the {} for all seats|the {} on all seats|the {} at all seats",
}


class ScaledSetting(NamedTuple):
    """A property that can be set, moved and asked for."""

    setting: str
    name: str
    unit: str
    values: tuple[Value, ...]
    up: str = ""
    down: str = ""


SCALED_SETTINGS = (
    ScaledSetting("air conditioner", "temperature", "degrees", CABIN_DEGREES, "warmer", "cooler"),
    ScaledSetting("heater", "temperature", "degrees", CABIN_DEGREES, "warmer", "cooler"),
    ScaledSetting("air conditioner", "fan speed", "level", (1, 2, 3, 4, 5), "faster", "slower"),
    ScaledSetting("air conditioner", "mode", "", ("auto", "eco", "comfort", "heat", "cool")),
    ScaledSetting("seat", "position", "percent", PERCENTS, "further forward", "further back"),
    ScaledSetting("seat", "height", "percent", PERCENTS, "higher", "lower"),
    ScaledSetting("seat heating", "level", "level", LEVELS, "warmer", "cooler"),
    ScaledSetting("seat ventilation", "level", "level", LEVELS, "stronger", "weaker"),
    ScaledSetting("seat massage", "level", "level", LEVELS, "stronger", "softer"),
    ScaledSetting("steering wheel heating", "level", "level", LEVELS, "warmer", "cooler"),
    ScaledSetting("driver window", "position", "percent", PERCENTS),
    ScaledSetting("passenger window", "position", "percent", PERCENTS),
    ScaledSetting("sunroof", "position", "percent", PERCENTS),
    ScaledSetting("sun shade", "position", "percent", PERCENTS),
    ScaledSetting("wipers", "speed", "level", (1, 2, 3, 4, 5), "faster", "slower"),
    ScaledSetting("ambient light", "brightness", "percent", PERCENTS, "brighter", "darker"),
    ScaledSetting("ambient light", "color", "", tuple(COLORS)),
    ScaledSetting("reading light", "brightness", "percent", PERCENTS, "brighter", "darker"),
    ScaledSetting(
        "cruise control", "speed", "kilometers per hour", tuple(range(30, 151, 5)), "faster", "slower"
    ),
    ScaledSetting("suspension", "height", "percent", PERCENTS, "higher", "lower"),
    ScaledSetting("suspension", "mode", "", ("auto", "eco", "comfort", "sport")),
    ScaledSetting("fragrance", "level", "level", LEVELS, "stronger", "weaker"),
    ScaledSetting("air purifier", "level", "level", LEVELS, "stronger", "weaker"),
)


def _it(rng: random.Random, setting: str) -> tuple[str, Arguments]:
    """How a setting is said, and its arguments: of seats, sometimes with a zone."""
    if setting in ZONED and rng.random() < 0.6:
        zone = rng.choice(ZONES)
        return rng.choice(_ZONE_SHAPES[zone].split("|")).format(setting), {"setting": setting, "zone": zone}
    return ("" if setting.startswith("all") else "the ") + setting, {"setting": setting}


def _pick(rng: random.Random, phrasings: str, it: str, **slots: str) -> tuple[str, str]:
    """One of the phrasings with {it} or {bare}, its verb in the plural where the setting is."""
    shapes = [shape for shape in phrasings.split("|") if it.startswith("the ") or "{bare}" not in shape]
    bare = it.removeprefix("the ")
    said, phrasing = pick(rng, rng.choice(shapes), it=it, bare=bare, **slots)
    if bare in _PLURAL:
        said = said.replace(f"is {it}", f"are {it}").replace(f"{it} is", f"{it} are")
        said = said.replace(f"does {it}", f"do {it}")
    return said, phrasing


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


def _draft(
    said: tuple[str, str], function: str, arguments: Arguments, value: str, reply: str
) -> ExchangeDraft:
    valid: Arguments = dict(CAR.validate(function, arguments))
    return ExchangeDraft(said[0], said[1], function, valid, value, reply)


def _amount(value: Value, unit: str) -> str:
    if not unit:
        return str(value)
    return f"level {spoken_value(value)}" if unit == "level" else f"{spoken_value(value)} {unit}"


def switch(rng: random.Random, *, opening: bool) -> ExchangeDraft:
    function = f"{'open' if opening else 'close'}_car_setting"
    if rng.random() < 0.05:
        said, arguments = (
            _pick(rng, templates.UNLOCK if opening else templates.LOCK, "the doors"),
            Arguments(setting="doors"),
        )
        return _draft(
            said, function, arguments, "", _now(rng, arguments, "unlocked" if opening else "locked")
        )
    cover = rng.random() < 0.35
    it, arguments = _it(rng, rng.choice(OPENED if cover else SWITCHED))
    switches, covers = (
        (templates.OPEN_SWITCH, templates.OPEN_COVER)
        if opening
        else (templates.CLOSE_SWITCH, templates.CLOSE_COVER)
    )
    state = ("open" if opening else "closed") if cover else ("on" if opening else "off")
    said = _pick(rng, covers if cover else switches, it)
    return _draft(said, function, arguments, "", _now(rng, arguments, state))


def _now(rng: random.Random, arguments: Arguments, state: str) -> str:
    """Tells the new state of a setting."""
    shapes = (
        "{it} {be} {state}",
        "{it} {be} now {state}",
        "done {it} {be} {state}",
        "i have {it} {state}",
    )
    return rng.choice(shapes).format(it=_named(arguments), be=_is(arguments), state=state)


def _at(rng: random.Random, arguments: Arguments, amount: str) -> str:
    """Tells the new value of a setting."""
    shapes = (
        "{it} {be} set to {amount}",
        "{it} {be} now at {amount}",
        "done {it} {be} at {amount}",
        "i set {it} to {amount}",
    )
    return rng.choice(shapes).format(it=_named(arguments), be=_is(arguments), amount=amount)


def set_value(rng: random.Random) -> ExchangeDraft:
    scaled = rng.choice(SCALED_SETTINGS)
    value = rng.choice(scaled.values)
    it, arguments = _it(rng, scaled.setting)
    amount = _amount(value, scaled.unit) + (" mode" if scaled.name == "mode" else "")
    shapes = templates.SET_WORD
    if scaled.unit:
        shapes = (
            templates.SET_NAMED if scaled.setting in TWOFOLD else f"{templates.SET}|{templates.SET_NAMED}"
        )
    said = _pick(rng, shapes, it, value=amount, name=scaled.name)
    arguments |= {"property": scaled.name, "value": value}
    if scaled.unit:
        arguments["unit"] = scaled.unit
    result = f"{value} {scaled.unit}".strip() if rng.random() < 0.7 else ""
    return _draft(said, "set_car_setting", arguments, result, _at(rng, arguments, amount))


def change(rng: random.Random, *, up: bool) -> ExchangeDraft:
    scaled = rng.choice([each for each in SCALED_SETTINGS if each.up])
    it, arguments = _it(rng, scaled.setting)
    arguments |= {"property": scaled.name}
    step = rng.choice(range(2, 6) if scaled.unit == "degrees" else range(5, 55, 5))
    shapes = templates.UP if up else templates.DOWN
    if scaled.unit != "level" and rng.random() < 0.5:
        arguments |= {"value": step, "unit": scaled.unit}
        shapes = templates.UP_BY_NAMED if up else templates.DOWN_BY_NAMED
        if scaled.setting not in TWOFOLD:
            shapes += f"|{templates.UP_BY if up else templates.DOWN_BY}"
    more = scaled.up if up else scaled.down
    said = _pick(rng, shapes, it, name=scaled.name, more=more, value=_amount(step, scaled.unit))
    after = rng.choice(scaled.values)
    reply = _at(rng, arguments, _amount(after, scaled.unit))
    function = f"{'increase' if up else 'decrease'}_car_setting"
    return _draft(said, function, arguments, f"{after} {scaled.unit}", reply)


def query(rng: random.Random) -> ExchangeDraft:
    kind = rng.random()
    if kind < 0.5:
        scaled = rng.choice([each for each in SCALED_SETTINGS if each.unit])
        it, arguments = _it(rng, scaled.setting)
        value = rng.choice(scaled.values)
        said, result = _pick(rng, templates.ASK, it, name=scaled.name), f"{value} {scaled.unit}"
        arguments |= {"property": scaled.name}
        amount = _amount(value, scaled.unit)
        return _draft(said, "query_car_setting", arguments, result, _is_now(rng, arguments, f"at {amount}"))
    cover = kind < 0.75
    it, arguments = _it(rng, rng.choice(ASKED_COVERS if cover else SWITCHED))
    result = rng.choice(("open", "closed") if cover else ("on", "off"))
    arguments |= {"property": "state" if cover else "power"}
    said = _pick(rng, templates.ASK_COVER if cover else templates.ASK_SWITCH, it)
    return _draft(said, "query_car_setting", arguments, result, _is_now(rng, arguments, result))


def _is_now(rng: random.Random, arguments: Arguments, state: str) -> str:
    """Answers how a setting is."""
    shapes = ("{it} {be} {state}", "{it} {be} {state} now", "i see {it} {be} {state}")
    return rng.choice(shapes).format(it=_named(arguments), be=_is(arguments), state=state)


def save(rng: random.Random) -> ExchangeDraft:
    if rng.random() < 0.3:
        reply = rng.choice(
            ("your settings are saved", "i saved your settings", "i will remember your settings")
        )
        return _draft(pick(rng, templates.SAVE), "save_car_setting", {}, "", reply)
    profile = rng.choice(PROFILES)
    shapes = (
        "the {} profile is saved",
        "i saved the {} profile",
        "this is now the {} profile",
        "done the {} profile is saved",
    )
    said, reply = pick(rng, templates.SAVE_AS, it=profile), rng.choice(shapes).format(profile)
    return _draft(said, "save_car_setting", {"profile": profile}, "", reply)


def pet(rng: random.Random) -> ExchangeDraft:
    name = rng.choice(("pet mode", "pet mode", "temperature", "ventilation"))
    if name == "pet mode":
        state = rng.choice(("on", "off"))
        arguments: Arguments = {"property": name, "value": state}
        reply = rng.choice(("pet mode is {}", "the pet mode is now {}", "done pet mode is {}")).format(state)
        return _draft(pick(rng, templates.PET_MODE, it=state), "set_pet_car_setting", arguments, "", reply)
    degrees = name == "temperature"
    value, unit = rng.choice(CABIN_DEGREES if degrees else (1, 2, 3, 4, 5)), "degrees" if degrees else "level"
    amount = _amount(value, unit)
    arguments = {"property": name, "value": value, "unit": unit}
    shapes = ("the {} for your pet is {}", "the pet {} is set to {}", "the pet {} is now {}")
    reply = rng.choice(shapes).format(name, amount)
    return _draft(
        pick(rng, templates.PET_VALUE, it=amount, name=name), "set_pet_car_setting", arguments, "", reply
    )


def alarm(rng: random.Random) -> ExchangeDraft:
    """The alarm switched, or set for a time of day that is said as people say it."""
    if rng.random() < 0.4:
        state = rng.choice(("on", "off"))
        arguments: Arguments = {"state": state}
        reply = rng.choice(
            ("the car alarm is {}", "the car alarm is now {}", "done the car alarm is {}")
        ).format(state)
        return _draft(pick(rng, templates.ALARM_SWITCH, it=state), "set_car_alarm", arguments, "", reply)
    hour, minute = rng.randrange(5, 23), rng.choice((0, 10, 15, 20, 30, 40, 45, 50))
    arguments, time = {"state": "on", "hour": hour, "minute": minute}, _clock(hour, minute)
    if rng.random() < 0.4:
        day = rng.choice(ALARM_DAYS)
        arguments["day"] = day
        time = f"{time} {day}" if day == "tomorrow" else f"{time} on {day}"
    shapes = ("the car alarm is set for {}", "i set the car alarm for {}", "okay the car alarm is set")
    reply = rng.choice(shapes).format(time)
    return _draft(pick(rng, templates.ALARM_TIME, it=time), "set_car_alarm", arguments, "", reply)


def _clock(hour: int, minute: int) -> str:
    """7, 30 -> "seven thirty in the morning"."""
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    said = f"{spoken((hour - 1) % 12 + 1)} {spoken(minute)}" if minute else spoken((hour - 1) % 12 + 1)
    return f"{said} in the {part}"


GENERATORS: tuple[tuple[int, Callable[[random.Random], ExchangeDraft]], ...] = (
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
