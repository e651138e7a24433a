"""How sure it is that the call is what was asked, against the bounds of its risk class. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from duplexsla.gates.risk import CAREFUL
from duplexsla.tools import Risk


class Sureness(StrEnum):
    SURE = "sure"
    UNSURE = "unsure"  # between floor and threshold: worth a question
    NOISE = "noise"  # below the floor: not even that


@dataclass(frozen=True, slots=True)
class ConfidenceBounds:
    """Of one risk class, on the calibrated scale 0..1."""

    floor: float
    threshold: float


def sureness(confidence: float | None, risk: Risk, bounds: Mapping[Risk, ConfidenceBounds]) -> Sureness:
    """`confidence` is None where the weights have no table that calibrates it, or where it was lost: it
    counts as 0 for mess and entry, and is not asked of the others. What is no number counts as 0.
    """
    if confidence is None:
        if risk not in CAREFUL:
            return Sureness.SURE
        confidence = 0.0
    if math.isnan(confidence):
        confidence = 0.0
    if confidence < bounds[risk].floor:
        return Sureness.NOISE
    return Sureness.UNSURE if confidence < bounds[risk].threshold else Sureness.SURE
