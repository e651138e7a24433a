"""How often a call is right of which the model is so sure: a table beside the weights, fitted on held-out
cases.
"""

import json
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from duplexsla.errors import CheckpointError
from duplexsla.protocol.call_confidence import UNKNOWN, CallConfidence

CALIBRATION_FILE = "calibration.json"
LEAST_P = 1e-30
MOST_MARGIN = 20.0
FIT = "fit one: duplexsla bench calibrate"


@dataclass(frozen=True, slots=True)
class Calibration:
    """A call's score is a weighted sum of its figures, its confidence that of the last step not above it."""

    model: str  # identity of the weights
    weights: tuple[float, ...]  # of the logarithms of function_p and argument_p, and of margin; >= 0
    scores: tuple[float, ...]  # where each step begins, ascending
    confidences: tuple[float, ...]  # of each step, 0..1, never falling
    calls: int  # on which it was fitted

    def confidence(self, call: CallConfidence) -> float:
        """How often a call with these figures is right, 0..1; 0 below all steps, and for UNKNOWN."""
        if call == UNKNOWN:
            return 0.0
        step = bisect_right(self.scores, score(call, self.weights)) - 1
        return self.confidences[step] if step >= 0 else 0.0


def figures(call: CallConfidence) -> tuple[float, float, float]:
    """What a score is summed of."""
    function, argument = (math.log(max(p, LEAST_P)) for p in (call.function_p, call.argument_p))
    return function, argument, min(call.margin, MOST_MARGIN)


def score(call: CallConfidence, weights: Sequence[float]) -> float:
    return sum(weight * figure for weight, figure in zip(weights, figures(call), strict=True))


def read_calibration(folder: Path, identity: str) -> Calibration | None:
    """The table in the folder of the weights with this identity; None without one.

    Raises CheckpointError for a table that cannot be read, or of other weights.
    """
    path = folder / CALIBRATION_FILE
    if not path.exists():
        return None
    try:
        found = _parsed(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CheckpointError(f"{path} is no table of confidence ({error!r}): {FIT}") from error
    if found.model != identity:
        raise CheckpointError(
            f"{path} is of the weights {found.model}, those beside it are {identity}: remove it, or {FIT}"
        )
    return found


def write_calibration(folder: Path, table: Calibration) -> None:
    row = {
        "model": table.model,
        "calls": table.calls,
        "weights": table.weights,
        "steps": list(zip(table.scores, table.confidences, strict=True)),
    }
    (folder / CALIBRATION_FILE).write_text(json.dumps(row, indent=1) + "\n", "utf-8")


def _parsed(row: Any) -> Calibration:
    weights = tuple(float(each) for each in row["weights"])
    scores, confidences = zip(*((float(a), float(b)) for a, b in row["steps"]), strict=True)
    if len(weights) != len(UNKNOWN) or min(weights) < 0 or not all(map(math.isfinite, (*weights, *scores))):
        raise ValueError(f"weights {weights}")
    if any(a >= b for a, b in pairwise(scores)):
        raise ValueError("scores that do not ascend")
    if any(a > b for a, b in pairwise((0.0, *confidences, 1.0))):
        raise ValueError("confidences that fall, or are none")
    return Calibration(str(row["model"]), weights, scores, confidences, int(row["calls"]))
