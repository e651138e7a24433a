"""The second turn of a conversation in a home: "and turn it off again", "a bit more", "the bedroom too".

The call is a whole one, with the words of the first turn for "it": the service remembers nothing of it.
"""

import random
from collections.abc import Callable
from dataclasses import replace

from duplexsla.protocol.channel_lines import event_text, outcome_text
from duplexsla.tools.home2 import HOME_2
from duplexsla_lab.data.home2 import mentions
from duplexsla_lab.data.home2 import second_turns as say
from duplexsla_lab.data.home2.grammar import finished, pattern
from duplexsla_lab.data.home2.lists import ITEMS
from duplexsla_lab.data.language.exchange import Arguments, Exchange, ExchangeDraft
from duplexsla_lab.data.language.intent_pattern import varied
from duplexsla_lab.data.language.spoken_times import duration
from duplexsla_lab.data.scenarios.answered_lines import answered
from duplexsla_lab.data.scenarios.happenings import happened
from duplexsla_lab.data.scenarios.scenario import ScenarioLine

Change = Callable[[random.Random, Arguments], tuple[str, Arguments, dict[str, str]]]
"""(function, arguments, slots) of a second turn."""


def _to(function: str, *kept: str, **fixed: str) -> Change:
    """A function with the arguments of the first turn that it takes, of those kept or all."""

    def change(rng: random.Random, before: Arguments) -> tuple[str, Arguments, dict[str, str]]:
        takes = {each.name for each in HOME_2.function(function).arguments}
        same = {k: v for k, v in before.items() if k in takes and k != "when" and (not kept or k in kept)}
        return function, {**same, **fixed}, {}

    return change


def _step(function: str) -> Change:
    return _to(function, "device", "room", "floor", "scope", "except", "property")


def _timed(function: str) -> Change:
    def change(rng: random.Random, before: Arguments) -> tuple[str, Arguments, dict[str, str]]:
        mention = duration(rng)
        named = {"name": before["name"]} if "name" in before else {}
        return function, {**named, **mention.arguments}, {"d": mention.said}

    return change


def _new_value(rng: random.Random, before: Arguments) -> tuple[str, Arguments, dict[str, str]]:
    draw = {
        "temperature": mentions.degrees,
        "color": mentions.color,
        "mode": mentions.mode,
        "speed": mentions.level,
    }
    value = draw.get(str(before["property"]), mentions.percent)(rng)
    same = {k: v for k, v in before.items() if k not in ("value", "unit", "when")}
    return "set_home_device", {**same, **value.arguments}, {"v": value.said}


def _other_room(function: str) -> Change:
    def change(rng: random.Random, before: Arguments) -> tuple[str, Arguments, dict[str, str]]:
        room = mentions.room(rng)
        same = {k: v for k, v in before.items() if k not in ("floor", "scope", "except", "when")}
        return function, {**same, **room.arguments}, {"r": room.said}

    return change


def _item(rng: random.Random, before: Arguments) -> tuple[str, Arguments, dict[str, str]]:
    item = rng.choice(ITEMS)
    return "add_list_item", {"item": item, "list": before["list"]}, {"i": item}


def _volume(function: str) -> Change:
    return lambda rng, before: (function, {"device": "music", "property": "volume"}, {})


FOLLOW_UPS: dict[str, tuple[tuple[str, Change], ...]] = {
    "open_home_device": (
        (say.OFF, _to("close_home_device")),
        (say.OFF, _to("close_home_device")),
        (say.ROOM, _other_room("open_home_device")),
    ),
    "close_home_device": (
        (say.ON, _to("open_home_device")),
        (say.ON, _to("open_home_device")),
        (say.ROOM, _other_room("close_home_device")),
    ),
    "set_home_device": (
        (say.NEW_VALUE, _new_value),
        (say.NEW_VALUE, _new_value),
        (say.MORE, _step("increase_home_device")),
        (say.LESS, _step("decrease_home_device")),
        (say.ROOM, _other_room("set_home_device")),
    ),
    "increase_home_device": (
        (say.MORE, _step("increase_home_device")),
        (say.MORE, _step("increase_home_device")),
        (say.LESS, _step("decrease_home_device")),
    ),
    "decrease_home_device": (
        (say.MORE, _step("decrease_home_device")),
        (say.MORE, _step("decrease_home_device")),
        (say.LESS, _step("increase_home_device")),
    ),
    "lock_home_door": ((say.UNLOCK, _to("unlock_home_door")),),
    "unlock_home_door": ((say.LOCK, _to("lock_home_door")),),
    "set_timer": (
        (say.TIMER_MORE, _timed("increase_timer")),
        (say.TIMER_LESS, _timed("decrease_timer")),
        (say.TIMER_OFF, _to("cancel_timer", "name")),
        (say.TIMER_ASK, _to("query_timer", "name")),
        (say.TIMER_PAUSE, _to("pause_timer", "name")),
    ),
    "add_list_item": ((say.ITEM, _item), (say.ITEM, _item), (say.ITEM_OFF, _to("remove_list_item"))),
    "play_home_media": (
        (say.LOUDER, _volume("increase_home_device")),
        (say.QUIETER, _volume("decrease_home_device")),
        (say.PAUSE, _to("pause_home_media", "room", "device")),
        (say.NEXT, _to("next_home_track", "room", "device")),
        (say.STOP, _to("stop_home_media", "room", "device")),
    ),
    "start_home_device": (
        (say.DOCK, _to("dock_home_device", "device", "room")),
        (say.HALT, _to("stop_home_device", "device")),
    ),
}
COVERS = (
    "blind",
    "shade",
    "curtain",
    "shutter",
    "window",
    "door",
    "gate",
    "awning",
    "drape",
    "garage",
    "skylight",
)
_REPLIES = "okay|sure|done|all right|okay done"


def follow_up(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """A request, and one or two more that lean on it; or something that happened, and a request about it."""
    if rng.random() < 0.12:
        return _after_event(rng)
    first = _request(rng)
    lines, before = [answered(first.said, first)], first
    for _ in range(rng.choice((1, 1, 2))):
        if before.function not in FOLLOW_UPS:
            break
        before = _second(rng, str(before.function), before.arguments)
        lines.append(answered(before.said, before))
    return tuple(lines)


def _request(rng: random.Random) -> Exchange:
    """One that came to something, now."""
    function = rng.choice(list(FOLLOW_UPS))
    drawn = pattern(rng, function).draw(rng, HOME_2)
    return finished(rng, drawn, failure=0.0)


def _second(rng: random.Random, function: str, before: Arguments) -> Exchange:
    phrasings, change = rng.choice(FOLLOW_UPS[function])
    device = str(before.get("device", ""))
    if phrasings in (say.OFF, say.ON) and any(cover in device for cover in COVERS):
        phrasings = say.CLOSE if phrasings is say.OFF else say.OPEN
    if phrasings is say.ROOM and "room" not in before:
        phrasings, change = FOLLOW_UPS[function][0]
    return second_turn(rng, phrasings, *change(rng, before))


def second_turn(
    rng: random.Random, phrasings: str, function: str, arguments: Arguments, slots: dict[str, str]
) -> Exchange:
    phrasing = rng.choice(phrasings.split("|"))
    said = varied(rng, phrasing).format(**slots)
    if _plural(arguments) and "device" in arguments:
        said = " ".join("them" if word == "it" else word for word in said.split())
    valid = dict(HOME_2.validate(function, arguments))
    reply = rng.choice(_REPLIES.split("|"))
    value = ""
    if function == "query_timer":
        value, reply = "7 minutes", "seven minutes"
    return finished(
        rng, ExchangeDraft(said, phrasing, function, valid, value, reply), failure=0.1, carried=False
    )


def _plural(arguments: Arguments) -> bool:
    return str(arguments.get("device", "")).endswith("s") or arguments.get("scope") in ("all", "both")


def _after_event(rng: random.Random) -> tuple[ScenarioLine, ...]:
    """ "[ opened front door]", and "lock it": what happened is what is meant."""
    door = rng.choice(mentions.DOORS.kinds)
    light = f"{rng.choice(('kitchen', 'hallway', 'bedroom', 'office'))} light"
    kind, name, phrasings, function, key = rng.choice(
        (
            ("closed", door, say.LOCK, "lock_home_door", "door"),
            ("opened", "garage door", say.CLOSE, "close_home_device", "device"),
            ("turned_on", light, say.OFF, "close_home_device", "device"),
            ("turned_off", light, say.ON, "open_home_device", "device"),
        )
    )
    arguments: Arguments = {key: name}
    if key == "device" and name.endswith(" light"):
        arguments = {"device": "light", "room": name.removesuffix(" light")}
    drawn = second_turn(rng, phrasings, function, arguments, {})
    return happened(event_text(kind, name)), answered(
        drawn.said, replace(drawn, outcome=outcome_text("done"), reply="okay")
    )
