"""How devices, rooms and shares are mentioned, and the arguments that a mention gives.

A kind and a room are two arguments ("the light in the kitchen"), a name of the home's own is one ("the desk
lamp"). All, both, every and other are the scope, "here" is a room, "upstairs" a floor; what stays as it is
comes behind except or but.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from duplexsla.tools.home import ROOMS as KNOWN_ROOMS
from duplexsla.tools.home2 import COLORS, HERE, MODES
from duplexsla_lab.data.home2 import names
from duplexsla_lab.data.home2.names import Names
from duplexsla_lab.data.language.exchange import Arguments
from duplexsla_lab.data.language.intent_pattern import DrawMention, Mention
from duplexsla_lab.data.language.spoken_numbers import spoken, spoken_value

ARTICLES = ("the", "the", "the", "the", "the", "the", "my", "our", "that")
IN_HERE = ("in here", "in here", "here", "in this room")
EXCEPTS = ("except", "except for", "but", "but not", "apart from")


@dataclass(frozen=True, slots=True)
class DeviceGroup:
    """kinds: as "light"; groups: several of them, as "lights"; own: names of single ones."""

    kinds: tuple[str, ...]
    groups: tuple[str, ...]
    own: Names
    own_groups: Names | None = None
    rooms: bool = True  # whether people say in which room


LIGHTS = DeviceGroup(
    ("light", "light", "light", "lamp"), ("lights", "lights", "lights", "lamps"), names.LIGHTS,
    names.LIGHT_GROUPS,
)  # fmt: skip
COVERS = DeviceGroup(
    ("blind", "shade", "window", "curtain"),
    ("blinds", "curtains", "shutters", "shades", "windows", "blinds", "drapes"),
    names.COVERS,
)
SWITCHES = DeviceGroup(
    ("fan", "heater", "television", "plug", "coffee maker", "kettle", "oven", "dishwasher", "washing machine",
     "humidifier", "projector", "camera", "sprinkler", "ceiling fan", "air conditioner", "tv", "socket"),
    ("fans", "heaters", "plugs", "cameras", "sprinklers", "sockets", "radiators"),
    names.SWITCHES,
)  # fmt: skip
CLIMATE = DeviceGroup(
    ("thermostat", "heating", "heater", "air conditioner", "radiator", "ac", "heating"),
    ("radiators", "thermostats", "heaters"),
    names.CLIMATE_DEVICES,
)
FANS = DeviceGroup(
    ("fan", "fan", "ceiling fan", "air purifier", "humidifier"),
    ("fans", "ceiling fans"),
    names.AIR_DEVICES,
)
PLAYERS = DeviceGroup(("speaker", "television", "tv", "radio", "stereo"), ("speakers",), names.PLAYERS)
CLEANERS = DeviceGroup(("vacuum", "vacuum cleaner", "mower"), ("vacuums",), names.CLEANERS, rooms=False)
DOORS = DeviceGroup(
    ("front door", "back door", "side door", "garage door", "patio door", "cellar door", "balcony door"),
    ("doors",),
    names.DOORS,
    rooms=False,
)
VALVES = DeviceGroup(
    ("water valve", "gas valve", "main water", "irrigation", "sprinkler"),
    ("sprinklers", "valves"),
    names.VALVES,
    rooms=False,
)


def room_name(rng: random.Random) -> str:
    return rng.choice(KNOWN_ROOMS) if rng.random() < 0.6 else names.ROOMS.draw(rng)


def the_room(room: str) -> str:
    """With its article, unless it is somebody's."""
    return room if "'" in room else f"the {room}"


def room(rng: random.Random) -> Mention:
    """A room alone: "the kitchen"."""
    name = room_name(rng)
    return Mention(the_room(name), {"room": name}, bare=name)


def place(rng: random.Random) -> Mention:
    """Where: "in the kitchen", "upstairs", "in here", or nothing said."""
    kind = rng.random()
    if kind < 0.25:
        return Mention("", {})
    if kind < 0.4:
        return Mention(rng.choice(IN_HERE), {"room": HERE})
    if kind < 0.52:
        return _on_floor(names.FLOORS.draw(rng))
    name = room_name(rng)
    return Mention(f"in {the_room(name)}", {"room": name})


def question_place(rng: random.Random) -> Mention:
    """Where, in a question; a floor or a room, often none."""
    return place(rng) if rng.random() < 0.7 else Mention("", {})


def output(rng: random.Random) -> Mention:
    """Where something plays: on which player, in which room, or nothing said."""
    if rng.random() < 0.45:
        return Mention("", {})
    if rng.random() < 0.45:
        return _played_in(rng)
    player = one(PLAYERS)(rng)
    return Mention(f"on {player.said}", player.arguments)


def _played_in(rng: random.Random) -> Mention:
    name = room_name(rng)
    return rng.choice(
        (Mention("here", {"room": HERE}), *[Mention(f"in {the_room(name)}", {"room": name})] * 4)
    )


def somewhere(rng: random.Random) -> Mention:
    """As `place`, and always said."""
    while not (found := place(rng)).said:
        pass
    return found


def _on_floor(floor: str) -> Mention:
    said = floor if floor in ("upstairs", "downstairs") else f"on the {floor}"
    return Mention(said, {"floor": floor})


def one(group: DeviceGroup) -> DrawMention:
    """A single device, or several where people speak of them as one."""

    def draw(rng: random.Random) -> Mention:
        kind = rng.random()
        if not group.rooms:
            name = rng.choice(group.kinds) if kind < 0.5 else group.own.draw(rng)
            return _device(rng, name, plural=name.endswith("doors"))
        if kind < 0.34:
            return _in_room(rng, rng.choice(group.kinds), plural=False)
        if kind < 0.44:
            return _device(rng, rng.choice(group.kinds), plural=False)
        if kind < 0.72:
            name = group.own.draw(rng)
            return _device(rng, name, plural=name.endswith("s"))
        if kind < 0.8:
            return _here(rng, rng.choice(group.kinds + group.groups))
        if kind < 0.86 and group.own_groups:
            return _device(rng, group.own_groups.draw(rng), plural=True)
        name = rng.choice(group.groups)
        return _in_room(rng, name, plural=True) if kind < 0.96 else _device(rng, name, plural=True)

    return draw


def many(group: DeviceGroup) -> DrawMention:
    """Several by their scope: "all the lights upstairs except the hallway"."""

    def draw(rng: random.Random) -> Mention:
        name, kind = rng.choice(group.groups), rng.random()
        where = place(rng)
        if kind < 0.28:
            said = rng.choice((f"all the {name}", f"all {name}", f"all of the {name}", f"all my {name}"))
            return _scoped(rng, said, name, "all", where)
        if kind < 0.4:
            single = group.kinds[0] if group.rooms else "door"
            said = rng.choice((f"every {single}", f"every single {single}"))
            return _scoped(rng, said, single, "every", where)
        if kind < 0.5:
            return _scoped(rng, rng.choice((f"both {name}", f"both of the {name}")), name, "both", where)
        if kind < 0.58:
            single = group.kinds[0] if group.rooms else "door"
            return _scoped(rng, f"the other {single}", single, "other", where, plural=False)
        if kind < 0.68 and group.rooms:
            floor = rng.choice(("upstairs", "downstairs"))
            said = rng.choice((f"the {floor} {name}", f"the {name} {floor}"))
            return Mention(said, {"device": name, "floor": floor}, said.removeprefix("the "), plural=True)
        return _except(rng, name, group, where)

    return draw


def device(group: DeviceGroup, *, several: float = 0.22) -> DrawMention:
    single, scoped = one(group), many(group)
    return lambda rng: scoped(rng) if rng.random() < several else single(rng)


def door(group: DeviceGroup = DOORS) -> DrawMention:
    """As a device, but the argument is the door."""

    def draw(rng: random.Random) -> Mention:
        found = device(group, several=0.12)(rng)
        arguments = {"door" if key == "device" else key: value for key, value in found.arguments.items()}
        return found._replace(arguments=arguments)

    return draw


def _article(rng: random.Random, *, plural: bool) -> str:
    article = rng.choice(ARTICLES)
    return "those" if plural and article == "that" else article


def _device(rng: random.Random, name: str, *, plural: bool) -> Mention:
    article = "" if "'" in name else f"{_article(rng, plural=plural)} "
    told = name if "'" in name else f"the {name}"
    return Mention(f"{article}{name}", {"device": name}, name, told, plural)


def _in_room(rng: random.Random, name: str, *, plural: bool) -> Mention:
    place = room_name(rng)
    of_room = "'" in place
    called = rng.choice((f"{place} {name}", f"{place} {name}", f"{name} in {the_room(place)}"))
    if of_room:
        called = f"{name} in {place}"
    told = f"the {name} in {place}" if of_room else f"the {place} {name}"
    article = _article(rng, plural=plural)
    return Mention(f"{article} {called}", {"device": name, "room": place}, called, told, plural)


def _here(rng: random.Random, name: str) -> Mention:
    called = f"{name} {rng.choice(IN_HERE)}"
    arguments: Arguments = {"device": name, "room": HERE}
    return Mention(f"the {called}", arguments, called, f"the {name}", name.endswith("s"))


def _scoped(
    rng: random.Random, said: str, name: str, scope: str, where: Mention, *, plural: bool = True
) -> Mention:
    whole = f"{said} {where.said}".strip()
    arguments = {"device": name, "scope": scope, **where.arguments}
    return Mention(
        whole, arguments, whole.removeprefix("the "), whole, plural and not said.startswith("every")
    )


def _except(rng: random.Random, name: str, group: DeviceGroup, where: Mention) -> Mention:
    kept = room_name(rng) if group.rooms and rng.random() < 0.5 else group.own.draw(rng)
    spared = f"{rng.choice(EXCEPTS)} {the_room(kept)}"
    arguments = {"device": name, "scope": "all", "except": kept, **where.arguments}
    whole = f"all the {name} {where.said}".strip() + f" {spared}"
    return Mention(whole, arguments, whole, f"all but {the_room(kept)}", plural=True)


_PERCENTS = tuple(range(5, 101, 5)) + (1, 2, 3, 33, 66, 75)
_SHARES = {
    "half": ("half", "one half", "half way"), "a third": ("a third", "one third"),
    "two thirds": ("two thirds",), "a quarter": ("a quarter", "one quarter"),
    "three quarters": ("three quarters",), "maximum": ("maximum", "the maximum", "full", "the highest"),
    "minimum": ("minimum", "the minimum", "min", "the lowest"),
}  # fmt: skip


def percent(rng: random.Random) -> Mention:
    """ "fifty percent", "half", "maximum"."""
    if rng.random() < 0.3:
        share = rng.choice(list(_SHARES))
        return Mention(rng.choice(_SHARES[share]), {"value": share}, told=_SHARES[share][0])
    value = rng.choice(_PERCENTS)
    if rng.random() < 0.15:
        return Mention(spoken(value), {"value": value}, told=f"{spoken(value)} percent")
    return Mention(f"{spoken(value)} percent", {"value": value, "unit": "percent"})


def degrees(rng: random.Random) -> Mention:
    """ "twenty one and a half degrees", "seventy fahrenheit", "twenty two"."""
    kind, value = rng.random(), rng.randint(15, 28)
    if kind < 0.15:
        shape = rng.choice(("{} and a half degrees", "{} point five degrees", "{} point five"))
        unit: Arguments = {"unit": "degrees"} if shape.endswith("degrees") else {}
        return Mention(shape.format(spoken(value)), {"value": value + 0.5, **unit})
    if kind < 0.25:
        value = rng.randint(60, 82)
        said = rng.choice((f"{spoken(value)} fahrenheit", f"{spoken(value)} degrees fahrenheit"))
        return Mention(said, {"value": value, "unit": "fahrenheit"})
    if kind < 0.32:
        said = rng.choice((f"{spoken(value)} celsius", f"{spoken(value)} degrees celsius"))
        return Mention(said, {"value": value, "unit": "celsius"})
    if kind < 0.5:
        return Mention(spoken(value), {"value": value}, told=f"{spoken(value)} degrees")
    return Mention(f"{spoken(value)} degrees", {"value": value, "unit": "degrees"})


def kelvin(rng: random.Random) -> Mention:
    value = rng.choice((2_000, 2_200, 2_700, 3_000, 3_500, 4_000, 5_000, 6_500))
    return Mention(f"{spoken_value(value)} kelvin", {"value": value, "unit": "kelvin"})


def level(rng: random.Random) -> Mention:
    value = rng.randint(1, 6)
    said = rng.choice((f"level {spoken(value)}", f"speed {spoken(value)}", f"{spoken(value)}"))
    return Mention(said, {"value": value, "unit": "level"} if said.startswith("level") else {"value": value})


def step(unit: str, values: range) -> DrawMention:
    """How much more or less: "ten percent", "two degrees"."""

    def draw(rng: random.Random) -> Mention:
        value = rng.choice(values)
        return Mention(
            f"{spoken(value)} {unit.removesuffix('s') if value == 1 else unit}",
            {"value": value, "unit": unit},
        )

    return draw


def words(choose: Callable[[random.Random], str], argument: str) -> DrawMention:
    """A mention whose words are the argument."""

    def draw(rng: random.Random) -> Mention:
        said = choose(rng)
        return Mention(said, {argument: said})

    return draw


color = words(lambda rng: rng.choice(COLORS), "value")
mode = words(lambda rng: rng.choice([m for m in MODES if m not in ("off", "home")]), "value")


def words_of(choices: tuple[str, ...], argument: str) -> DrawMention:
    return words(lambda rng: rng.choice(choices), argument)


def person(rng: random.Random) -> Mention:
    """Somebody who is named and gives no argument."""
    name = names.PEOPLE.draw(rng)
    return Mention(name, {}, plural=name == "the kids")
