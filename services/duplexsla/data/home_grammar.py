"""What people ask of a home, the call it means, and what the assistant answers to each outcome.

A request is made from a phrasing (a template) and typed argument values. Phrasings and argument combinations are
split by hash, never by order, so a new phrasing never moves an old one to another split.
"""

import hashlib
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from duplexsla.data.spoken_numbers import spoken

Value = str | int
Arguments = dict[str, Value]

ROOMS = ["kitchen", "bedroom", "living room", "bathroom", "garage", "office", "basement", "hallway", "dining room", "nursery", "attic", "guest room", "laundry room", "study", "porch", "playroom", "garden", "patio"]
SWITCHED = ["light", "lamp", "fan", "heater", "air conditioner", "television", "speaker", "radio", "oven", "dishwasher", "washing machine", "coffee maker", "kettle", "humidifier", "vacuum", "projector", "camera", "sprinkler", "plug", "thermostat"]
OPENED = ["blinds", "curtains", "shutters", "awning", "window", "garage door", "gate"]
DOORS = ["front door", "back door", "side door", "garage door", "patio door", "cellar door", "balcony door"]
COLORS = ["red", "blue", "green", "purple", "orange", "yellow", "white", "pink", "warm white", "turquoise"]
MODES = ["heat", "cool", "auto", "eco", "dry", "sleep", "boost"]
SCENES = ["movie", "dinner", "party", "bedtime", "morning", "reading", "relax", "away", "vacation", "cleaning", "romance", "gaming"]
LISTS = ["shopping", "grocery", "party", "weekend", "camping", "holiday", "todo"]
TIMERS = ["pasta", "pizza", "laundry", "tea", "workout", "egg", "nap", "study", "homework", "chicken", "rice", "bread"]
ITEMS = ["milk", "bread", "eggs", "butter", "apples", "bananas", "coffee", "cheese", "rice", "pasta", "tomatoes", "chicken", "sugar", "onions", "orange juice", "paper towels", "dog food", "toothpaste", "batteries", "soap", "potatoes", "carrots", "yogurt", "honey", "lemons", "salt", "pepper", "olive oil", "flour", "mushrooms", "cat food", "light bulbs", "shampoo", "candles", "tea bags", "cereal", "salmon", "garlic", "spinach", "ice cream"]
PERCENTS = range(5, 101, 5)
DEGREES = range(15, 31)

_PLURAL = {"blinds", "curtains", "shutters"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what follows from it. `function` is None when nothing is to be done."""

    said: str  # the user's words
    function: str | None
    arguments: Arguments
    outcome: str  # text on the action channel, for example " [ done]"; "" without a call
    reply: str  # the assistant's words
    phrasing: str  # the template, for the splits


def bucket(*parts: object, buckets: int = 100) -> int:
    """Stable hash bucket in 0..buckets-1."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big") % buckets


def held_combination(function: str | None, arguments: Mapping[str, Value]) -> bool:
    """One tenth of all combinations of two or more values are never trained on."""
    return len(arguments) >= 2 and bucket("combination", function, sorted(arguments.items())) < 10


def held_phrasing(phrasing: str) -> bool:
    """About one phrasing in twenty is never trained on."""
    return bucket("phrasing", phrasing) < 5


def _where(rng: random.Random, device: str, room: str | None) -> str:
    if room is None:
        return f"the {device}"
    return rng.choice((f"the {device} in the {room}", f"the {room} {device}", f"the {room} {device}"))


def _named(arguments: Mapping[str, Value]) -> str:
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


Draft = tuple[
    str, str | None, Arguments, str, str
]  # phrasing with {where} etc. filled, function, arguments, value, reply


def _pick(rng: random.Random, phrasings: str, **slots: str) -> tuple[str, str]:
    """One of the `|`-separated phrasings -> (filled, phrasing)."""
    phrasing = rng.choice(phrasings.split("|"))
    return re.sub(r"{(\w+)}", lambda match: slots[match[1]], phrasing), phrasing


OPEN_SWITCH = (
    "turn on {where}|switch on {where}|start {where}|turn {where} on|i need {where} on|put {where} on|"
    "switch {where} on|could you turn on {where}|power on {where}|activate {where}|i want {where} on|get {where} running"
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


def _open_close(rng: random.Random, *, opening: bool) -> tuple[str, str, str, Arguments, str, str]:
    cover = rng.random() < 0.3
    device, room = rng.choice(OPENED if cover else SWITCHED), _maybe_room(rng)
    table = {(1, 1): OPEN_COVER, (1, 0): OPEN_SWITCH, (0, 1): CLOSE_COVER, (0, 0): CLOSE_SWITCH}
    said, phrasing = _pick(rng, table[opening, cover], where=_where(rng, device, room))
    arguments = _with_room({"device": device}, room)
    state = ("open" if opening else "closed") if cover else ("on" if opening else "off")
    reply = rng.choice(
        (f"{_named(arguments)} {_is(arguments)} {state}", f"{_named(arguments)} {_is(arguments)} now {state}")
    )
    return said, phrasing, f"{'open' if opening else 'close'}_home_device", arguments, "", reply


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
        "set {where} to level {n}|set the speed of {where} to level {n}|put {where} on level {n}|run {where} at level {n}",
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
        "make {where} {value}|set {where} to {value}|turn {where} {value}|change the color of {where} to {value}|"
        "i would like {where} in {value}",
    ),
    Setting(
        "mode",
        "air conditioner|thermostat|humidifier|fan",
        "",
        tuple(MODES),
        "set {where} to {value} mode|put {where} in {value} mode|switch {where} to {value} mode|use {value} mode on {where}",
    ),
)


def _said_value(value: Value, unit: str) -> str:
    if isinstance(value, str):
        return value
    return f"level {spoken(value)}" if unit == "level" else f"{spoken(value)} {unit}"


def _set(rng: random.Random) -> tuple[str, str, str, Arguments, str, str]:
    setting = rng.choice(SETTINGS)
    device, room, value = rng.choice(setting.devices.split("|")), _maybe_room(rng), rng.choice(setting.values)
    slots = {"where": _where(rng, device, room), "value": _said_value(value, setting.unit)}
    slots["n"] = spoken(value) if isinstance(value, int) else value
    said, phrasing = _pick(rng, setting.set_phrasings, **slots)
    arguments = _with_room({"device": device, "property": setting.name, "value": value}, room)
    if setting.unit:
        arguments["unit"] = setting.unit
    joint = rng.choice(("set to", "now") if isinstance(value, str) else ("set to", "at", "now at"))
    reply = f"{_named(arguments)} {_is(arguments)} {joint} {_said_value(value, setting.unit)}"
    echoed = f"{value} {setting.unit}".strip() if rng.random() < 0.7 else ""
    return said, f"{setting.name}: {phrasing}", "set_home_device", arguments, echoed, reply


def _change(rng: random.Random, *, up: bool) -> tuple[str, str, str, Arguments, str, str]:
    setting = rng.choice([s for s in SETTINGS if s.up_phrasings])
    device, room = rng.choice(setting.devices.split("|")), _maybe_room(rng)
    by = rng.random() < 0.5 and setting.unit != "level"
    step = rng.choice(range(1, 6) if setting.unit == "degrees" else range(5, 55, 5))
    phrasings = setting.up_phrasings if up else setting.down_phrasings
    if by:
        verbs = ("increase", "raise", "turn up") if up else ("decrease", "lower", "turn down")
        phrasings = _BY.strip("|").replace("{verb}", rng.choice(verbs)).replace("{name}", setting.name)
    said, phrasing = _pick(
        rng, phrasings, where=_where(rng, device, room), value=_said_value(step, setting.unit)
    )
    arguments = _with_room({"device": device, "property": setting.name}, room)
    if by:
        arguments |= {"value": step, "unit": setting.unit}
    after = rng.choice(setting.values)
    assert isinstance(after, int)
    value = f"{after} {setting.unit}"
    reply = f"{_named(arguments)} {_is(arguments)} now at {_said_value(after, setting.unit)}"
    return (
        said,
        f"{setting.name}: {phrasing}",
        f"{'increase' if up else 'decrease'}_home_device",
        arguments,
        value,
        reply,
    )


def _query(rng: random.Random) -> tuple[str, str, str, Arguments, str, str]:
    kind, room = (
        rng.choice(("temperature", "humidity", "state", "power", "brightness", "volume", "battery")),
        _maybe_room(rng),
    )
    place = f" in the {room}" if room else ""
    if kind in ("temperature", "humidity"):
        degrees = kind == "temperature"
        device = "thermostat" if degrees else "humidity sensor"
        phrasings = (
            "what is the temperature{place}|how warm is it{place}|how many degrees is it{place}|tell me the temperature{place}"
            if degrees
            else "what is the humidity{place}|how humid is it{place}|tell me the humidity{place}"
        )
        said, phrasing = _pick(rng, phrasings, place=place)
        value = rng.choice(DEGREES) if degrees else rng.choice(range(20, 91, 5))
        unit = "degrees" if degrees else "percent"
        reply = (
            f"it is {spoken(value)} {unit}{place}"
            if degrees
            else f"the humidity{place} is {spoken(value)} {unit}"
        )
        return (
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
    device, value = rng.choice(devices.split("|")), rng.choice(values)
    said, phrasing = _pick(rng, phrasings, where=_where(rng, device, room))
    arguments = _with_room({"device": device, "property": kind}, room)
    shown = value if isinstance(value, str) else f"{value} percent"
    told = value if isinstance(value, str) else f"at {spoken(value)} percent"
    return (
        said,
        f"{kind}: {phrasing}",
        "query_home_device",
        arguments,
        shown,
        f"{_named(arguments)} {_is(arguments)} {told}",
    )


def _door(rng: random.Random, *, lock: bool) -> tuple[str, str, str, Arguments, str, str]:
    door = rng.choice(DOORS)
    phrasings = (
        "lock the {door}|please lock the {door}|make sure the {door} is locked|can you lock the {door}|bolt the {door}"
        if lock
        else "unlock the {door}|please unlock the {door}|can you unlock the {door}|i need the {door} unlocked"
    )
    said, phrasing = _pick(rng, phrasings, door=door)
    word = "locked" if lock else "unlocked"
    return (
        said,
        phrasing,
        f"{'lock' if lock else 'unlock'}_home_door",
        {"door": door},
        "",
        f"the {door} is {word}",
    )


def _alarm(rng: random.Random, *, arm: bool) -> tuple[str, str, str, Arguments, str, str]:
    mode = rng.choice(("home", "away", "night"))
    if arm:
        said, phrasing = _pick(
            rng,
            "arm the alarm in {mode} mode|set the alarm to {mode}|turn on the alarm in {mode} mode|"
            "activate the {mode} alarm",
            mode=mode,
        )
        return said, phrasing, "arm_home_alarm", {"mode": mode}, "", f"the alarm is set to {mode}"
    said, phrasing = _pick(
        rng,
        "disarm the alarm|turn off the alarm|switch the alarm off|deactivate the alarm|i am home disarm the alarm",
    )
    return said, phrasing, "disarm_home_alarm", {}, "", "the alarm is off"


def _scene(rng: random.Random) -> tuple[str, str, str, Arguments, str, str]:
    scene = rng.choice(SCENES)
    said, phrasing = _pick(
        rng,
        "start the {scene} scene|activate the {scene} scene|run the {scene} scene|set the {scene} scene|"
        "i want the {scene} scene|{scene} scene please|switch to the {scene} scene",
        scene=scene,
    )
    return (
        said,
        phrasing,
        "run_home_scene",
        {"scene": scene},
        "",
        rng.choice((f"the {scene} scene is on", f"starting the {scene} scene")),
    )


def _timer(rng: random.Random) -> tuple[str, str, str, Arguments, str, str]:
    unit = rng.choice(("minutes", "minutes", "seconds", "hours"))
    value = rng.choice({"minutes": range(1, 61), "seconds": range(10, 60, 5), "hours": range(1, 13)}[unit])
    name = rng.choice(TIMERS) if rng.random() < 0.6 else None
    said_unit = unit[:-1] if value == 1 else unit
    length = f"{spoken(value)} {said_unit}"
    phrasings = (
        "set a {name} timer for {length}|start a {name} timer for {length}|set a timer for {length} for the {name}|"
        "count down {length} for the {name}|give me a {name} timer of {length}"
        if name
        else "set a timer for {length}|start a timer for {length}|count down {length}|give me a timer of {length}|timer for {length}"
    )
    said, phrasing = _pick(rng, phrasings, name=name or "", length=length)
    arguments: Arguments = ({"name": name} if name else {}) | {"value": value, "unit": unit}
    echoed = f"{value} {unit}" if rng.random() < 0.5 else ""
    return (
        said,
        phrasing,
        "set_timer",
        arguments,
        echoed,
        f"your {name + ' ' if name else ''}timer is set for {length}",
    )


def _cancel(rng: random.Random) -> tuple[str, str, str, Arguments, str, str]:
    name = rng.choice(TIMERS) if rng.random() < 0.7 else None
    said, phrasing = _pick(
        rng,
        "cancel the {name}timer|stop the {name}timer|delete the {name}timer|i do not need the {name}timer any more",
        name=f"{name} " if name else "",
    )
    arguments: Arguments = {"name": name} if name else {}
    return (
        said,
        phrasing,
        "cancel_timer",
        arguments,
        "",
        f"the {name + ' ' if name else ''}timer is cancelled",
    )


def _item(rng: random.Random) -> tuple[str, str, str, Arguments, str, str]:
    item, name = rng.choice(ITEMS), rng.choice(LISTS)
    said, phrasing = _pick(
        rng,
        "add {item} to the {name} list|put {item} on my {name} list|we need {item} on the {name} list|"
        "i want {item} on the {name} list|write {item} on the {name} list|{item} for the {name} list please",
        item=item,
        name=name,
    )
    return (
        said,
        phrasing,
        "add_list_item",
        {"item": item, "list": name},
        "",
        f"i added {item} to the {name} list",
    )


MAKERS: tuple[tuple[int, Callable[[random.Random], tuple[str, str, str, Arguments, str, str]]], ...] = (
    (5, lambda rng: _open_close(rng, opening=True)),
    (5, lambda rng: _open_close(rng, opening=False)),
    (8, _set),
    (4, lambda rng: _change(rng, up=True)),
    (4, lambda rng: _change(rng, up=False)),
    (5, _query),
    (2, lambda rng: _door(rng, lock=True)),
    (2, lambda rng: _door(rng, lock=False)),
    (2, lambda rng: _alarm(rng, arm=True)),
    (1, lambda rng: _alarm(rng, arm=False)),
    (2, _scene),
    (4, _timer),
    (2, _cancel),
    (3, _item),
)

SMALL_TALK = (
    ("hello", "hello"),
    ("good morning", "good morning"),
    ("good evening", "good evening"),
    ("how are you", "i am fine thank you"),
    ("thank you", "you are welcome"),
    ("thanks a lot", "you are welcome"),
    ("thank you that is all", "you are welcome"),
    ("never mind", "okay"),
    ("forget it", "okay"),
    ("who are you", "i am your home assistant"),
    ("what can you do", "i can control your home"),
    ("can you hear me", "yes i can hear you"),
    ("good night", "good night"),
    ("that is great", "i am glad"),
    ("i am tired", "you should take a rest"),
    ("it was a long day", "you should take a rest"),
    ("what a nice day", "yes it is"),
    ("i am back", "welcome home"),
    ("see you later", "see you later"),
    ("the {room} looks great", "i am glad you like it"),
    ("my old {device} broke", "i am sorry to hear that"),
    ("i had {item} for dinner", "that sounds good"),
    ("i like the {room}", "that is nice"),
)
FAILURES = {
    " [ failed]": "sorry {thing} can not do that",
    " [ silent]": "sorry {thing} did not answer",
    " [ late]": "sorry that took too long",
    " [ refused]": "sorry i can not do that",
}
BEFORE = ("", "", "", "", "", "please", "hey", "okay", "hello", "so", "could you")
AFTER = ("", "", "", "", "", "please", "now", "thanks")
ACKNOWLEDGE = ("", "", "", "okay", "sure", "all right", "done")


def _thing(arguments: Mapping[str, Value]) -> str:
    """What a failure reply names."""
    if "device" in arguments:
        return _named(arguments)
    for key, shape in (("door", "the {}"), ("scene", "the {} scene"), ("list", "the {} list")):
        if key in arguments:
            return shape.format(arguments[key])
    return "the alarm" if "mode" in arguments or not arguments else "the timer"


def _small_talk(rng: random.Random) -> Exchange:
    said, reply = rng.choice(SMALL_TALK)
    filled = said.format(room=rng.choice(ROOMS), device=rng.choice(SWITCHED), item=rng.choice(ITEMS))
    return Exchange(filled, None, {}, "", reply, said)


def _around(rng: random.Random, said: str) -> str:
    return " ".join(part for part in (rng.choice(BEFORE), said, rng.choice(AFTER)) if part)


def exchange(rng: random.Random, *, small_talk: float = 0.1, failure: float = 0.15) -> Exchange:
    """One random exchange, of any split."""
    if rng.random() < small_talk:
        return _small_talk(rng)
    maker = rng.choices([m for _, m in MAKERS], [weight for weight, _ in MAKERS])[0]
    said, phrasing, function, arguments, value, reply = maker(rng)
    outcome = f" [ done {value}]" if value else " [ done]"
    if rng.random() < failure:
        outcome = rng.choices(list(FAILURES), [3, 6, 2, 1])[0]
        reply = FAILURES[outcome].format(thing=_thing(arguments))
    elif (word := rng.choice(ACKNOWLEDGE)) and not reply.startswith("it is"):
        reply = f"{word} {reply}"
    return Exchange(_around(rng, said), function, arguments, outcome, reply, phrasing)
