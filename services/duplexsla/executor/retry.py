"""When to try again, and when to give up."""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Retry:
    """Waits that double from `first_ms` to `longest_ms`, each shortened by up to half at random."""

    first_ms: int = 50
    longest_ms: int = 800
    attempts: int = 12

    def waits_ms(self, rng: random.Random) -> Iterator[float]:
        """The waits between the attempts: one fewer than there are attempts."""
        for number in range(self.attempts - 1):
            yield min(self.longest_ms, self.first_ms * 2**number) * rng.uniform(0.5, 1.0)
