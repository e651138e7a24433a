"""One definition of a percentile: the nearest rank, so that every figure is a value that was seen."""

import math
from collections.abc import Iterable


def percentile(values: Iterable[float], rank: float) -> float:
    """The least value that `rank` (0..100) percent of all do not exceed; nan of none."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    return ordered[nearest_rank(len(ordered), rank) - 1]


def nearest_rank(count: int, rank: float) -> int:
    """How many of `count` values lie at or below their `rank` percentile; 1 is the first."""
    return max(1, math.ceil(count * rank / 100 - 1e-9))
