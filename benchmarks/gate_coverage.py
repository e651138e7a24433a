"""What the gates leave of a bench's calls at home, right and wrong ones, by the threshold of confidence.

    duplexsla bench run --small --results nano.jsonl
    make bench-gate_coverage ARGS="nano.jsonl --small [--model FOLDER]"

Each call of the run is planned in the simulated home and judged as an executor would, with somebody at home,
by the words that were heard in its case and by the confidence that the table beside the weights gives it. A
call is right as the bench has it; opposite: it would have done the opposite of a wanted one. The thresholds
are those of all classes but read; "as shipped" are the default policy's. The last line is one JSON object.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.machine import machine

from duplexsla.engine.calibration import Calibration, read_calibration
from duplexsla.engine.model_folder import identity_of
from duplexsla.executor.planning.gate_request import meant_things, resolver_answer
from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.executor.planning.planning import PLANNED, plan
from duplexsla.executor.planning.plans import HomePlan
from duplexsla.executor.planning.resolver import Ambiguous, NotFound
from duplexsla.gates.confidence import ConfidenceBounds
from duplexsla.gates.decision import GateRequest, GateState, decide
from duplexsla.gates.policy import Policy, Presence
from duplexsla.gates.policy_file import default_policy
from duplexsla.home.registry import registry
from duplexsla.runtime.checkout import MODEL
from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.case_files import read_cases
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.making.case_plan import cases_folder
from duplexsla_lab.bench.results import CaseResult, read_results
from duplexsla_lab.bench.tool_calls import matches

SEED = 1
THRESHOLDS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0)
OPPOSITES = (
    ("open", "close"),
    ("lock", "unlock"),
    ("arm", "disarm"),
    ("increase", "decrease"),
    ("add", "remove"),
)


@dataclass(frozen=True)
class JudgedCall:
    request: GateRequest
    right: bool
    opposite: bool


def judged_calls(
    cases: Mapping[str, Case], results: Mapping[str, CaseResult], table: Calibration | None, names: HomeNames
) -> Iterator[JudgedCall]:
    for name, result in results.items():
        case = cases.get(name)
        if case is None or case.toolset != "home":
            continue
        right = [call for _, call in matches(case, result.log)] if case.is_tool else []
        for call in result.log.calls:
            request = _request(call, result.transcript, table, names)
            if request is not None:
                yield JudgedCall(request, any(call is each for each in right), _is_opposite(call, case))


def _request(call: LoggedCall, heard: str, table: Calibration | None, names: HomeNames) -> GateRequest | None:
    """None for what comes to no command: nothing would move."""
    if call.function not in PLANNED:
        return None
    found = plan(call.function, call.arguments, names)
    if not isinstance(found, HomePlan | Ambiguous | NotFound):
        return None
    known = table is not None and call.confidence is not None
    return GateRequest(
        call.function,
        call.arguments,
        answer=resolver_answer(found),
        things=meant_things(found) if isinstance(found, HomePlan) else (),
        attended=True,
        confidence=table.confidence(call.confidence) if known else None,  # type: ignore[union-attr, arg-type]
        transcript=heard.strip(),
        presence=Presence.SOMEBODY,
    )


def _is_opposite(call: LoggedCall, case: Case) -> bool:
    """Of the same thing: "turn it on" where it was to be turned off."""
    verb, _, rest = call.function.partition("_")
    others = {f"{other}_{rest}" for pair in OPPOSITES for other in pair if verb in pair and other != verb}
    return any(
        wanted.function in others and _same_thing(wanted.arguments, call.arguments) for wanted in case.wanted
    )


def _same_thing(wanted: Mapping[str, object], called: Mapping[str, object]) -> bool:
    return all(
        wanted.get(name) == called.get(name) for name in ("device", "door", "room", "property", "item")
    )


def row(calls: list[JudgedCall], policy: Policy) -> dict[str, float]:
    """Shares are of the right calls; the others are counts."""
    ends: Counter[tuple[bool, GateState]] = Counter()
    opposite = entry = 0
    for each in calls:
        verdict = decide(each.request, policy)
        ends[each.right, verdict.state] += 1
        opposite += verdict.acts and each.opposite
        entry += verdict.acts and each.request.risk == "entry"
    right = max(1, sum(each.right for each in calls))
    return {
        "coverage": round(ends[True, GateState.ALLOWED] / right, 4),
        "asked": round(ends[True, GateState.CONFIRM] / right, 4),
        "wrong_acting": ends[False, GateState.ALLOWED],
        "opposite_acting": opposite,
        "entry_acting": entry,
    }


def with_threshold(threshold: float) -> Policy:
    bounds = {
        risk: ConfidenceBounds(min(each.floor, threshold), threshold if risk != "read" else 0.0)
        for risk, each in default_policy().bounds.items()
    }
    return replace(default_policy(), bounds=bounds)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, nargs="+", help="of `duplexsla bench run`")
    parser.add_argument("--cases", type=Path, help="a file or a folder (default: those that were made)")
    parser.add_argument("--small", action="store_true", help="the small set alone")
    parser.add_argument("--model", type=Path, default=MODEL, help="the weights' folder")
    options = parser.parse_args()
    cases = {case.id: case for case in read_cases(options.cases or cases_folder(SEED), small=options.small)}
    table = read_calibration(options.model, identity_of(options.model))
    names, calls = HomeNames(registry()), []
    for path in options.results:
        calls += judged_calls(cases, read_results(path)[1], table, names)
    print(f"{len(calls)} calls at home, {sum(each.right for each in calls)} of them right")
    rows = {f"{each:.2f}": row(calls, with_threshold(each)) for each in THRESHOLDS}
    rows["as shipped"] = row(calls, default_policy())
    for name, each in rows.items():
        print(f"{name:>10}", *(f"{key} {value:.4g}" for key, value in each.items()), sep="  ")
    counts = {"calls": len(calls), "right": sum(each.right for each in calls)}
    print(json.dumps({"benchmark": "gate_coverage", **machine(), **counts, "thresholds": rows}))


if __name__ == "__main__":
    main()
