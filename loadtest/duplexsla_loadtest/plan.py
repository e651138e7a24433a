"""When each conversation of a run begins, how long it is, who speaks: settled before the run, by the seed.

Nothing that the server does moves a conversation: the load is open, also in the number of callers.
"""

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from duplexsla.clock import CHUNK_S
from duplexsla.errors import SettingError
from duplexsla_loadtest.mix import CallerKind, Mix

HOME_REST_S = 30.0  # before a home takes another conversation


@dataclass(frozen=True)
class Load:
    """What one run asks for. Seconds of the run; `sessions` is 0 when the mix says how they arrive."""

    sessions: int
    duration_s: float
    ramp_s: float
    seed: int


@dataclass(frozen=True)
class Planned:
    """One conversation. Times in seconds of the run."""

    number: int
    at_s: float
    chunks: int
    kind: str
    home: int

    @property
    def ends_s(self) -> float:
        return self.at_s + self.chunks * CHUNK_S


def plan(mix: Mix, load: Load) -> list[Planned]:
    """All conversations in the order of their beginnings. SettingError when there is nothing to do."""
    if mix.arrivals_per_s is None and load.sessions < 1:
        raise SettingError("say how many --sessions to hold, or how many arrive in the mix (arrivals_per_s)")
    begun = list(_fixed_callers(mix, load) if load.sessions else _arrivals(mix, load))
    kinds = _kinds(mix.kinds, len(begun))
    return [
        Planned(number, at_s, int(length_s / CHUNK_S), kind, home)
        for number, ((at_s, length_s, home), kind) in enumerate(zip(sorted(begun), kinds, strict=True))
    ]


def _fixed_callers(mix: Mix, load: Load) -> Iterator[tuple[float, float, int]]:
    """(begin, length, home) of callers who each hold one conversation after the other."""
    for caller in range(load.sessions):
        rng = random.Random(f"{load.seed}/caller/{caller}")
        at_s = load.ramp_s * (caller + rng.random()) / load.sessions
        while load.duration_s - at_s >= CHUNK_S:
            length_s = _length_s(mix, load, at_s, rng)
            yield at_s, length_s, caller
            at_s += length_s + mix.between_s.draw(rng) + CHUNK_S


def _arrivals(mix: Mix, load: Load) -> Iterator[tuple[float, float, int]]:
    """(begin, length, home) of conversations that begin at random; a home rests before it is taken again."""
    assert mix.arrivals_per_s is not None
    rng, at_s = random.Random(f"{load.seed}/arrivals"), 0.0
    resting: list[tuple[float, int]] = []  # (free again at, home)
    while (at_s := at_s + rng.expovariate(mix.arrivals_per_s)) < load.duration_s - CHUNK_S:
        length_s = _length_s(mix, load, at_s, rng)
        home = heapq.heappop(resting)[1] if resting and resting[0][0] <= at_s else len(resting)
        heapq.heappush(resting, (at_s + length_s + HOME_REST_S, home))
        yield at_s, length_s, home


def _length_s(mix: Mix, load: Load, at_s: float, rng: random.Random) -> float:
    left_s = load.duration_s - at_s
    drawn_s = left_s if mix.length_s is None else mix.length_s.draw(rng)
    return max(CHUNK_S, min(left_s, drawn_s))


def _kinds(kinds: Sequence[CallerKind], count: int) -> Iterator[str]:
    """Kinds in turn, each as often as its share says, as evenly as that can be."""
    whole, due = sum(kind.share for kind in kinds), [0.0] * len(kinds)
    if whole <= 0:
        raise SettingError("callers: no kind has a share above 0")
    for _ in range(count):
        due = [owed + kind.share / whole for owed, kind in zip(due, kinds, strict=True)]
        chosen = max(range(len(kinds)), key=due.__getitem__)
        due[chosen] -= 1
        yield kinds[chosen].name
