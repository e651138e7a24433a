"""How sure a figure is."""

import math
from collections.abc import Sequence

Z_95 = 1.959964  # standard normal, two-sided 95 %


def wilson(hits: int, cases: int, *, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927), 0..1; of no cases: all of it."""
    if not cases:
        return 0.0, 1.0
    share, spread = hits / cases, z * z / cases
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / cases + spread / (4 * cases))
    return max(0.0, middle - half), min(1.0, middle + half)


def mean_interval(values: Sequence[float], *, z: float = Z_95) -> tuple[float, float]:
    """Normal interval of a mean; of fewer than two values: the value itself, or (0, 0)."""
    if len(values) < 2:
        return (values[0], values[0]) if values else (0.0, 0.0)
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    half = z * math.sqrt(variance / len(values))
    return mean - half, mean + half


def sign_test(wins: int, losses: int) -> float:
    """Two-sided probability of a split at least this uneven, were either as likely (exact McNemar)."""
    trials, most = wins + losses, max(wins, losses)
    tail = sum(math.comb(trials, k) for k in range(most, trials + 1)) / 2**trials
    return min(1.0, 2 * tail)
