"""Numbers of a mix: fixed, or drawn from a distribution that YAML names."""

import math
import random
from dataclasses import dataclass
from typing import Any

from duplexsla.errors import SettingError

SHAPES = {
    "fixed": 1,
    "uniform": 2,
    "exponential": 1,
    "normal": 2,
    "lognormal": 2,
}  # how many numbers each takes


@dataclass(frozen=True)
class Distribution:
    """`fixed: 60`, `uniform: [low, high]`, `exponential: mean`, `normal: [mean, deviation]` or
    `lognormal: [median, sigma]`, kept within `least` and `most`.
    """

    shape: str
    numbers: tuple[float, ...]
    least: float = 0.0
    most: float = math.inf

    def draw(self, rng: random.Random) -> float:
        return min(self.most, max(self.least, self._draw(rng)))

    def _draw(self, rng: random.Random) -> float:
        first, *rest = self.numbers
        match self.shape:
            case "uniform":
                return rng.uniform(first, rest[0])
            case "exponential":
                return rng.expovariate(1 / first)
            case "normal":
                return rng.gauss(first, rest[0])
            case "lognormal":
                return first * math.exp(rng.gauss(0.0, rest[0]))
        return first


def distribution(value: Any, name: str) -> Distribution:
    """What YAML holds under `name`: a number, or a mapping as above. SettingError for anything else."""
    row = {"fixed": value} if isinstance(value, int | float) else value
    if not isinstance(row, dict):
        raise SettingError(f"{name}: a number or a distribution is wanted, not {value!r}")
    limits = {key: float(row[key]) for key in ("least", "most") if key in row}
    shapes = [key for key in row if key not in limits]
    if len(shapes) != 1 or shapes[0] not in SHAPES:
        raise SettingError(f"{name}: one of {', '.join(SHAPES)} is wanted, not {', '.join(map(str, shapes))}")
    shape, given = shapes[0], row[shapes[0]]
    numbers = tuple(float(each) for each in (given if isinstance(given, list) else [given]))
    if len(numbers) != SHAPES[shape] or (shape == "exponential" and numbers[0] <= 0):
        raise SettingError(f"{name}: {shape} takes {SHAPES[shape]} numbers, not {given!r}")
    return Distribution(shape, numbers, **limits)
