"""Where and when to come back to a session whose stream broke: jittered, and not for ever."""

import random
from collections.abc import Iterator, Sequence

FIRST_S = 0.1  # the first attempt comes within this
MOST_S = 2.0  # no attempt waits longer


def waits_s(dice: random.Random, *, after_s: float = 0.0) -> Iterator[float]:
    """Seconds before each attempt, drawn from a range that doubles: clients that were cut off together do
    not come back together. `after_s` comes before the first.
    """
    limit_s = FIRST_S
    yield after_s + dice.uniform(0.0, limit_s)
    while True:
        limit_s = min(MOST_S, 2.0 * limit_s)
        yield dice.uniform(0.0, limit_s)


def addresses(present: str, told: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    """Which gateway each attempt asks: those that a departing one named, else the present one, then all that
    are known, over and over.
    """
    circle = list(dict.fromkeys([*told, *([] if told else [present]), *known, present]))
    while True:
        yield from circle
