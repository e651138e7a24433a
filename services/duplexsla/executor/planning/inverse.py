"""What takes one command back: commands that leave the entity as it was before.

    inverse(entity, command, before) -> commands, none where nothing was changed; or CannotDo

Each has a risk of its own: undoing a lock is an unlock. States are JSON objects as backends tell them: on,
open, locked, muted (bool), level and further levels by name (percent), color, color_temperature (kelvin),
temperature, mode, playback, activity, items, done. What the state does not tell is not guessed.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from duplexsla.executor.planning.entity_risk import risk_of
from duplexsla.executor.planning.home_names import HomeEntity
from duplexsla.executor.planning.plans import CannotDo, PlannedCommand, told_apart
from duplexsla.executor.planning.property_commands import CannotBeDone, Wish
from duplexsla.v1 import home_pb2 as pb

Props = Mapping[str, Any]
DISARMED = "disarmed"
PLAYING = "playing"
WORKING = "working"


def inverse(
    entity: HomeEntity, command: pb.EntityCommand, before: pb.EntityState
) -> tuple[PlannedCommand, ...] | CannotDo:
    """`before`: the entity's state when the command was given."""
    props = _props(before)
    try:
        if command.command not in _INVERSES or (not props and command.command != pb.COMMAND_QUERY):
            raise CannotBeDone(f"{entity.spoken}: that cannot be taken back")
        wishes = _INVERSES[command.command](entity, command, props)
    except CannotBeDone as refusal:
        return CannotDo(str(refusal))
    for wish in wishes:
        if wish.command not in entity.commands:
            return CannotDo(f"{entity.spoken}: that cannot be taken back")
    return told_apart(
        [
            PlannedCommand(entity, each.command, each.number, each.text, risk_of(entity, each.command))
            for each in wishes
        ]
    )


def _props(state: pb.EntityState) -> Props:
    try:
        props = json.loads(state.state_json or "{}")
    except ValueError:
        return {}
    return props if isinstance(props, dict) else {}


def _known(entity: HomeEntity, props: Props, name: str, kind: type | tuple[type, ...]) -> Any:
    value = props.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise CannotBeDone(f"{entity.spoken}: nobody knows how it was")
    return value


def _nothing(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    return []


def _power(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    on = command.command == pb.COMMAND_TURN_ON
    if _known(entity, props, "on", bool) == on:
        return []
    return [Wish(pb.COMMAND_TURN_OFF if on else pb.COMMAND_TURN_ON)]


def _or_off(entity: HomeEntity, props: Props, wishes: list[Wish]) -> list[Wish]:
    """What was set turned it on, if it was off."""
    return wishes if props.get("on", True) else [Wish(pb.COMMAND_TURN_OFF)]


def _level(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    """Of a cover, where it stood; of a timer, as much less or more."""
    if entity.entity_class == pb.ENTITY_CLASS_TIMER:
        return [Wish(pb.COMMAND_STEP_LEVEL, -command.number, command.text)]
    name = command.text if command.text in props else "level"
    return _or_off(
        entity,
        props,
        [Wish(pb.COMMAND_SET_LEVEL, float(_known(entity, props, name, (int, float))), command.text)],
    )


def _color(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    """A white by its temperature, if it had one."""
    if isinstance(kelvin := props.get("color_temperature"), int | float):
        return _or_off(entity, props, [Wish(pb.COMMAND_SET_COLOR_TEMPERATURE, float(kelvin))])
    return _or_off(entity, props, [Wish(pb.COMMAND_SET_COLOR, text=_known(entity, props, "color", str))])


def _temperature(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    degrees = float(_known(entity, props, "temperature", (int, float)))
    wishes = [Wish(pb.COMMAND_SET_TEMPERATURE, degrees)]
    return wishes if props.get("on", True) else [*wishes, Wish(pb.COMMAND_TURN_OFF)]


def _mode(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    wishes = [Wish(pb.COMMAND_SET_MODE, text=_known(entity, props, "mode", str))]
    return wishes if props.get("on", True) else [*wishes, Wish(pb.COMMAND_TURN_OFF)]


def _opening(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    """To the position where it stood, or open or closed as it was."""
    position = props.get("level")
    if not isinstance(position, int | float):
        position = 0
    if 0 < position < 100 and pb.COMMAND_SET_LEVEL in entity.commands:
        return [Wish(pb.COMMAND_SET_LEVEL, float(position), "position")]
    was_open = bool(_known(entity, props, "open" if "open" in props else "on", bool))
    if was_open == (command.command == pb.COMMAND_OPEN):
        return []
    return [Wish(pb.COMMAND_OPEN if was_open else pb.COMMAND_CLOSE)]


def _lock(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    locked = _known(entity, props, "locked", bool)
    if locked == (command.command == pb.COMMAND_LOCK):
        return []
    return [Wish(pb.COMMAND_LOCK if locked else pb.COMMAND_UNLOCK)]


def _alarm(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    mode = _known(entity, props, "mode", str)
    now = DISARMED if command.command == pb.COMMAND_DISARM else command.text
    if mode == now:
        return []
    return [Wish(pb.COMMAND_DISARM) if mode == DISARMED else Wish(pb.COMMAND_ARM, text=mode)]


def _playback(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    """Of players, and of timers. What played before a new title is gone: it can only be silent."""
    if entity.entity_class == pb.ENTITY_CLASS_TIMER:
        paused = command.command == pb.COMMAND_PAUSE
        return [Wish(pb.COMMAND_RESUME if paused else pb.COMMAND_PAUSE, text=command.text)]
    was = _known(entity, props, "playback", str)
    if command.command == pb.COMMAND_PAUSE:
        return [Wish(pb.COMMAND_RESUME)] if was == PLAYING else []
    if was == PLAYING:
        if command.command == pb.COMMAND_RESUME:
            return []
        raise CannotBeDone(f"{entity.spoken}: what played before is gone")
    return _or_off(entity, props, [Wish(pb.COMMAND_PAUSE)])


def _track(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    return [Wish(pb.COMMAND_PREVIOUS if command.command == pb.COMMAND_NEXT else pb.COMMAND_NEXT)]


def _mute(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    muted = _known(entity, props, "muted", bool)
    if muted == (command.command == pb.COMMAND_MUTE):
        return []
    return [Wish(pb.COMMAND_MUTE if muted else pb.COMMAND_UNMUTE)]


def _work(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    """A timer that was started is stopped; a robot goes back, or out again."""
    if entity.entity_class == pb.ENTITY_CLASS_TIMER:
        return [Wish(pb.COMMAND_STOP, text=command.text)]
    worked = _known(entity, props, "activity", str) == WORKING
    if worked == (command.command == pb.COMMAND_START):
        return []
    return [Wish(pb.COMMAND_START if worked else pb.COMMAND_DOCK)]


def _stop(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    """A robot goes on; where a cover was, what played and which timer it was is gone."""
    if entity.entity_class in (pb.ENTITY_CLASS_VACUUM, pb.ENTITY_CLASS_MOWER):
        return _work(entity, command, props)
    raise CannotBeDone(f"{entity.spoken}: that cannot be taken back")


def _item(entity: HomeEntity, command: pb.EntityCommand, props: Props) -> list[Wish]:
    """An item that was there stays."""
    there = command.text in _known(entity, props, "items", list)
    if command.command == pb.COMMAND_ADD_ITEM:
        return [] if there else [Wish(pb.COMMAND_REMOVE_ITEM, text=command.text)]
    return [Wish(pb.COMMAND_ADD_ITEM, text=command.text)] if there else []


Inverse = Callable[[HomeEntity, pb.EntityCommand, Props], list[Wish]]
_INVERSES: dict[pb.Command, Inverse] = {
    pb.COMMAND_QUERY: _nothing,
    pb.COMMAND_TURN_ON: _power, pb.COMMAND_TURN_OFF: _power,
    pb.COMMAND_SET_COLOR: _color, pb.COMMAND_SET_COLOR_TEMPERATURE: _color,
    pb.COMMAND_SET_TEMPERATURE: _temperature, pb.COMMAND_STEP_TEMPERATURE: _temperature,
    pb.COMMAND_SET_MODE: _mode, pb.COMMAND_SET_LEVEL: _level, pb.COMMAND_STEP_LEVEL: _level,
    pb.COMMAND_OPEN: _opening, pb.COMMAND_CLOSE: _opening,
    pb.COMMAND_LOCK: _lock, pb.COMMAND_UNLOCK: _lock, pb.COMMAND_ARM: _alarm, pb.COMMAND_DISARM: _alarm,
    pb.COMMAND_START: _work, pb.COMMAND_DOCK: _work, pb.COMMAND_STOP: _stop,
    pb.COMMAND_PLAY: _playback, pb.COMMAND_PAUSE: _playback, pb.COMMAND_RESUME: _playback,
    pb.COMMAND_NEXT: _track, pb.COMMAND_PREVIOUS: _track,
    pb.COMMAND_MUTE: _mute, pb.COMMAND_UNMUTE: _mute,
    pb.COMMAND_ADD_ITEM: _item, pb.COMMAND_REMOVE_ITEM: _item,
}  # fmt: skip
