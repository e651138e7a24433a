"""What a wrong effect would cost: the highest of the function's and of everything that it would move."""

from collections.abc import Iterable
from functools import cache

from duplexsla.tools import VERSIONS, Risk

RISKS: tuple[Risk, ...] = ("read", "comfort", "mess", "entry")  # rising
UNKNOWN_RISK: Risk = "mess"
CAREFUL: tuple[Risk, ...] = ("mess", "entry")  # never on a doubt
_RANK = {risk: rank for rank, risk in enumerate(RISKS)}


def highest(risks: Iterable[Risk | None]) -> Risk:
    """Of several; None is a risk that nobody knows. UNKNOWN_RISK where there is none at all."""
    known = [UNKNOWN_RISK if risk is None else risk for risk in risks]
    return max(known, key=_RANK.__getitem__, default=UNKNOWN_RISK)


@cache
def function_risk(toolset: str, function: str) -> Risk | None:
    """Of a function by itself, the highest over all versions of its toolset; None for one that none has."""
    found = [
        each.by_name[function].risk
        for (name, _), each in VERSIONS.items()
        if name == toolset and function in each.by_name
    ]
    return highest(found) if found else None
