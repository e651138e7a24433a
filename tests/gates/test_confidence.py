"""Confidence against the bounds of a risk: what is not known counts as 0 where a doubt must not act."""

import pytest

from duplexsla.gates.confidence import ConfidenceBounds, Sureness, sureness
from duplexsla.gates.risk import CAREFUL, RISKS
from duplexsla.tools import Risk

BOUNDS = {risk: ConfidenceBounds(0.3, 0.8) for risk in RISKS}


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        (0.0, Sureness.NOISE),
        (0.29, Sureness.NOISE),
        (0.3, Sureness.UNSURE),
        (0.79, Sureness.UNSURE),
        (0.8, Sureness.SURE),
        (1.0, Sureness.SURE),
        (float("nan"), Sureness.NOISE),
    ],
)
def test_a_number_is_held_against_both_bounds(confidence: float, expected: Sureness) -> None:
    assert {sureness(confidence, risk, BOUNDS) for risk in RISKS} == {expected}


@pytest.mark.parametrize("risk", RISKS)
def test_without_a_table_mess_and_entry_have_none(risk: Risk) -> None:
    assert sureness(None, risk, BOUNDS) is (Sureness.NOISE if risk in CAREFUL else Sureness.SURE)
