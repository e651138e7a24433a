"""The risk of a call is the highest of all that it touches; what nobody knows is mess."""

import pytest

from duplexsla.gates.risk import RISKS, UNKNOWN_RISK, function_risk, highest
from duplexsla.tools import VERSIONS, Risk


def test_the_highest_counts_and_the_unknown_is_mess() -> None:
    assert highest(["read", "entry", "comfort"]) == "entry"
    assert highest(["comfort", None]) == highest([]) == highest([None]) == UNKNOWN_RISK == "mess"
    assert highest([None, "entry"]) == "entry"


@pytest.mark.parametrize(
    ("toolset", "function", "risk"),
    [
        ("home", "unlock_home_door", "entry"),
        ("home", "lock_home_door", "mess"),
        ("home", "query_home_time", "read"),
        ("home", "set_timer", "comfort"),
        ("car", "make_call", "mess"),
        ("home", "make_call", None),
        ("boat", "sail", None),
    ],
)
def test_a_function_has_its_risk_in_its_toolset(toolset: str, function: str, risk: Risk | None) -> None:
    assert function_risk(toolset, function) == risk


def test_a_function_costs_the_same_in_every_version() -> None:
    """An older version is what weights were taught, no weaker promise."""
    for (name, _), toolset in VERSIONS.items():
        for function in toolset.functions:
            assert function.risk in RISKS
            assert function.risk == function_risk(name, function.name), function.name
