"""What a Home Assistant has, as home.proto tells it: what its voice assistants may see, and nothing else."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from duplexsla.executor.backends.device import registry_version
from duplexsla.executor.backends.home_assistant.hub_states import HubState
from duplexsla.v1 import home_pb2 as pb

ASSISTANT = "conversation"  # whose list of exposed entities is the list for speakers
MAX_NAME = 128
MAX_ALIASES = 16
COLORED = frozenset(("hs", "rgb", "rgbw", "rgbww", "xy"))
SWITCHED = (pb.COMMAND_TURN_ON, pb.COMMAND_TURN_OFF)
LEVELLED = (pb.COMMAND_SET_LEVEL, pb.COMMAND_STEP_LEVEL)
WARMED = (pb.COMMAND_SET_TEMPERATURE, pb.COMMAND_STEP_TEMPERATURE)
Commands = Iterable[pb.Command]

CLASSES: Mapping[str, pb.EntityClass] = {
    "light": pb.ENTITY_CLASS_LIGHT, "switch": pb.ENTITY_CLASS_SWITCH, "input_boolean": pb.ENTITY_CLASS_SWITCH,
    "fan": pb.ENTITY_CLASS_FAN, "climate": pb.ENTITY_CLASS_CLIMATE, "cover": pb.ENTITY_CLASS_COVER,
    "humidifier": pb.ENTITY_CLASS_HUMIDIFIER, "valve": pb.ENTITY_CLASS_VALVE, "lock": pb.ENTITY_CLASS_LOCK,
    "alarm_control_panel": pb.ENTITY_CLASS_ALARM, "media_player": pb.ENTITY_CLASS_MEDIA_PLAYER,
    "vacuum": pb.ENTITY_CLASS_VACUUM, "lawn_mower": pb.ENTITY_CLASS_MOWER,
    "water_heater": pb.ENTITY_CLASS_APPLIANCE, "camera": pb.ENTITY_CLASS_CAMERA,
    "sensor": pb.ENTITY_CLASS_SENSOR, "binary_sensor": pb.ENTITY_CLASS_SENSOR,
    "scene": pb.ENTITY_CLASS_SCENE, "script": pb.ENTITY_CLASS_SCENE, "todo": pb.ENTITY_CLASS_LIST,
    "weather": pb.ENTITY_CLASS_WEATHER,
}  # fmt: skip
# A cover that is a way into the home is one whatever else it is.
COVERS = {
    "window": pb.ENTITY_CLASS_WINDOW, "garage": pb.ENTITY_CLASS_GARAGE_DOOR,
    "door": pb.ENTITY_CLASS_GARAGE_DOOR, "gate": pb.ENTITY_CLASS_GATE,
}  # fmt: skip


@dataclass(frozen=True)
class HubLists:
    """The answers of the hub to questions about what it has, as they came."""

    config: Mapping[str, Any] = field(default_factory=dict)
    areas: Iterable[Any] = ()
    floors: Iterable[Any] = ()
    devices: Iterable[Any] = ()
    entries: Iterable[Any] = ()  # of exposed entities, with aliases
    exposed: frozenset[str] = frozenset()


def exposed_entities(answer: Any) -> frozenset[str]:
    """Of homeassistant/expose_entity/list."""
    listed = answer.get("exposed_entities") if isinstance(answer, dict) else None
    if not isinstance(listed, dict):
        return frozenset()
    return frozenset(
        entity for entity, to in listed.items() if isinstance(to, dict) and to.get(ASSISTANT) is True
    )


def home_registry(
    lists: HubLists, states: Mapping[str, HubState], codes: Mapping[str, str]
) -> pb.HomeRegistry:
    """`codes`: of locks and alarms that want one. What is malformed is left out."""
    entries = {each["entity_id"]: each for each in _dicts(lists.entries, "entity_id")}
    device_areas = {each["id"]: _text(each.get("area_id")) for each in _dicts(lists.devices, "id")}
    unit = lists.config.get("unit_system")
    fahrenheit = isinstance(unit, dict) and unit.get("temperature") == "°F"
    told = pb.HomeRegistry(
        time_zone=_text(lists.config.get("time_zone")),
        temperature_unit=pb.TEMPERATURE_UNIT_FAHRENHEIT if fahrenheit else pb.TEMPERATURE_UNIT_CELSIUS,
        floors=[_floor(each) for each in _dicts(lists.floors, "floor_id", "name")],
        areas=[_area(each) for each in _dicts(lists.areas, "area_id", "name")],
    )
    for entity in sorted(lists.exposed):
        if entity in states:
            entry = entries.get(entity, {})
            area = _text(entry.get("area_id")) or device_areas.get(_text(entry.get("device_id")), "")
            found = _entity(states[entity], entry, area, codes.get(entity, ""))
            if found is not None:
                told.entities.append(found)
    told.version = registry_version(told)
    return told


def commands_of(state: HubState, code: str = "") -> tuple[pb.Command, ...]:
    """What it takes: by its kind and by what it says that it supports."""
    asked = () if state.domain in ("scene", "script") else (pb.COMMAND_QUERY,)
    return (*_COMMANDS.get(state.domain, _none)(state, code), *asked)


def _entity(state: HubState, entry: Mapping[str, Any], area: str, code: str) -> pb.Entity | None:
    name = _text(state.attributes.get("friendly_name"))
    entity_class = CLASSES.get(state.domain)
    if entity_class is None or not name:
        return None
    if state.domain == "cover":
        entity_class = COVERS.get(_text(state.attributes.get("device_class")), entity_class)
    return pb.Entity(
        id=state.entity,
        name=name,
        aliases=_aliases(entry),
        area=area,
        entity_class=entity_class,
        commands=commands_of(state, code),
        exposed=True,
    )


def _floor(told: Mapping[str, Any]) -> pb.Floor:
    level = told.get("level")
    return pb.Floor(
        id=_text(told["floor_id"]),
        name=_text(told["name"]),
        aliases=_aliases(told),
        level=level if isinstance(level, int) and abs(level) < 1_000 else 0,
    )


def _area(told: Mapping[str, Any]) -> pb.Area:
    return pb.Area(
        id=_text(told["area_id"]),
        name=_text(told["name"]),
        aliases=_aliases(told),
        floor=_text(told.get("floor_id")),
    )


def _aliases(told: Mapping[str, Any]) -> list[str]:
    aliases = told.get("aliases")
    return [each for each in map(_text, aliases) if each][:MAX_ALIASES] if isinstance(aliases, list) else []


def _dicts(told: Iterable[Any], *names: str) -> Iterable[Mapping[str, Any]]:
    return (each for each in told if isinstance(each, dict) and all(_text(each.get(name)) for name in names))


def _text(value: Any) -> str:
    return value[:MAX_NAME] if isinstance(value, str) else ""


def _none(state: HubState, code: str) -> Commands:
    return ()


def _switched(state: HubState, code: str) -> Commands:
    return SWITCHED


def _light(state: HubState, code: str) -> Commands:
    modes = set(state.words("supported_color_modes"))
    yield from SWITCHED
    if modes - {"onoff"}:
        yield from LEVELLED
    if modes & COLORED:
        yield pb.COMMAND_SET_COLOR
    if "color_temp" in modes:
        yield pb.COMMAND_SET_COLOR_TEMPERATURE


def _climate(state: HubState, code: str) -> Commands:
    if state.away or "off" in (*state.words("hvac_modes"), *state.words("operation_list")):
        yield from SWITCHED
    if state.features & 1:
        yield from WARMED
    if state.domain == "climate" and len(state.words("hvac_modes")) > 1:
        yield pb.COMMAND_SET_MODE


def _humidifier(state: HubState, code: str) -> Commands:
    yield from (*SWITCHED, *LEVELLED)
    if state.features & 1:
        yield pb.COMMAND_SET_MODE


def _lock(state: HubState, code: str) -> Commands:
    return (pb.COMMAND_LOCK, pb.COMMAND_UNLOCK) if code or not state.attributes.get("code_format") else ()


def _alarm(state: HubState, code: str) -> Commands:
    wants_code = bool(state.attributes.get("code_format"))
    if state.features & 7 and (code or not wants_code or state.attributes.get("code_arm_required") is False):
        yield pb.COMMAND_ARM
    if code or not wants_code:
        yield pb.COMMAND_DISARM


def _supported(*by_feature: tuple[int, Commands]) -> Callable[[HubState, str], Commands]:
    def commands(state: HubState, code: str) -> Commands:
        return [each for bit, found in by_feature if state.features & bit for each in found]

    return commands


_OPENED = (
    (1, (pb.COMMAND_OPEN,)),
    (2, (pb.COMMAND_CLOSE,)),
    (4, LEVELLED),
    (8, (pb.COMMAND_STOP,)),
)
_COMMANDS: Mapping[str, Callable[[HubState, str], Commands]] = {
    "light": _light,
    "switch": _switched,
    "input_boolean": _switched,
    "fan": lambda state, code: (
        *SWITCHED,
        *_supported((1, LEVELLED), (8, (pb.COMMAND_SET_MODE,)))(state, code),
    ),
    "climate": _climate,
    "water_heater": _climate,
    "humidifier": _humidifier,
    "cover": _supported(*_OPENED),
    "valve": _supported(*_OPENED),
    "lock": _lock,
    "alarm_control_panel": _alarm,
    "media_player": _supported(
        (1, (pb.COMMAND_PAUSE,)),
        (4, LEVELLED),
        (8, (pb.COMMAND_MUTE, pb.COMMAND_UNMUTE)),
        (16, (pb.COMMAND_PREVIOUS,)),
        (32, (pb.COMMAND_NEXT,)),
        (128, (pb.COMMAND_TURN_ON,)),
        (256, (pb.COMMAND_TURN_OFF,)),
        (4096, (pb.COMMAND_STOP,)),
        (16384, (pb.COMMAND_PLAY, pb.COMMAND_RESUME)),
    ),
    "vacuum": _supported((8192, (pb.COMMAND_START,)), (8, (pb.COMMAND_STOP,)), (16, (pb.COMMAND_DOCK,))),
    "lawn_mower": _supported((1, (pb.COMMAND_START,)), (2, (pb.COMMAND_STOP,)), (4, (pb.COMMAND_DOCK,))),
    "scene": lambda state, code: (pb.COMMAND_ACTIVATE,),
    "script": lambda state, code: (pb.COMMAND_ACTIVATE,),
    "todo": _supported(
        (1, (pb.COMMAND_ADD_ITEM,)), (2, (pb.COMMAND_REMOVE_ITEM,)), (4, (pb.COMMAND_COMPLETE_ITEM,))
    ),
}
