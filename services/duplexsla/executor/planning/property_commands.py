"""How a property, a value and a unit as said become one command on one entity: shares, units, relative steps.

The functions return a `Wish`: the command with its number and text, whether or not the entity has it.
Raises CannotBeDone with words for the speaker where nothing fits.
"""

from dataclasses import dataclass

from duplexsla.executor.planning.home_names import HomeEntity
from duplexsla.v1 import home_pb2 as pb

Value = str | int | float
SHARES = {
    "maximum": 100.0,
    "minimum": 0.0,
    "half": 50.0,
    "a third": 33.0,
    "two thirds": 67.0,
    "a quarter": 25.0,
    "three quarters": 75.0,
    "low": 33.0,
    "medium": 67.0,
    "high": 100.0,
}  # percent; fmt: skip
WHITES = {
    "candlelight": 1_900,
    "warm white": 2_700,
    "white": 4_000,
    "cool white": 5_000,
    "daylight": 6_500,
}  # kelvin; fmt: skip
KELVIN = (1_000, 10_000)
LEVELS = {
    pb.ENTITY_CLASS_LIGHT: ("brightness",),
    pb.ENTITY_CLASS_FAN: ("speed",),
    pb.ENTITY_CLASS_HUMIDIFIER: ("humidity", "speed"),
    pb.ENTITY_CLASS_VACUUM: ("speed",),
    pb.ENTITY_CLASS_MEDIA_PLAYER: ("volume", "brightness"),
    pb.ENTITY_CLASS_COVER: ("position",),
    pb.ENTITY_CLASS_WINDOW: ("position",),
    pb.ENTITY_CLASS_GARAGE_DOOR: ("position",),
    pb.ENTITY_CLASS_GATE: ("position",),
    pb.ENTITY_CLASS_VALVE: ("position",),
}
"""What a level is of each class, the likeliest first."""
LEVEL_NAMES = frozenset(name for names in LEVELS.values() for name in names)
DARKEST = 1.0  # percent: the minimum that is not off
LEVEL_PERCENT = {"speed": 20.0}  # one of five levels; of any other property a level is a tenth
STEP_PERCENT = {"speed": 20.0, "humidity": 5.0}
TENTH = 10.0
FEW_LEVELS = 5  # a bare speed up to this is a level, not percent
STEP_DEGREES = {pb.ENTITY_CLASS_APPLIANCE: 10.0}  # Celsius
FAHRENHEIT_PER_CELSIUS = 1.8

ON = (pb.COMMAND_OPEN, pb.COMMAND_TURN_ON, pb.COMMAND_START, pb.COMMAND_UNLOCK, pb.COMMAND_ACTIVATE)
OFF = (pb.COMMAND_CLOSE, pb.COMMAND_TURN_OFF, pb.COMMAND_DOCK, pb.COMMAND_LOCK)
SWITCHES = ("power", "state")


class CannotBeDone(Exception):
    """The entity, or any, has no such thing: `str` is for the speaker."""


@dataclass(frozen=True)
class Wish:
    command: pb.Command
    number: float | None = None
    text: str = ""


def switched(entity: HomeEntity, *, on: bool) -> Wish:
    """On and open are one to a speaker, and so are off and closed."""
    for command in ON if on else OFF:
        if command in entity.commands:
            return Wish(command)
    raise CannotBeDone(f"{entity.spoken} cannot be {'turned on' if on else 'turned off'}")


def set_to(entity: HomeEntity, name: str, value: Value, unit: str, *, fahrenheit: bool) -> Wish:
    """The command for an absolute value."""
    if name in SWITCHES or value == "off":
        return _switched_to(entity, value)
    if name in LEVEL_NAMES:
        return _level(entity, name, value, unit)
    if name == "temperature":
        return _temperature(entity, value, unit, fahrenheit)
    if name == "color":
        return _color(entity, value)
    if name == "color temperature":
        return _color_temperature(entity, value, unit)
    if name == "mode" or (name == "fan mode" and entity.entity_class == pb.ENTITY_CLASS_FAN):
        return _mode(entity, value)
    raise CannotBeDone(f"the {name} of {entity.spoken} cannot be set")


def stepped(
    entity: HomeEntity, name: str, value: Value | None, unit: str, up: bool, *, fahrenheit: bool
) -> Wish:
    """The command for a value more or less, or for one usual step."""
    if isinstance(value, str) or value == 0:
        raise CannotBeDone(f"{name} cannot be changed by {value}")
    sign = 1.0 if up else -1.0
    if name in LEVEL_NAMES:
        _check_level(entity, name, unit)
        by = STEP_PERCENT.get(name, TENTH) if value is None else _percent(name, value, unit)
        return Wish(pb.COMMAND_STEP_LEVEL, sign * min(100.0, by), name)
    if name == "temperature":
        return Wish(pb.COMMAND_STEP_TEMPERATURE, sign * _degrees_more(entity, value, unit, fahrenheit))
    raise CannotBeDone(f"the {name} of {entity.spoken} cannot be changed by steps")


def _switched_to(entity: HomeEntity, value: Value) -> Wish:
    if isinstance(value, str) and value != "off":
        raise CannotBeDone(f"{entity.spoken} cannot be {value}")
    return switched(entity, on=value != "off" and value != 0)


def _level(entity: HomeEntity, name: str, value: Value, unit: str) -> Wish:
    _check_level(entity, name, unit)
    if isinstance(value, str):
        if value not in SHARES:
            raise CannotBeDone(f"the {name} of {entity.spoken} cannot be {value}")
        percent = max(DARKEST, SHARES[value]) if name == "brightness" else SHARES[value]
    else:
        percent = _percent(name, value, unit)
    if percent > 100:
        raise CannotBeDone(f"{value} is not between 0 and 100 percent")
    return Wish(pb.COMMAND_SET_LEVEL, percent, name)


def _check_level(entity: HomeEntity, name: str, unit: str) -> None:
    if name not in LEVELS.get(entity.entity_class, ()):
        raise CannotBeDone(f"{entity.spoken} has no {name}")
    if unit not in ("", "percent", "level"):
        raise CannotBeDone(f"{name} is not in {unit}")


def _percent(name: str, value: float, unit: str) -> float:
    bare_level = unit == "" and name in LEVEL_PERCENT and value <= FEW_LEVELS
    return value * LEVEL_PERCENT.get(name, TENTH) if unit == "level" or bare_level else float(value)


def _temperature(entity: HomeEntity, value: Value, unit: str, fahrenheit: bool) -> Wish:
    if unit == "kelvin":
        return _color_temperature(entity, value, unit)
    if isinstance(value, str) or unit not in ("", "degrees", "celsius", "fahrenheit"):
        raise CannotBeDone(f"the temperature of {entity.spoken} cannot be {value} {unit}".rstrip())
    degrees = float(value)
    if unit == "fahrenheit" and not fahrenheit:
        degrees = (degrees - 32) / FAHRENHEIT_PER_CELSIUS
    if unit == "celsius" and fahrenheit:
        degrees = degrees * FAHRENHEIT_PER_CELSIUS + 32
    return Wish(pb.COMMAND_SET_TEMPERATURE, round(degrees, 1))


def _degrees_more(entity: HomeEntity, value: float | None, unit: str, fahrenheit: bool) -> float:
    if unit not in ("", "degrees", "level", "celsius", "fahrenheit"):
        raise CannotBeDone(f"temperature is not changed by {unit}")
    usual = STEP_DEGREES.get(entity.entity_class, 1.0)
    if value is None or unit == "level":
        value, unit = usual * (value or 1), "celsius"
        return float(round(value * FAHRENHEIT_PER_CELSIUS)) if fahrenheit else value
    if unit == "fahrenheit" and not fahrenheit:
        value /= FAHRENHEIT_PER_CELSIUS
    if unit == "celsius" and fahrenheit:
        value *= FAHRENHEIT_PER_CELSIUS
    return round(float(value), 1)


def _color(entity: HomeEntity, value: Value) -> Wish:
    if not isinstance(value, str):
        raise CannotBeDone(f"{value} is no color")
    if pb.COMMAND_SET_COLOR not in entity.commands and value in WHITES:
        return Wish(pb.COMMAND_SET_COLOR_TEMPERATURE, float(WHITES[value]))
    return Wish(pb.COMMAND_SET_COLOR, text=value)


def _color_temperature(entity: HomeEntity, value: Value, unit: str) -> Wish:
    if isinstance(value, str):
        if value not in WHITES:
            raise CannotBeDone(f"{value} is no color temperature")
        if pb.COMMAND_SET_COLOR_TEMPERATURE in entity.commands:
            return Wish(pb.COMMAND_SET_COLOR_TEMPERATURE, float(WHITES[value]))
        return Wish(pb.COMMAND_SET_COLOR, text=value)
    if unit not in ("", "kelvin", "degrees") or not KELVIN[0] <= value <= KELVIN[1]:
        raise CannotBeDone(f"a color temperature is {KELVIN[0]} to {KELVIN[1]} kelvin, not {value}")
    return Wish(pb.COMMAND_SET_COLOR_TEMPERATURE, float(value))


def _mode(entity: HomeEntity, value: Value) -> Wish:
    if not isinstance(value, str):
        raise CannotBeDone(f"{value} is no mode")
    if entity.entity_class == pb.ENTITY_CLASS_ALARM:
        return Wish(pb.COMMAND_ARM, text=value)
    return Wish(pb.COMMAND_SET_MODE, text=value)
