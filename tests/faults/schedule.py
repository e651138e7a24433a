"""Which fault comes when: drawn from a seed, so that the same seed gives the same soak."""

import json
import random
from collections.abc import Sequence
from typing import NamedTuple


class Blow(NamedTuple):
    """One fault of a soak. Times are seconds after its start."""

    at_s: float
    fault: str
    for_s: float
    pick: float  # in 0..1: which of several parts it hits


def schedule(seed: int, faults: Sequence[str], *, seconds: float, every_s: float = 20.0) -> list[Blow]:
    """A fault about every `every_s`, each over before the next one comes, none twice in a row."""
    dice = random.Random(f"{seed} {','.join(faults)}")
    blows: list[Blow] = []
    at_s = every_s / 2
    while at_s + every_s / 2 < seconds:
        left = [fault for fault in faults if len(faults) == 1 or not blows or fault != blows[-1].fault]
        for_s = round(dice.uniform(0.1, 0.4) * every_s, 3)
        blows.append(Blow(round(at_s, 3), dice.choice(left), for_s, round(dice.random(), 6)))
        at_s += every_s * dice.uniform(0.8, 1.2)
    return blows


def written(seed: int, blows: Sequence[Blow]) -> str:
    """As JSON, to be replayed."""
    return json.dumps({"seed": seed, "blows": [blow._asdict() for blow in blows]}, indent=1)
