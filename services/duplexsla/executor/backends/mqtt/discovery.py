"""Home Assistant's MQTT discovery: what a device says of itself, with the topics that it takes and tells.

Of a component only what is understood is taken: a template other than `{{ value }}` and
`{{ value_json.name }}` cannot be read, so such a device would prove nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from duplexsla.v1 import home_pb2 as pb

PREFIX = "homeassistant"
COMPONENTS: Mapping[str, pb.EntityClass] = {
    "light": pb.ENTITY_CLASS_LIGHT,
    "switch": pb.ENTITY_CLASS_SWITCH,
    "lock": pb.ENTITY_CLASS_LOCK,
    "cover": pb.ENTITY_CLASS_COVER,
    "sensor": pb.ENTITY_CLASS_SENSOR,
    "binary_sensor": pb.ENTITY_CLASS_SENSOR,
}
COVERS = {
    "window": pb.ENTITY_CLASS_WINDOW, "garage": pb.ENTITY_CLASS_GARAGE_DOOR,
    "door": pb.ENTITY_CLASS_GARAGE_DOOR, "gate": pb.ENTITY_CLASS_GATE,
}  # fmt: skip
MAX_PAYLOAD = 1 << 16
MAX_COMPONENTS = 128  # of one device
MAX_NAME = 128
ABBREVIATIONS = {
    "avty": "availability", "avty_t": "availability_topic", "bri_cmd_t": "brightness_command_topic",
    "bri_scl": "brightness_scale", "bri_stat_t": "brightness_state_topic",
    "bri_val_tpl": "brightness_value_template",
    "cmd_t": "command_topic", "cmps": "components", "dev": "device", "dev_cla": "device_class",
    "ent_cat": "entity_category", "p": "platform", "pl_avail": "payload_available", "pl_cls": "payload_close",
    "pl_lock": "payload_lock", "pl_not_avail": "payload_not_available", "pl_off": "payload_off",
    "pl_on": "payload_on", "pl_open": "payload_open", "pl_stop": "payload_stop", "pl_unlk": "payload_unlock",
    "pos_t": "position_topic", "pos_tpl": "position_template", "sa": "suggested_area",
    "set_pos_t": "set_position_topic", "stat_locked": "state_locked", "stat_t": "state_topic",
    "stat_unlocked": "state_unlocked", "stat_val_tpl": "state_value_template", "t": "topic",
    "uniq_id": "unique_id", "unit_of_meas": "unit_of_measurement", "val_tpl": "value_template",
}  # fmt: skip
_TEMPLATE = re.compile(r"\{\{\s*value_json(?:\.(\w+)|\[['\"](\w+)['\"]\])(?:\s*\|\s*\w+)?\s*\}\}")
_PLAIN = re.compile(r"\{\{\s*value\s*\}\}")


@dataclass(frozen=True)
class Announced:
    """One component, with its options spelled out. `available`: topics that must tell its payload."""

    id: str
    component: str
    name: str
    area: str
    options: Mapping[str, Any]
    available: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, otherwise: str = "") -> str:
        value = self.options.get(name, otherwise)
        return (
            value if isinstance(value, str) else str(value) if isinstance(value, int | float) else otherwise
        )

    @property
    def json_schema(self) -> bool:
        return self.options.get("schema") == "json"

    @property
    def topics(self) -> list[str]:
        """That tell how it is."""
        names = ("state_topic", "position_topic", "brightness_state_topic")
        found = [self.text(name) for name in names] + list(self.available)
        return [topic for topic in dict.fromkeys(found) if topic]

    def entity(self) -> pb.Entity:
        kind = COMPONENTS[self.component]
        if self.component == "cover":
            kind = COVERS.get(self.text("device_class"), kind)
        return pb.Entity(
            id=self.id,
            name=self.name,
            area=self.area,
            entity_class=kind,
            commands=commands_of(self),
            exposed=not self.options.get("entity_category"),
        )


def announced(topic: str, payload: bytes) -> dict[str, Announced]:
    """What a message on a discovery topic announces, by id; nothing where it cannot be read."""
    parts = topic.split("/")
    if len(parts) not in (4, 5) or parts[-1] != "config" or len(payload) > MAX_PAYLOAD:
        return {}
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    told = _spelled(told)
    if parts[1] != "device":
        return {each.id: each for each in _component(parts[1], parts[-2], told, _dict(told.get("device")))}
    device, several = _spelled(_dict(told.get("device"))), _dict(told.get("components"))
    found: dict[str, Announced] = {}
    for name, given in list(several.items())[:MAX_COMPONENTS]:
        options = {**_shared(told), **_spelled(_dict(given))}
        kind = options.get("platform")
        found |= {each.id: each for each in _component(str(kind), f"{parts[-2]}_{name}", options, device)}
    return found


def commands_of(one: Announced) -> list[pb.Command]:
    asked = [pb.COMMAND_QUERY]
    if one.component in ("light", "switch") and one.text("command_topic"):
        levelled = [pb.COMMAND_SET_LEVEL, pb.COMMAND_STEP_LEVEL] if brightness_of(one) else []
        return [pb.COMMAND_TURN_ON, pb.COMMAND_TURN_OFF, *levelled, *asked]
    if one.component == "lock" and one.text("command_topic") and not one.options.get("code_format"):
        return [pb.COMMAND_LOCK, pb.COMMAND_UNLOCK, *asked]
    if one.component == "cover" and one.text("command_topic"):
        position = [pb.COMMAND_SET_LEVEL] if one.text("set_position_topic") else []
        return [pb.COMMAND_OPEN, pb.COMMAND_CLOSE, pb.COMMAND_STOP, *position, *asked]
    return asked


def brightness_of(one: Announced) -> bool:
    """Whether it takes a brightness in a way that is understood."""
    return one.component == "light" and bool(
        (one.json_schema and one.options.get("brightness") is True) or one.text("brightness_command_topic")
    )


def value_in(one: Announced, template: str, payload: bytes) -> Any:
    """What a template of the component takes from a payload; None where there is nothing."""
    text = payload.decode(errors="replace")
    wanted = one.text(template)
    if not wanted or _PLAIN.fullmatch(wanted):
        return text
    found = _TEMPLATE.fullmatch(wanted)
    try:
        return _dict(json.loads(text)).get(found[1] or found[2]) if found else None
    except (ValueError, RecursionError):
        return None


def _component(
    component: str, name: str, options: dict[str, Any], device: Mapping[str, Any]
) -> Iterator[Announced]:
    device = _spelled(device)
    topics = [options[name] for name in options if name.endswith("topic")]
    if component not in COMPONENTS or not options.get("state_topic"):
        return
    if not all(isinstance(topic, str) and "\0" not in topic for topic in topics):
        return
    templates = ("value_template", "state_value_template", "position_template", "brightness_value_template")
    for each in templates:
        given = options.get(each)
        if given is not None and not (
            isinstance(given, str) and (_TEMPLATE.fullmatch(given) or _PLAIN.fullmatch(given))
        ):
            return
    own, of_device = options.get("name"), device.get("name")
    spoken = " ".join(each for each in (of_device, own) if isinstance(each, str) and each)
    if (
        isinstance(own, str)
        and isinstance(of_device, str)
        and own.casefold().startswith(of_device.casefold())
    ):
        spoken = own
    area = device.get("suggested_area")
    id = options.get("unique_id")
    yield Announced(
        f"{component}.{id if isinstance(id, str) else name}"[:MAX_NAME],
        component,
        (spoken or name.replace("_", " "))[:MAX_NAME],
        area[:MAX_NAME] if isinstance(area, str) else "",
        options,
        dict(_availability(options)),
    )


def _availability(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Topics, each with the payload of one that is there."""
    given = options.get("availability")
    several = [_spelled(_dict(each)) for each in given] if isinstance(given, list) else []
    for each in (*several, {"topic": options.get("availability_topic"), **options}):
        topic, there = each.get("topic"), each.get("payload_available", "online")
        if isinstance(topic, str) and topic and isinstance(there, str):
            yield topic, there


def _shared(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a device says for all of its components."""
    names = ("availability", "availability_topic", "payload_available", "state_topic", "command_topic")
    return {name: told[name] for name in names if name in told}


def _spelled(told: Mapping[str, Any]) -> dict[str, Any]:
    """Without abbreviations, and with the base topic in place of ~."""
    base = told.get("~")
    found = {ABBREVIATIONS.get(name, name): value for name, value in told.items() if name != "~"}
    if isinstance(base, str):
        for name, value in found.items():
            if isinstance(value, str) and name.endswith("topic"):
                found[name] = base + value[1:] if value.startswith("~") else value.replace("/~", f"/{base}")
    return found


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
