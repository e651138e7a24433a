"""Properties of entities: how a home's state is told (EntityState.state_json), asked for, and set by hand.

Their names are the same whatever backend an entity has; home.proto lists them.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.home.appliance import PERCENT, ApplianceKind, Scale, rounded
from duplexsla.home.devices import KINDS
from duplexsla.home.registry import VEHICLE
from duplexsla.home.state import Props
from duplexsla.tools.home import ALARM_MODES
from duplexsla.v1 import home_pb2 as pb

KELVIN = Scale(1_800, 6_500, 100, "kelvin")
MAX_ITEMS = 200  # of a list, or of a queue
MAX_TEXT = 256  # characters of one item
PLAYBACK = ("idle", "playing", "paused")
ACTIVITIES = ("docked", "working", "stopped")
TIMERS, WEATHER = "timers", "weather"  # one of each in a home


@dataclass(frozen=True)
class EntityProperty:
    """One property; `words` are what it is called when it is asked for, beside its name.

    `told` gives its value (None: it has none), `put` the properties that a value written by hand leaves, or
    raises ActionRefused; `said` is the value as an answer to a question.
    """

    name: str
    words: tuple[str, ...]
    told: Callable[[Props], Any]
    put: Callable[[Any], Props]
    unit: str = ""
    said: Callable[[Props], Any] | None = None

    def value(self, props: Props) -> Any:
        """As it is said to somebody who asks."""
        return self.said(props) if self.said else self.told(props)


def to_home(celsius: float, *, fahrenheit: bool) -> float:
    return rounded(round(celsius * 1.8 + 32, 1)) if fahrenheit else celsius


def from_home(degrees: float, *, fahrenheit: bool) -> float:
    return rounded((degrees - 32) / 1.8) if fahrenheit else degrees


def number_in(scale: Scale, value: Any, name: str) -> float:
    """Raises ActionRefused for what is no number, or outside of the scale."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ActionRefused(f"{name} takes a number")
    if not scale.minimum <= value <= scale.maximum:
        raise ActionRefused(f"{name} {value:g} is not between {scale.minimum} and {scale.maximum}")
    return rounded(value)


def word_of(words: tuple[str, ...], value: Any, name: str) -> str:
    """Raises ActionRefused for another word."""
    if not isinstance(value, str) or value not in words:
        raise ActionRefused(f"{name} cannot be {str(value)[:MAX_TEXT]!r}")
    return value


def kind_of(entity: pb.Entity) -> ApplianceKind | None:
    """What kind of device it is; None for what is none (a door's lock, a list, a scene)."""
    return KINDS.get(entity.id.rpartition("/")[2]) if entity.area else None


@cache
def _properties(device: str, entity_class: pb.EntityClass, fahrenheit: bool) -> tuple[EntityProperty, ...]:
    kind = KINDS.get(device)
    found = list(_of_class(entity_class))
    if kind is not None:
        found = [*_switch(kind), *_scaled(kind, fahrenheit), *_chosen(kind), *found]
        found += _reported(kind, fahrenheit)
    return tuple(found)


def properties_of(entity: pb.Entity, *, fahrenheit: bool) -> tuple[EntityProperty, ...]:
    """Those that are told of an entity, in this order."""
    if entity.id == VEHICLE:
        return _VEHICLE
    device = entity.id.rpartition("/")[2] if kind_of(entity) else ""
    return _properties(device, entity.entity_class, fahrenheit)


def asked_for(properties: tuple[EntityProperty, ...], word: str) -> EntityProperty:
    """The property of this name. Raises DeviceRefused."""
    for each in properties:
        if word == each.name or word in each.words:
            return each
    raise DeviceRefused(f"it has no {word[:MAX_TEXT]}")


def put_by_hand(properties: tuple[EntityProperty, ...], given: dict[str, Any]) -> Props:
    """What is left when somebody sets these properties. Raises ActionRefused.

    Whether it is on comes last, as setting a level turns most things on; a cover opens before it goes to a
    position.
    """
    known = {each.name: each for each in properties}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise ActionRefused(f"it has no {unknown[0][:MAX_TEXT]}")
    moved: Props = {}
    for name in sorted(given, key=lambda name: (name == "on", [*known].index(name))):
        moved |= known[name].put(given[name])
    return moved


def _bool(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise ActionRefused(f"{name} is true or false")
    return value


def _switch(kind: ApplianceKind) -> Iterator[EntityProperty]:
    name = {"power": "on", "state": "open"}.get(kind.switch)
    if name:
        yes = name
        yield EntityProperty(
            name,
            ("power", "state"),
            told=lambda props: props[kind.switch] == yes,
            put=lambda value: kind.switched(on=_bool(value, yes)),
            said=lambda props: props[kind.switch],
        )


def _scaled(kind: ApplianceKind, fahrenheit: bool) -> Iterator[EntityProperty]:
    """The first scale is the level; others have their names."""
    levels = [name for name in kind.scales if name != "temperature"]
    for name in levels:
        yield _level(kind, name, "level" if name == levels[0] else name)
    if "temperature" in kind.scales:
        yield EntityProperty(
            "temperature",
            (),
            told=lambda props: to_home(props["temperature"], fahrenheit=fahrenheit),
            put=lambda value: kind.reached("temperature", _celsius(kind, value, fahrenheit)),
            unit="degrees",
        )


def _level(kind: ApplianceKind, name: str, told_as: str) -> EntityProperty:
    scale = kind.scales[name]
    return EntityProperty(
        told_as,
        (name,),
        told=lambda props: scale.percent(props[name]),
        put=lambda value: kind.reached(name, scale.set(number_in(percent_of(scale), value, name), "percent")),
        unit="percent",
    )


def percent_of(scale: Scale) -> Scale:
    """The percents that a scale takes."""
    return scale if scale.unit == "percent" else PERCENT


def _celsius(kind: ApplianceKind, value: Any, fahrenheit: bool) -> float:
    return from_home(
        number_in(degrees_of(kind, fahrenheit=fahrenheit), value, "temperature"), fahrenheit=fahrenheit
    )


def degrees_of(kind: ApplianceKind, *, fahrenheit: bool) -> Scale:
    """The degrees that it takes, in the home's unit."""
    scale = kind.scales["temperature"]
    if not fahrenheit:
        return scale
    lowest, highest = (round(to_home(each, fahrenheit=True)) for each in (scale.minimum, scale.maximum))
    return Scale(lowest, highest, scale.step, scale.unit)


def celsius_step(kind: ApplianceKind, props: Props, degrees: float, *, fahrenheit: bool) -> float:
    """A signed step of degrees in the home's unit, in Celsius; whole degrees lead to whole degrees."""
    now: float = props["temperature"]
    scale = degrees_of(kind, fahrenheit=fahrenheit)
    target = min(scale.maximum, max(scale.minimum, to_home(now, fahrenheit=fahrenheit) + degrees))
    return from_home(target, fahrenheit=fahrenheit) - now


def _chosen(kind: ApplianceKind) -> Iterator[EntityProperty]:
    for name, words in kind.choices.items():
        yield from _colored(words) if name == "color" else [_worded(name, words)]


def _colored(words: tuple[str, ...]) -> Iterator[EntityProperty]:
    """A light has a color temperature since one was set, until a color is."""
    yield EntityProperty(
        "color",
        (),
        told=lambda props: props["color"],
        put=lambda value: {"color": word_of(words, value, "color"), "color temperature": None},
    )
    yield EntityProperty(
        "color_temperature",
        ("color temperature",),
        told=lambda props: props.get("color temperature"),
        put=lambda value: white(number_in(KELVIN, value, "color temperature")),
        unit="kelvin",
    )


def white(kelvin: float) -> Props:
    """A light's properties at a color temperature."""
    return {"color": "warm white" if kelvin < 3_500 else "white", "color temperature": kelvin}


def _worded(name: str, words: tuple[str, ...], *aliases: str) -> EntityProperty:
    return EntityProperty(
        name,
        aliases,
        told=lambda props: props[name],
        put=lambda value: {name: word_of(words, value, name)},
    )


def _reported(kind: ApplianceKind, fahrenheit: bool) -> Iterator[EntityProperty]:
    """What a device measures."""
    measured = kind.defaults.keys() - kind.scales.keys()
    yield from (_percents(name) for name in ("humidity", "battery") if name in measured)
    if "temperature" in measured:
        yield EntityProperty(
            "temperature",
            (),
            told=lambda props: to_home(props["temperature"], fahrenheit=fahrenheit),
            put=lambda value: {
                "temperature": from_home(
                    number_in(Scale(-60, 140, 1, "degrees"), value, "temperature"), fahrenheit=fahrenheit
                )
            },
            unit="degrees",
        )
    if "motion" in kind.defaults:
        yield _worded("motion", ("none", "detected"), "presence")


def _percents(name: str) -> EntityProperty:
    return EntityProperty(
        name,
        (),
        told=lambda props: props[name],
        put=lambda value: {name: number_in(PERCENT, value, name)},
        unit="percent",
    )


def _of_class(entity_class: pb.EntityClass) -> tuple[EntityProperty, ...]:
    if entity_class == pb.ENTITY_CLASS_ALARM:
        raised = EntityProperty(
            "triggered",
            (),
            told=lambda props: props.get("triggered"),
            put=lambda value: {"triggered": _text(value, "triggered")},
        )
        return (_worded("mode", (*ALARM_MODES, "disarmed"), "state", "power", "lock"), raised)
    return _SPECIAL.get(entity_class, ())


def _texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise ActionRefused(f"{name} are at most {MAX_ITEMS} texts")
    return [_text(each, name) for each in value]


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise ActionRefused(f"{name} takes a text of at most {MAX_TEXT} characters")
    return value


def playback(props: Props) -> str:
    """Nothing plays where the player is off."""
    return props.get("playback", "idle") if props["power"] == "on" else "idle"


def title(props: Props) -> str | None:
    queue = props.get("queue", [])
    return queue[props.get("track", 0) % len(queue)] if queue else None


def activity(props: Props) -> str:
    if props["power"] == "on":
        return "working"
    return "stopped" if props.get("stopped") else "docked"


def _active(value: Any) -> Props:
    word = word_of(ACTIVITIES, value, "activity")
    return {"power": "on" if word == "working" else "off", "stopped": True if word == "stopped" else None}


_PLAYER = (
    EntityProperty(
        "playback",
        (),
        told=playback,
        put=lambda value: {"playback": word_of(PLAYBACK, value, "playback")},
    ),
    EntityProperty(
        "title", ("track title",), told=title, put=lambda v: {"queue": [_text(v, "title")], "track": 0}
    ),
    EntityProperty(
        "queue",
        (),
        told=lambda props: props.get("queue", []),
        put=lambda value: {"queue": _texts(value, "queue")},
    ),
    EntityProperty(
        "track",
        (),
        told=lambda props: props.get("track", 0),
        put=lambda value: {"track": int(number_in(Scale(0, MAX_ITEMS, 1, ""), value, "track"))},
    ),
    EntityProperty(
        "muted",
        (),
        told=lambda props: props.get("muted", False),
        put=lambda value: {"muted": _bool(value, "muted")},
    ),
)
_VEHICLE = (
    EntityProperty(
        "driving",
        (),
        told=lambda props: props["driving"],
        put=lambda value: {"driving": _bool(value, "driving")},
    ),
)
_ROBOT = (EntityProperty("activity", (), told=activity, put=_active),)
_SPECIAL: dict[pb.EntityClass, tuple[EntityProperty, ...]] = {
    pb.ENTITY_CLASS_MEDIA_PLAYER: _PLAYER,
    pb.ENTITY_CLASS_VACUUM: _ROBOT,
    pb.ENTITY_CLASS_MOWER: _ROBOT,
    pb.ENTITY_CLASS_LOCK: (
        EntityProperty(
            "locked",
            ("lock", "state", "power"),
            told=lambda props: props["lock"] == "locked",
            put=lambda value: {"lock": "locked" if _bool(value, "locked") else "unlocked"},
            said=lambda props: props["lock"],
        ),
        EntityProperty(
            "open",
            (),
            told=lambda props: props.get("open", False),
            put=lambda value: {"open": _bool(value, "open")},
        ),
    ),
    pb.ENTITY_CLASS_LIST: (
        EntityProperty(
            "items",
            ("state",),
            told=lambda props: props.get("items", []),
            put=lambda value: {"items": _texts(value, "items")},
        ),
        EntityProperty(
            "done",
            (),
            told=lambda props: props.get("done", []),
            put=lambda value: {"done": _texts(value, "done")},
        ),
    ),
}
