"""Which cases there are (paper table 10, and the home toolset beside it), in which shards, under which name.

A case's number is all that its texts and voice are drawn from, and every shard is spoken by a process of its
own, in its order: so the same seed makes the same cases on any number of workers, and the small set alone is
equal to its part of the whole.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from duplexsla import tools
from duplexsla.runtime.checkout import CACHE
from duplexsla_lab.bench.case import TOOL_SCENARIOS, TURN_SCENARIOS

LAB = Path(__file__).resolve().parents[2]
SETS = CACHE  # bench-<version>/, each made once
SOURCES = (
    LAB / "data",
    Path(tools.__file__).parent,
    LAB / "bench" / "making",
)  # of what a case is made; a change there makes another set
SHARD_CASES = 30


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases of one scenario with one toolset: in all, and in the small set."""

    scenario: str
    toolset: str
    cases: int
    small: int

    def ids(self) -> list[str]:
        """The small set's come first: those with the lowest hashes."""
        ids = [f"{self.scenario}-{self.toolset}-{number:03d}" for number in range(self.cases)]
        return sorted(ids, key=lambda each: hashlib.sha256(each.encode()).digest())


COUNTS = (
    *(Count(scenario, toolset, 150, 15) for scenario in TURN_SCENARIOS for toolset in ("home", "car")),
    *(Count(scenario, toolset, 300, 30) for scenario in TOOL_SCENARIOS for toolset in ("home", "car")),
)


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """Cases that are spoken by one process."""

    scenario: str
    toolset: str
    part: str  # "small", or "rest" and a number
    ids: tuple[str, ...]
    seed: int

    @property
    def name(self) -> str:
        return f"{self.scenario}-{self.toolset}-{self.part}"


def shard_plans(counts: tuple[Count, ...], *, seed: int, small: bool) -> list[ShardPlan]:
    return [plan for count in counts for plan in _plans(count, seed=seed, small=small)]


def _plans(count: Count, *, seed: int, small: bool) -> Iterator[ShardPlan]:
    ids = count.ids()
    yield ShardPlan(count.scenario, count.toolset, "small", tuple(sorted(ids[: count.small])), seed)
    rest = [] if small else sorted(ids[count.small :])
    for number, first in enumerate(range(0, len(rest), SHARD_CASES)):
        part = tuple(rest[first : first + SHARD_CASES])
        yield ShardPlan(count.scenario, count.toolset, f"rest{number:02d}", part, seed)


def version(seed: int) -> str:
    """Names the cases that this code makes from a seed."""
    found = hashlib.sha256(str(seed).encode())
    for folder in SOURCES:
        for path in sorted(folder.rglob("*.py")):
            found.update(path.name.encode() + path.read_bytes())
    return f"{seed}-{found.hexdigest()[:10]}"


def cases_folder(seed: int) -> Path:
    """Where the cases of a seed lie."""
    return SETS / f"bench-{version(seed)}"


def missing(plans: list[ShardPlan], folder: Path) -> list[ShardPlan]:
    return [plan for plan in plans if not (folder / f"{plan.name}.jsonl").exists()]
