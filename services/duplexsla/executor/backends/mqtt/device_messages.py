"""What is published for a command, and what the topics of a device tell of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from duplexsla.executor.backends.mqtt.discovery import Announced, brightness_of, commands_of, value_in
from duplexsla.executor.backends.outcomes import CallFinding, failure
from duplexsla.v1 import home_pb2 as pb

Props = dict[str, Any]
MEASURED = {"temperature": "degrees", "humidity": "percent", "battery": "percent"}
OPENINGS = ("door", "window", "opening", "garage_door", "lock")
MOVEMENTS = ("motion", "occupancy", "presence", "moving")
WORDS = {"on": ("off", "on"), "open": ("closed", "open"), "locked": ("unlocked", "locked")}


@dataclass(frozen=True)
class DeviceMessage:
    """`proved`: whether properties that were told after it are what was wanted."""

    topic: str
    payload: str
    proved: Callable[[Props], bool]


def message(command: pb.EntityCommand, one: Announced, told: Props) -> DeviceMessage:
    """`told`: its properties as far as they are known. Raises DeviceRefused, ActionRefused."""
    kind = command.command
    if kind not in commands_of(one):
        raise failure(CallFinding.NO_SUCH_DEVICE)
    topic = one.text("command_topic")
    if kind in (pb.COMMAND_TURN_ON, pb.COMMAND_TURN_OFF):
        on = kind == pb.COMMAND_TURN_ON
        return DeviceMessage(topic, _switch(one, on), lambda props: props.get("on") is on)
    if kind in (pb.COMMAND_LOCK, pb.COMMAND_UNLOCK):
        locked = kind == pb.COMMAND_LOCK
        payload = one.text("payload_lock", "LOCK") if locked else one.text("payload_unlock", "UNLOCK")
        return DeviceMessage(topic, payload, lambda props: props.get("locked") is locked)
    if kind in (pb.COMMAND_OPEN, pb.COMMAND_CLOSE):
        opened = kind == pb.COMMAND_OPEN
        payload = one.text("payload_open", "OPEN") if opened else one.text("payload_close", "CLOSE")
        return DeviceMessage(topic, payload, lambda props: props.get("open") is opened)
    if kind == pb.COMMAND_STOP:
        return DeviceMessage(topic, one.text("payload_stop", "STOP"), lambda props: True)
    level = _number(command)
    if kind == pb.COMMAND_STEP_LEVEL:
        now = 0.0 if told.get("on") is False else told.get("level")
        if not isinstance(now, int | float):
            raise failure(CallFinding.NO_SUCH_DEVICE, "it does not say how bright it is")
        level = min(100.0, max(0.0, now + level))
    if not 0 <= level <= 100:
        raise failure(CallFinding.BAD_VALUE, f"{level:g} is not between 0 and 100")
    return _level(one, level)


def properties(one: Announced, heard: Mapping[str, bytes]) -> Props:
    """Of what its topics told last. None of them for what is away."""
    if away(one, heard):
        return {}
    found = _PROPERTIES[one.component](one, heard)
    return {name: value for name, value in found.items() if value is not None}


def away(one: Announced, heard: Mapping[str, bytes]) -> bool:
    """A device that has said where it tells that it is there, and has not told it."""
    return any(_availability(heard.get(topic, b"")) != there for topic, there in one.available.items())


def asked_for(props: Props, word: str) -> Props:
    """`value` and `unit`; nothing where it has no such thing."""
    names = {"brightness": "level", "position": "level", "lock": "locked", "presence": "motion"}
    first = next((each for each in ("on", "open", "locked", "value") if each in props), "")
    name = first if word in ("power", "state") else word if word in props else names.get(word, "")
    value = props.get(name)
    if isinstance(value, bool):
        value = WORDS[name][value]
    if value is None:
        return {}
    unit = MEASURED.get(name, "percent" if name == "level" else "")
    return {"value": value, "unit": unit} if unit else {"value": value}


def _availability(payload: bytes) -> str:
    """Zigbee2MQTT's is JSON, {"state": "online"}."""
    text = payload.decode(errors="replace")
    if text.startswith("{"):
        try:
            return str(json.loads(text).get("state"))
        except ValueError:
            return ""
    return text


def _number(command: pb.EntityCommand) -> float:
    if not command.HasField("number") or command.number != command.number:
        raise failure(CallFinding.BAD_VALUE, "a number is missing")
    return float(command.number)


def _switch(one: Announced, on: bool) -> str:
    if one.json_schema:
        return json.dumps({"state": "ON" if on else "OFF"})
    return one.text("payload_on", "ON") if on else one.text("payload_off", "OFF")


def _level(one: Announced, level: float) -> DeviceMessage:
    if one.component == "cover":

        def moved(props: Props) -> bool:
            return abs(float(props.get("level", 1_000)) - level) <= 2

        return DeviceMessage(one.text("set_position_topic"), str(round(level)), moved)
    if level == 0:
        return DeviceMessage(
            one.text("command_topic"), _switch(one, False), lambda props: props.get("on") is False
        )
    value = max(1, round(level * _scale(one) / 100))

    def lit(props: Props) -> bool:
        return props.get("on") is not False and abs(float(props.get("level", 1_000)) - level) <= 1

    if one.json_schema:
        return DeviceMessage(one.text("command_topic"), json.dumps({"state": "ON", "brightness": value}), lit)
    return DeviceMessage(one.text("brightness_command_topic"), str(value), lit)


def _scale(one: Announced) -> float:
    scale = one.options.get("brightness_scale", 255)
    return float(scale) if isinstance(scale, int | float) and scale > 0 else 255.0


def _heard(one: Announced, heard: Mapping[str, bytes], topic: str, template: str) -> Any:
    payload = heard.get(one.text(topic))
    return None if payload is None else value_in(one, template, payload)


def _light(one: Announced, heard: Mapping[str, bytes]) -> Props:
    if one.json_schema:
        return _json_light(one, heard)
    template = "state_value_template" if one.text("state_value_template") else "value_template"
    state = _heard(one, heard, "state_topic", template)
    level = _heard(one, heard, "brightness_state_topic", "brightness_value_template")
    return {"on": _on(one, state), "level": _percent(one, level) if brightness_of(one) else None}


def _json_light(one: Announced, heard: Mapping[str, bytes]) -> Props:
    try:
        told = json.loads(heard.get(one.text("state_topic"), b"{}"))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    on = {"ON": True, "OFF": False}.get(str(told.get("state")))
    return {"on": on, "level": _percent(one, told.get("brightness"))}


def _percent(one: Announced, value: Any) -> int | None:
    try:
        return round(100 * float(value) / _scale(one))
    except (TypeError, ValueError, OverflowError):
        return None


def _on(one: Announced, state: Any) -> bool | None:
    on = one.text("state_on") or one.text("payload_on", "ON")
    off = one.text("state_off") or one.text("payload_off", "OFF")
    return {on: True, off: False}.get(str(state))


def _switch_properties(one: Announced, heard: Mapping[str, bytes]) -> Props:
    return {"on": _on(one, _heard(one, heard, "state_topic", "value_template"))}


def _lock(one: Announced, heard: Mapping[str, bytes]) -> Props:
    state = str(_heard(one, heard, "state_topic", "value_template"))
    words = {one.text("state_locked", "LOCKED"): True, one.text("state_unlocked", "UNLOCKED"): False}
    return {"locked": words.get(state)}


def _cover(one: Announced, heard: Mapping[str, bytes]) -> Props:
    state = str(_heard(one, heard, "state_topic", "value_template"))
    words = {"open": True, "opening": True, "closed": False, "closing": False}
    opened = words.get({one.text(f"state_{each}", each): each for each in words}.get(state, ""))
    position = _heard(one, heard, "position_topic", "position_template")
    try:
        level: float | None = float(position)
    except (TypeError, ValueError):
        level = None
    return {"open": opened, "level": level}


def _sensor(one: Announced, heard: Mapping[str, bytes]) -> Props:
    value = _heard(one, heard, "state_topic", "value_template")
    kind = one.text("device_class")
    if one.component == "binary_sensor":
        on = _on(one, value)
        if kind in MOVEMENTS:
            return {"motion": None if on is None else "detected" if on else "none"}
        return {"open" if kind in OPENINGS else "on": on}
    try:
        value = float(value)
    except (TypeError, ValueError):
        value = str(value) if value is not None else None
    return {kind if kind in MEASURED else "value": value}


_PROPERTIES: Mapping[str, Callable[[Announced, Mapping[str, bytes]], Props]] = {
    "light": _light,
    "switch": _switch_properties,
    "lock": _lock,
    "cover": _cover,
    "sensor": _sensor,
    "binary_sensor": _sensor,
}
