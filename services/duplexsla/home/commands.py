"""Commands on entities: what each of the thirty does to what is there (home.proto)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.home import timers
from duplexsla.home.appliance import ApplianceKind, Scale
from duplexsla.home.devices import activated
from duplexsla.home.media import songs_like
from duplexsla.home.properties import (
    KELVIN,
    MAX_ITEMS,
    MAX_TEXT,
    EntityProperty,
    asked_for,
    celsius_step,
    degrees_of,
    from_home,
    kind_of,
    number_in,
    percent_of,
    playback,
    properties_of,
    put_by_hand,
    title,
    to_home,
    white,
    word_of,
)
from duplexsla.home.registry import CELSIUS_UTC, HomeConfiguration
from duplexsla.home.search import weather
from duplexsla.home.state import Props, State, StateChange, changed
from duplexsla.tools.home import ALARM_MODES
from duplexsla.v1 import home_pb2 as pb

_ANY_STEP = Scale(-100, 100, 1, "percent")
_SECONDS = Scale(-timers.MAX_S, timers.MAX_S, 1, "seconds")


@dataclass(frozen=True)
class CommandCall:
    """One command to one entity, and what is there."""

    state: State
    entity: pb.Entity
    number: float | None
    text: str
    now_ms: int
    configuration: HomeConfiguration = CELSIUS_UTC

    @property
    def props(self) -> Props:
        return self.state.get(self.entity.id, {})

    @property
    def kind(self) -> ApplianceKind:
        kind = kind_of(self.entity)
        assert kind is not None, f"the registry offers this of {self.entity.id}, which is no device"
        return kind

    def moved(self, **values: Any) -> StateChange:
        """These properties of the entity, which was used."""
        used = {"used_ms": self.now_ms} if kind_of(self.entity) else {}
        return StateChange({}, changed(self.state, self.entity.id, **values, **used))

    def needed_text(self, name: str) -> str:
        if not 0 < len(self.text) <= MAX_TEXT:
            raise ActionRefused(f"a {name} is missing, or longer than {MAX_TEXT} characters")
        return self.text


def executed(command: pb.Command, call: CommandCall) -> StateChange:
    """What it changes. Raises DeviceRefused for what the entity cannot, ActionRefused for a wrong value."""
    if command not in call.entity.commands:
        raise DeviceRefused(f"{call.entity.name}: it does not take {command_name(command)}")
    if command == pb.COMMAND_QUERY:
        return StateChange(_answer(call))
    by_class = _BY_CLASS.get(call.entity.entity_class, {})
    change = (by_class.get(command) or _COMMANDS[command])(call)
    return StateChange({}, change.updates)


def command_name(command: int) -> str:
    """For example "turn_on"; a number for one that is not known."""
    known = command in pb.Command.values()
    return pb.Command.Name(command).removeprefix("COMMAND_").lower() if known else str(command)


def told(call: CommandCall) -> dict[str, Any]:
    """An entity's state as everybody is told it."""
    if call.entity.entity_class == pb.ENTITY_CLASS_SCENE:
        return {"active": f"scene/{call.state['scene']['active']}" == call.entity.id}
    if call.entity.entity_class == pb.ENTITY_CLASS_TIMER:
        return {"timers": timers.told(call.state, call.now_ms)}
    if call.entity.entity_class == pb.ENTITY_CLASS_WEATHER:
        return {day: _weather(call, day) for day in ("today", "tomorrow")}
    values = {each.name: each.told(call.props) for each in _properties(call)}
    return {name: value for name, value in values.items() if value is not None}


def by_hand(call: CommandCall, given: Mapping[str, Any]) -> StateChange:
    """Somebody sets these properties. Raises ActionRefused, DeviceRefused."""
    properties = _properties(call)
    if not properties:
        raise DeviceRefused(f"{call.entity.name}: nobody can set it by hand")
    return StateChange({}, changed(call.state, call.entity.id, **put_by_hand(properties, dict(given))))


def _properties(call: CommandCall) -> tuple[EntityProperty, ...]:
    return properties_of(call.entity, fahrenheit=call.configuration.fahrenheit)


def _answer(call: CommandCall) -> dict[str, Any]:
    """`value` and `unit` of what was asked for; without a property, nothing beside the state."""
    if call.entity.entity_class == pb.ENTITY_CLASS_TIMER:
        named = call.text or told(call)["timers"]
        return (
            {"value": timers.left_s(call.state, call.text, call.now_ms), "unit": "seconds"} if named else {}
        )
    if not call.text:
        return {}
    if call.entity.entity_class == pb.ENTITY_CLASS_WEATHER:
        day = _weather(call, word_of(("today", "tomorrow"), call.text, "weather"))
        return {"value": f"{day['sky']} {day['temperature']:g}", "unit": "degrees"}
    asked = asked_for(_properties(call), call.text)
    value = {"value": asked.value(call.props)}
    return {**value, "unit": asked.unit} if asked.unit else value


def _weather(call: CommandCall, day: str) -> dict[str, Any]:
    now = datetime.fromtimestamp(call.now_ms / 1_000, UTC).astimezone(ZoneInfo(call.configuration.time_zone))
    sky, celsius = weather("here", (now + timedelta(days=day == "tomorrow")).date())
    return {"sky": sky, "temperature": to_home(celsius, fahrenheit=call.configuration.fahrenheit)}


def _on(call: CommandCall) -> StateChange:
    return call.moved(**call.kind.switched(on=True))


def _off(call: CommandCall) -> StateChange:
    return call.moved(**call.kind.switched(on=False), **call.kind.ended())


def _level(call: CommandCall) -> StateChange:
    """`text` names one of several levels; without it the entity's own."""
    name, scale = _scale(call)
    percent = number_in(percent_of(scale), call.number, name)
    return call.moved(**call.kind.reached(name, scale.set(percent, "percent")))


def _level_step(call: CommandCall) -> StateChange:
    name, _ = _scale(call)
    return _stepped(call, name, number_in(_ANY_STEP, call.number, name), "percent")


def _stepped(call: CommandCall, name: str, by: float, unit: str) -> StateChange:
    direction = 1 if by > 0 else -1
    return call.moved(**call.kind.stepped(call.props, name, direction, abs(by), unit)[1])


def _scale(call: CommandCall) -> tuple[str, Scale]:
    levels = {name: scale for name, scale in call.kind.scales.items() if name != "temperature"}
    name = next(iter(levels)) if call.text in ("", "level") else call.text
    if name not in levels:
        raise DeviceRefused(f"{call.entity.name}: it has no {name[:MAX_TEXT]} to set")
    return name, levels[name]


def _color(call: CommandCall) -> StateChange:
    color = word_of(call.kind.choices["color"], call.text, "color")
    return call.moved(**call.kind.set("color", color)[1], **{"color temperature": None})


def _color_temperature(call: CommandCall) -> StateChange:
    return call.moved(power="on", **white(number_in(KELVIN, call.number, "color temperature")))


def _temperature(call: CommandCall) -> StateChange:
    fahrenheit = call.configuration.fahrenheit
    degrees = number_in(degrees_of(call.kind, fahrenheit=fahrenheit), call.number, "temperature")
    return call.moved(**call.kind.reached("temperature", from_home(degrees, fahrenheit=fahrenheit)))


def _temperature_step(call: CommandCall) -> StateChange:
    scale = degrees_of(call.kind, fahrenheit=call.configuration.fahrenheit)
    span = scale.maximum - scale.minimum
    degrees = number_in(Scale(-span, span, 1, "degrees"), call.number, "temperature")
    by = celsius_step(call.kind, call.props, degrees, fahrenheit=call.configuration.fahrenheit)
    return _stepped(call, "temperature", by, "degrees")


def _mode(call: CommandCall) -> StateChange:
    mode = word_of(call.kind.choices["mode"], call.text, "mode")
    return call.moved(**call.kind.set("mode", mode)[1])


def _nothing(call: CommandCall) -> StateChange:
    """Covers arrive at once, so that they stop where they are."""
    return StateChange({})


def _lock(call: CommandCall) -> StateChange:
    return locked(call.state, call.entity.id)


def _unlock(call: CommandCall) -> StateChange:
    return StateChange({}, changed(call.state, call.entity.id, lock="unlocked"))


def locked(state: State, door: str) -> StateChange:
    """Raises DeviceRefused while the door stands open."""
    if state[door].get("open"):
        raise DeviceRefused(f"{door.removeprefix('door/')}: it stands open")
    return StateChange({}, changed(state, door, lock="locked"))


def _arm(call: CommandCall) -> StateChange:
    return StateChange({}, changed(call.state, call.entity.id, mode=word_of(ALARM_MODES, call.text, "mode")))


def _disarm(call: CommandCall) -> StateChange:
    return StateChange({}, changed(call.state, call.entity.id, mode="disarmed", triggered=None))


def _robot_stop(call: CommandCall) -> StateChange:
    return call.moved(power="off", stopped=True)


def _dock(call: CommandCall) -> StateChange:
    return call.moved(power="off", stopped=None)


def _play(call: CommandCall) -> StateChange:
    """What was asked for and what goes with it; without a text whatever fits."""
    if len(call.text) > MAX_TEXT:
        raise ActionRefused(f"what to play is longer than {MAX_TEXT} characters")
    queue = songs_like(call.text, call.now_ms)
    return call.moved(power="on", playback="playing", queue=queue, track=0)


def _pause(call: CommandCall) -> StateChange:
    return _plays(call, playback="paused")


def _resume(call: CommandCall) -> StateChange:
    return _plays(call, playback="playing")


def _skip(by: int) -> Callable[[CommandCall], StateChange]:
    """Around the end to the other one."""

    def skipped(call: CommandCall) -> StateChange:
        track = (call.props.get("track", 0) + by) % max(1, len(call.props.get("queue", [])))
        return _plays(call, playback="playing", track=track)

    return skipped


def _plays(call: CommandCall, **values: Any) -> StateChange:
    """Raises DeviceRefused where nothing plays or is paused."""
    if playback(call.props) == "idle" or title(call.props) is None:
        raise DeviceRefused(f"{call.entity.name}: nothing is playing")
    return call.moved(**values)


def _player_stop(call: CommandCall) -> StateChange:
    return call.moved(**call.kind.ended())


def _mute(call: CommandCall) -> StateChange:
    return call.moved(muted=True)


def _unmute(call: CommandCall) -> StateChange:
    return call.moved(muted=None)


def _activate(call: CommandCall) -> StateChange:
    return StateChange({}, activated(call.state, call.entity.id.removeprefix("scene/")))


def _add(call: CommandCall) -> StateChange:
    return StateChange({}, added(call.state, call.entity.id, call.needed_text("item")))


def added(state: State, entity: str, item: str) -> dict[str, Props | None]:
    """Raises DeviceRefused when the list is full."""
    items = [*state.get(entity, {}).get("items", []), item]
    if len(items) > MAX_ITEMS:
        raise DeviceRefused(f"{entity.removeprefix('list/')} list: it is full")
    return changed(state, entity, items=items)


def _remove(call: CommandCall) -> StateChange:
    """The first of that name; of those that are done, too."""
    for name in ("items", "done"):
        items = list(call.props.get(name, []))
        if call.needed_text("item") in items:
            items.remove(call.text)
            return StateChange({}, changed(call.state, call.entity.id, **{name: items}))
    raise _not_listed(call)


def _complete(call: CommandCall) -> StateChange:
    """The newest of those that are done are kept; what is done stays so."""
    items, done = list(call.props.get("items", [])), list(call.props.get("done", []))
    if call.needed_text("item") not in items:
        if call.text in done:
            return StateChange({})
        raise _not_listed(call)
    items.remove(call.text)
    done = [*done, call.text][-MAX_ITEMS:]
    return StateChange({}, changed(call.state, call.entity.id, items=items, done=done))


def _not_listed(call: CommandCall) -> DeviceRefused:
    return DeviceRefused(f"{call.entity.name}: there is no {call.text}")


def _timer_start(call: CommandCall) -> StateChange:
    if len(call.text) > MAX_TEXT:
        raise ActionRefused(f"a timer's name is longer than {MAX_TEXT} characters")
    seconds = number_in(_SECONDS, call.number, "seconds")
    return timers.started(call.state, call.text, seconds, call.now_ms)[1]


def _timer_step(call: CommandCall) -> StateChange:
    return timers.stepped(call.state, call.text, number_in(_SECONDS, call.number, "seconds"), call.now_ms)


_COMMANDS: Mapping[pb.Command, Callable[[CommandCall], StateChange]] = {
    pb.COMMAND_TURN_ON: _on,
    pb.COMMAND_TURN_OFF: _off,
    pb.COMMAND_SET_LEVEL: _level,
    pb.COMMAND_STEP_LEVEL: _level_step,
    pb.COMMAND_SET_COLOR: _color,
    pb.COMMAND_SET_COLOR_TEMPERATURE: _color_temperature,
    pb.COMMAND_SET_TEMPERATURE: _temperature,
    pb.COMMAND_STEP_TEMPERATURE: _temperature_step,
    pb.COMMAND_SET_MODE: _mode,
    pb.COMMAND_OPEN: _on,
    pb.COMMAND_CLOSE: _off,
    pb.COMMAND_STOP: _nothing,
    pb.COMMAND_LOCK: _lock,
    pb.COMMAND_UNLOCK: _unlock,
    pb.COMMAND_ARM: _arm,
    pb.COMMAND_DISARM: _disarm,
    pb.COMMAND_START: _on,
    pb.COMMAND_DOCK: _dock,
    pb.COMMAND_PLAY: _play,
    pb.COMMAND_PAUSE: _pause,
    pb.COMMAND_RESUME: _resume,
    pb.COMMAND_NEXT: _skip(1),
    pb.COMMAND_PREVIOUS: _skip(-1),
    pb.COMMAND_MUTE: _mute,
    pb.COMMAND_UNMUTE: _unmute,
    pb.COMMAND_ACTIVATE: _activate,
    pb.COMMAND_ADD_ITEM: _add,
    pb.COMMAND_REMOVE_ITEM: _remove,
    pb.COMMAND_COMPLETE_ITEM: _complete,
}
_ROBOTS: Mapping[pb.Command, Callable[[CommandCall], StateChange]] = {pb.COMMAND_STOP: _robot_stop}
_BY_CLASS: Mapping[pb.EntityClass, Mapping[pb.Command, Callable[[CommandCall], StateChange]]] = {
    pb.ENTITY_CLASS_VACUUM: _ROBOTS,
    pb.ENTITY_CLASS_MOWER: _ROBOTS,
    pb.ENTITY_CLASS_MEDIA_PLAYER: {pb.COMMAND_STOP: _player_stop},
    pb.ENTITY_CLASS_TIMER: {
        pb.COMMAND_START: _timer_start,
        pb.COMMAND_STOP: lambda call: timers.stopped(call.state, call.text, call.now_ms),
        pb.COMMAND_PAUSE: lambda call: timers.paused(call.state, call.text, call.now_ms),
        pb.COMMAND_RESUME: lambda call: timers.resumed(call.state, call.text, call.now_ms),
        pb.COMMAND_STEP_LEVEL: _timer_step,
    },
}
