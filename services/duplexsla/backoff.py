"""How long to wait before trying again: waits that double up to a limit, and are shortened by chance.

Chance parts those who failed together: they do not come back together.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Ranges that double from `first_s` to `most_s`; a wait is at least a share of its range."""

    first_s: float
    most_s: float
    at_least: float = 0.5  # 0 to 1

    def waits_s(self, rng: random.Random) -> Iterator[float]:
        """Seconds before each attempt but the first, without end."""
        range_s = self.first_s
        while True:
            yield range_s * rng.uniform(self.at_least, 1.0)
            range_s = min(self.most_s, 2.0 * range_s)
