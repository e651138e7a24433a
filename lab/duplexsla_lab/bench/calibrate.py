"""Fits the table of confidence that lies beside weights, on calls known to be right or wrong.

A call is right when it is one that the case wanted: its function, its arguments, at a legal time. Beside the
table stands what it would have let act, each case judged by a table that was fitted without it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from duplexsla.engine.calibration import Calibration, probability
from duplexsla.errors import BadInput
from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.results import CaseResult
from duplexsla_lab.bench.tool_calls import matches

STEP_CALLS = 20  # at least, in every step
LEAST_CALLS = 2 * STEP_CALLS
FOLDS = 5
THRESHOLDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9, 0.95)


class TooFewCalls(BadInput):
    """Not enough calls to say anything of how often they are right."""

    code = "too_few_calls"


class JudgedCall(NamedTuple):
    probability: float
    right: bool
    fold: int


class _Step(NamedTuple):
    """Neighbouring calls in order of their probabilities."""

    reached: float  # the lowest
    calls: int
    right: int

    @property
    def share(self) -> float:
        return self.right / self.calls

    def joined(self, above: "_Step") -> "_Step":
        return _Step(self.reached, self.calls + above.calls, self.right + above.right)


def judged_calls(cases: Sequence[Case], results: Mapping[str, CaseResult]) -> list[JudgedCall]:
    """Every call of the tool cases whose confidence the system told."""
    tools = [case for case in cases if case.is_tool and case.id in results]
    return [call for number, case in enumerate(tools) for call in _judged(case, results[case.id], number)]


def _judged(case: Case, result: CaseResult, number: int) -> Iterator[JudgedCall]:
    right = [call for _, call in matches(case, result.log)]
    for call in result.log.calls:
        if call.confidence is not None:
            is_right = any(call is each for each in right)
            yield JudgedCall(probability(call.confidence), is_right, number % FOLDS)


def fit(calls: Sequence[JudgedCall], model: str) -> Calibration:
    """A step's confidence is its share of right calls, with one right and one wrong call more.

    Raises TooFewCalls.
    """
    known = sorted((call for call in calls if call.probability > 0), reverse=True)
    if len(known) < LEAST_CALLS:
        raise TooFewCalls(f"{len(known)} calls with a known confidence are too few, {LEAST_CALLS} are needed")
    steps: list[_Step] = []  # from the most probable down
    for first in range(0, len(known) - STEP_CALLS + 1, STEP_CALLS):
        last = len(known) - first < 2 * STEP_CALLS
        part = known[first:] if last else known[first : first + STEP_CALLS]
        step = _Step(part[-1].probability, len(part), sum(call.right for call in part))
        while steps and (steps[-1].share <= step.share or steps[-1].reached == step.reached):
            step = step.joined(steps.pop())
        steps.append(step)
    confidences = accumulate(((step.right + 1) / (step.calls + 2) for step in steps), min)
    table = [(step.reached, confidence) for step, confidence in zip(steps, confidences, strict=True)]
    return Calibration(model, tuple(reversed(table)), len(known))


def risk_and_coverage(calls: Sequence[JudgedCall]) -> list[dict[str, Any]]:
    """For each threshold: the share of the right calls that act, and of those that act the wrong ones."""
    confident: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        table = fit([call for call in calls if call.fold != fold], "")
        confident += [(table.of(call.probability), call.right) for call in calls if call.fold == fold]
    rows = []
    for threshold in THRESHOLDS:
        acting = [right for confidence, right in confident if confidence >= threshold]
        rows.append(
            {
                "threshold": threshold,
                "acting": len(acting),
                "coverage": round(sum(acting) / max(1, sum(right for _, right in confident)), 4),
                "wrong": round(acting.count(False) / max(1, len(acting)), 4),
            }
        )
    return rows


def text(table: Calibration, rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [f"weights {table.model}: {len(table.steps)} steps, fitted on {table.calls} calls"]
    lines += [
        f"  probability from {reached:.4f}: {confidence:.1%} right" for reached, confidence in table.steps
    ]
    lines.append("threshold   acting   of the right calls   wrong of those that act")
    lines += [
        f"{row['threshold']:9.2f} {row['acting']:8d} {row['coverage']:20.1%} {row['wrong']:25.1%}"
        for row in rows
    ]
    return "\n".join(lines)
