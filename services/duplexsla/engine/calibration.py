"""How often a call is right of which the model is so sure: a table beside the weights, fitted on held-out
cases. A call whose choices are unknown has probability 0, and so confidence 0.
"""

import json
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from duplexsla.errors import CheckpointError
from duplexsla.protocol.call_confidence import CallConfidence

CALIBRATION_FILE = "calibration.json"
FIT = "fit one: duplexsla bench calibrate"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The confidence of a call is that of the last step that its probability reaches."""

    model: str  # identity of the weights
    steps: tuple[tuple[float, float], ...]  # probability, confidence; the first ascend, the second never fall
    calls: int  # on which it was fitted

    def confidence(self, call: CallConfidence) -> float:
        """How often a call with these figures is right, 0..1; 0 below all steps."""
        return self.of(probability(call))

    def of(self, probability: float) -> float:
        step = bisect_right(self.steps, probability, key=lambda each: each[0]) - 1
        return self.steps[step][1] if step >= 0 else 0.0


def probability(call: CallConfidence) -> float:
    """Of the call's text, once it was opened. The margin orders right and wrong calls no better beside it."""
    return call.function_p * call.argument_p


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
    row = {"model": table.model, "calls": table.calls, "steps": table.steps}
    (folder / CALIBRATION_FILE).write_text(json.dumps(row) + "\n", "utf-8")


def _parsed(row: Any) -> Calibration:
    steps = tuple((float(reached), float(confidence)) for reached, confidence in row["steps"])
    reached, confidences = zip(*steps, strict=True)
    if not all(a < b for a, b in pairwise((*reached, 1.0 + 1e-9))) or not reached[0] > 0:
        raise ValueError("the probabilities of the steps do not ascend between 0 and 1")
    if not all(a <= b for a, b in pairwise((0.0, *confidences, 1.0))):
        raise ValueError("the confidences of the steps fall, or are none")
    return Calibration(str(row["model"]), steps, int(row["calls"]))
