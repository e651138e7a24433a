"""Where and when to resume a session whose stream broke."""

import random
from collections.abc import Iterator, Sequence

from duplexsla.backoff import Backoff

BACKOFF = Backoff(first_s=0.1, most_s=2.0, at_least=0.0)


def waits_s(rng: random.Random, *, after_s: float = 0.0) -> Iterator[float]:
    """Seconds before each attempt; `after_s` comes on top of the first wait."""
    waits = BACKOFF.waits_s(rng)
    yield after_s + next(waits)
    yield from waits


def addresses(present: str, named: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    """Which gateway each attempt asks: those that a departing one named, else the present one, then all that
    are known, over and over.
    """
    circle = list(dict.fromkeys([*named, *([] if named else [present]), *known, present]))
    while True:
        yield from circle
