"""What any device of a home or a car can do: be switched, be set, be moved by steps, be asked.

Numbers have a scale: it says how a spoken value, an absolute or a relative one, becomes a device's value.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from duplexsla.errors import DeviceRefused
from duplexsla.home.state import Props


@dataclass(frozen=True)
class Scale:
    """Limits and natural step of a property, in its own unit: "degrees", "percent" or "level"."""

    minimum: int
    maximum: int
    step: int
    unit: str

    def set(self, value: float, unit: str = "") -> float:
        """The absolute value in this scale's unit, to a hundredth. DeviceRefused outside of the limits."""
        number = self._measured(value, unit)
        if not self.minimum <= number <= self.maximum:
            raise DeviceRefused(f"{value:g} is not between {self.minimum} and {self.maximum} {self.unit}")
        return rounded(number)

    def share(self, share: float) -> float:
        """The value at a share (0 to 1) of the range, on a whole step."""
        return rounded(self.minimum + round(share * (self.maximum - self.minimum) / self.step) * self.step)

    def moved(self, now: float, direction: int, value: float | None = None, unit: str = "") -> float:
        """`now` moved up (1) or down (-1) by the value, or by one natural step; clamped at the limits."""
        by = self.step if value is None else self._distance(value, unit)
        return rounded(min(self.maximum, max(self.minimum, now + direction * by)))

    def percent(self, value: float) -> float:
        """What a value is in percent: of the range, where the scale counts otherwise."""
        if self.unit == "percent":
            return value
        return rounded(100 * (value - self.minimum) / (self.maximum - self.minimum))

    def _measured(self, value: float, unit: str) -> float:
        """Percent of a scale that counts otherwise is a share of its range; a level of percents is a step."""
        if unit == "percent" and self.unit != "percent":
            return self.minimum + value * (self.maximum - self.minimum) / 100
        return self._distance(value, unit)

    def _distance(self, value: float, unit: str) -> float:
        if unit == "percent" and self.unit != "percent":
            return value * (self.maximum - self.minimum) / 100
        return value * self.step if unit == "level" and self.unit == "percent" else value


def rounded(number: float) -> float:
    """To a hundredth, whole where it is whole."""
    number = round(number, 2)
    return int(number) if number == int(number) else number


PERCENT = Scale(0, 100, 10, "percent")
LEVEL = Scale(0, 5, 1, "level")


_SWITCHES = {"power": ("off", "on"), "state": ("closed", "open"), "lock": ("locked", "unlocked")}
_OPENING = {"closed": 0, "half open": 50, "open": 100, "off": 0, "on": 100}
_STRENGTH = {"low": 1 / 3, "medium": 2 / 3, "high": 1.0}
_MOVES = ("level", "speed", "fan speed", "position", "height", "angle")  # words for how far something is
_UNITS = {"battery": "percent", "humidity": "percent", "temperature": "degrees"}  # of what is only reported


@dataclass(frozen=True)
class ApplianceKind:
    """One kind of device: what it holds when new, its scales and its choices of words by property.

    The switch is what open and close move: "power" (on, off), "state" (open, closed) or "lock"; a kind
    without one of them has none. `main` is the property that a bare number is about. `passing` are
    properties that it loses when it is switched off.
    """

    defaults: Props
    scales: Mapping[str, Scale] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    main: str = ""
    passing: tuple[str, ...] = ()

    @property
    def switch(self) -> str:
        return next((name for name in _SWITCHES if name in self.defaults), "")

    def switched(self, *, on: bool) -> Props:
        """Properties after on, or open. Raises DeviceRefused where there is nothing to switch."""
        if not self.switch:
            raise DeviceRefused("it cannot be switched")
        moved: Props = {self.switch: _SWITCHES[self.switch][on]}
        if self.switch == "state" and "position" in self.scales:
            moved["position"] = 100 if on else 0
        return moved

    def ended(self) -> dict[str, None]:
        """What ends when it is switched off, as `changed` takes it."""
        return dict.fromkeys(self.passing)

    def set(self, name: str | None, value: Any, unit: str = "") -> tuple[str, Props]:
        """(property, moved properties) for an absolute value. Raises DeviceRefused."""
        if name in _SWITCHES:
            return self.switch, self.switched(on=_is_on(value))
        if isinstance(value, str):
            return self._set_word(name, value)
        name = self.scaled(name, unit)
        return name, self.reached(name, self.scales[name].set(value, unit))

    def stepped(
        self, props: Props, name: str | None, direction: int, value: float | None, unit: str = ""
    ) -> tuple[str, Props]:
        """(property, moved properties) for a step up (1) or down (-1), clamped. Raises DeviceRefused."""
        name = self.scaled(name, unit)
        moved = self.scales[name].moved(props[name], direction, value, unit)
        if direction > 0 or moved == 0:
            return name, self.reached(name, moved)
        return name, {name: moved}

    def query(self, props: Props, name: str | None) -> tuple[str, Any]:
        """(property, value). Raises DeviceRefused for a property it does not have."""
        if name in _SWITCHES:
            name = self.switch or None
        name = name or self.main or self.switch
        if name not in props and name in _MOVES and self.main in _MOVES:
            name = self.main
        if name not in props:
            raise DeviceRefused(f"it has no {name}")
        return name, props[name]

    def unit(self, name: str) -> str:
        """Unit of a property; "" for words."""
        return self.scales[name].unit if name in self.scales else _UNITS.get(name, "")

    def scaled(self, name: str | None, unit: str = "") -> str:
        """The property with a scale that is meant; a bare value means the main one, or one in its unit."""
        name = name or self._by_unit(unit) or self.main
        if name not in self.scales and name in _MOVES and self.main in _MOVES:
            name = self.main
        if name not in self.scales:
            raise DeviceRefused(f"it has no {name or 'value'} to change")
        return name

    def _by_unit(self, unit: str) -> str:
        main = self.scales.get(self.main)
        if not unit or (main and main.unit == unit):
            return ""
        return next((name for name, scale in self.scales.items() if scale.unit == unit), "")

    def _set_word(self, name: str | None, word: str) -> tuple[str, Props]:
        for choice, words in self.choices.items():
            if word in words and name in (None, choice):
                return choice, {choice: word, **self._awake()}
        if name in (None, "position", "mode") and self.switch == "state" and word in _OPENING:
            return "position", self.reached("position", _OPENING[word])
        if word in _STRENGTH and (name or self.main):
            name = self.scaled(name)
            return name, self.reached(name, self.scales[name].share(_STRENGTH[word]))
        if word in ("on", "off") and name is None:
            return self.switch, self.switched(on=word == "on")
        raise DeviceRefused(f"it has no {name or 'setting'} {word}")

    def reached(self, name: str, value: float) -> Props:
        """What a scale at this value leaves: it is on, but off at brightness, speed or level 0; a cover is
        closed at 0.
        """
        if name == "position" and self.switch == "state":
            return {name: value, "state": "open" if value else "closed"}
        if self.switch == "power" and value == 0 and name in ("brightness", "speed", "fan speed", "level"):
            return {name: value, "power": "off"}
        return {name: value, **self._awake()}

    def _awake(self) -> Props:
        return {"power": "on"} if self.switch == "power" else {}


@contextmanager
def refusing_as(device: str) -> Iterator[None]:
    """Refusals inside say who refuses."""
    try:
        yield
    except DeviceRefused as refusal:
        raise DeviceRefused(f"{device}: {refusal}") from None


def _is_on(value: Any) -> bool:
    if isinstance(value, str) and value not in _OPENING:
        raise DeviceRefused(f"it cannot be {value}")
    return bool(_OPENING[value]) if isinstance(value, str) else value > 0
