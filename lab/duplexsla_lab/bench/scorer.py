"""From a case and what a system did in it to a verdict."""

from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.results import CaseResult
from duplexsla_lab.bench.tool_calls import score_calls
from duplexsla_lab.bench.turn_taking import score_turn
from duplexsla_lab.bench.verdict import CaseVerdict


def score_case(case: Case, result: CaseResult) -> CaseVerdict:
    """A case that failed is never a hit, whatever was said before."""
    if result.failed:
        return CaseVerdict(
            case.id, case.scenario, case.toolset, False, why=result.failed, failed=result.failed
        )
    return score_calls(case, result.log) if case.is_tool else score_turn(case, result.log)
