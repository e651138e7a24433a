"""What the scorer says of one case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

EDGE_S = 1e-6  # window edges belong to the window, whatever the last bit of a time is


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """`hit` is the paper's accuracy; `secondary` holds the figures beside it."""

    case: str
    scenario: str
    toolset: str
    hit: bool
    delays_s: tuple[float, ...] = ()  # of a turn: one, on a hit; of calls: one for each matched one
    secondary: Mapping[str, bool] = field(default_factory=dict)
    secondary_s: Mapping[str, float] = field(default_factory=dict)  # other times, seconds
    why: str = ""  # it is no hit
    failed: str = ""  # the system hung or died: the reason

    def row(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "scenario": self.scenario,
            "toolset": self.toolset,
            "hit": self.hit,
            "delays_s": [round(each, 4) for each in self.delays_s],
            "beside": dict(self.secondary),
            "also_s": {name: round(value, 4) for name, value in self.secondary_s.items()},
            "why": self.why,
            "failed": self.failed,
        }


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds, both edges inside."""

    start_s: float
    end_s: float

    def holds(self, t_s: float) -> bool:
        return self.start_s - EDGE_S <= t_s <= self.end_s + EDGE_S
