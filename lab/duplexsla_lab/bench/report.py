"""A run's figures, as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from duplexsla_lab.bench.aggregation import families, family_figures, share
from duplexsla_lab.bench.case import TOOL_SCENARIOS, Case
from duplexsla_lab.bench.results import CaseResult, RunHeader
from duplexsla_lab.bench.scorer import score_case
from duplexsla_lab.bench.verdict import CaseVerdict

WORST = 10  # cases of each family that are named
NOTES = ("wording", "voice")  # of a case, by which its figures are shown apart

Report = dict[str, Any]


def verdicts(cases: Sequence[Case], results: Mapping[str, CaseResult]) -> list[CaseVerdict]:
    """Of every case that was played, in the order of `cases`."""
    return [score_case(case, results[case.id]) for case in cases if case.id in results]


def report(head: RunHeader, cases: Sequence[Case], results: Mapping[str, CaseResult]) -> Report:
    """All figures of one run over these cases, as JSON."""
    return report_of_verdicts(head, cases, verdicts(cases, results))


def report_of_verdicts(head: RunHeader, cases: Sequence[Case], scored: Sequence[CaseVerdict]) -> Report:
    """The same from verdicts."""
    groups = families(scored)
    return {
        "system": head.system,
        "prefill": head.prefill,
        "cases_digest": head.cases,
        "cases": len(cases),
        "played": len(scored),
        "families": {name: family_figures(group) for name, group in groups.items()},
        "data": {name: family_figures(group) for name, group in families(of_data(cases)).items()},
        "parts": breakdown(cases, scored),
        "worst": {name: worst_cases(group) for name, group in groups.items()},
    }


def of_data(cases: Iterable[Case]) -> list[CaseVerdict]:
    """What the cases' own truth scores: the delays that the data teaches."""
    return [score_case(case, CaseResult(case.id, case.truth)) for case in cases if case.truth]


def breakdown(cases: Sequence[Case], scored: Sequence[CaseVerdict]) -> dict[str, Any]:
    """Accuracy of turns and of tool calls, by each value of what is noted of a case, and by toolset."""
    noted = {case.id: {"toolset": case.toolset, **case.notes} for case in cases}
    groups: dict[str, dict[str, list[CaseVerdict]]] = {}
    for verdict in scored:
        for key in ("toolset", *NOTES):
            if value := noted.get(verdict.case, {}).get(key):
                groups.setdefault(key, {}).setdefault(str(value), []).append(verdict)
    return {
        key: {value: _turns_and_tools(group) for value, group in sorted(values.items())}
        for key, values in groups.items()
    }


def _turns_and_tools(group: Sequence[CaseVerdict]) -> dict[str, Any]:
    tools = [each for each in group if each.scenario in TOOL_SCENARIOS]
    turns = [each for each in group if each.scenario not in TOOL_SCENARIOS]
    return {
        name: {"cases": len(some), "accuracy": share(each.hit for each in some)}
        for name, some in (("turns", turns), ("tools", tools))
        if some
    }


def worst_cases(group: Sequence[CaseVerdict]) -> list[dict[str, Any]]:
    """The misses first, then the slowest hits."""
    ranked = sorted(group, key=lambda each: (each.hit, -max(each.delays_s, default=0.0), each.case))
    return [
        {
            "case": each.case,
            "hit": each.hit,
            "delay_s": round(max(each.delays_s, default=0.0), 2),
            "why": each.why,
        }
        for each in ranked[:WORST]
    ]


def summary(report: Report) -> dict[str, Any]:
    """One line: per family accuracy, delay, and for tool calls the strict figure."""
    line = {}
    for name, figures in report["families"].items():
        delay = figures["delay_s"]
        line[name] = {"accuracy": figures["accuracy"]["share"], "delay_s": delay and delay["mean"]}
        if strict := figures["beside"].get("strict"):
            line[name]["strict"] = strict["share"]
        if figures["failed"]:
            line[name]["failed"] = figures["failed"]
    return {"system": report["system"], "prefill": report["prefill"], "played": report["played"], **line}


def summary_of_both(prefilled: Report, alone: Report) -> dict[str, Any]:
    """One line of a prefilled run and of one without, the latter under "alone"."""
    line = summary(prefilled)
    del line["prefill"]
    return {
        **line,
        "alone": {name: figures for name, figures in summary(alone).items() if name in alone["families"]},
    }
