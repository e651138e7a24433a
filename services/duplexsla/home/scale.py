"""Numbers with limits: how a spoken value, an absolute or a relative one, becomes a device's value."""

from dataclasses import dataclass

from duplexsla.errors import DeviceRefused


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
