"""A run's figures, from verdicts whose tally is known."""

import json
from dataclasses import replace

import pytest
from tests.support.bench_cases import LIGHT, QUIET, all_kinds, normal, speech, tool_case

from duplexsla_lab.bench.aggregation import delay_figures, families, family_figures
from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.conversation import PlaySettings, converse
from duplexsla_lab.bench.paper_figures import NOT_PREFILLED, PREFILLED, TOOL_CALLS, PaperTable
from duplexsla_lab.bench.report import (
    breakdown,
    of_data,
    report,
    report_of_verdicts,
    summary,
    summary_of_both,
    verdicts,
    worst_cases,
)
from duplexsla_lab.bench.results import CaseResult, RunHeader
from duplexsla_lab.bench.systems.reference import Oracle
from duplexsla_lab.bench.tables import text
from duplexsla_lab.bench.verdict import CaseVerdict

HEAD = RunHeader("oracle", False, "abc")


def verdict(case: str, *, hit: bool = True, delay_s: float | None = None, **more: object) -> CaseVerdict:
    delays_s = () if delay_s is None else (delay_s,)
    return CaseVerdict(case, more.pop("scenario", "normal"), "car", hit, delays_s, **more)  # type: ignore[arg-type]


def oracle_results(cases: list[Case]) -> dict[str, CaseResult]:
    system = Oracle(cases)
    return {case.id: converse(case, system, PlaySettings(), QUIET) for case in cases}


def test_accuracy_and_delay_are_over_all_cases_and_all_hits() -> None:
    figures = family_figures([verdict("a", delay_s=0.1), verdict("b", delay_s=0.3), verdict("c", hit=False)])
    assert (figures["cases"], figures["failed"]) == (3, 0)
    assert figures["accuracy"]["share"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["accuracy"]["interval"] == [
        pytest.approx(0.2077, abs=1e-3),
        pytest.approx(0.9385, abs=1e-3),
    ]
    assert (figures["delay_s"]["mean"], figures["delay_s"]["p50"], figures["delay_s"]["p90"]) == (
        0.2,
        0.1,
        0.3,
    )


def test_delays_of_calls_are_averaged_over_matched_calls_not_over_cases() -> None:
    calls = [
        CaseVerdict("a", "multi", "car", True, (0.0, 0.0, 0.3)),
        CaseVerdict("b", "multi", "car", False, (0.9,)),
    ]
    assert family_figures(calls)["delay_s"]["mean"] == 0.3


def test_a_case_that_failed_counts_against_every_figure() -> None:
    good = verdict("a", delay_s=0.1, secondary={"strict": True})
    figures = family_figures([good, verdict("b", hit=False, failed="step 3: it hung")])
    assert figures["failed"] == 1
    assert figures["accuracy"]["share"] == figures["beside"]["strict"]["share"] == 0.5


def test_a_histogram_has_steps_of_one_chunk() -> None:
    figures = delay_figures([0.0, 0.1, 0.17, 0.5])
    assert figures and figures["histogram"] == {"0.00": 2, "0.16": 1, "0.48": 1}
    assert delay_figures([]) is None


def test_families_are_in_the_order_of_the_paper_and_toolsets_are_apart() -> None:
    some = [
        CaseVerdict("1", "multi", "home", True),
        CaseVerdict("2", "multi", "car", True),
        CaseVerdict("3", "pause", "home", True),
        CaseVerdict("4", "normal", "car", True),
    ]
    assert list(families(some)) == ["normal", "pause", "multi car", "multi home"]


def test_the_worst_cases_are_the_misses_then_the_slowest() -> None:
    group = [verdict("quick", delay_s=0.1), verdict("slow", delay_s=0.9), verdict("missed", hit=False)]
    assert [each["case"] for each in worst_cases(group)] == ["missed", "slow", "quick"]


def test_an_oracle_is_reported_as_one() -> None:
    cases = all_kinds()
    figures = report(HEAD, cases, oracle_results(cases))
    assert all(each["accuracy"]["share"] == 1.0 for each in figures["families"].values())
    assert json.loads(json.dumps(figures)) == figures
    line = summary(figures)
    assert line["single home"] == {"accuracy": 1.0, "delay_s": pytest.approx(0.02), "strict": 1.0}
    assert "strict" not in line["normal"]


def test_only_cases_that_were_played_are_judged() -> None:
    cases = all_kinds()
    judged = verdicts(cases, {"normal": CaseResult("normal", speech("." * 10 + "#"))})
    assert [each.case for each in judged] == ["normal"] and judged[0].hit


def test_our_figures_stand_below_the_papers() -> None:
    cases = all_kinds()
    figures = report(HEAD, cases, oracle_results(cases))
    without = text(figures)
    assert "Table 7" in without and "Table 6" not in without
    assert "paper: Freeze-Omni" in without and "100.00  0.1" in without
    assert "Table 5: tool calls, home toolset" in without and "ASR + LLM" not in without
    prefilled = text({**figures, "prefill": True})
    assert "Table 6" in prefilled and "gemini-3.1-flash-live" in prefilled and "N/A" in prefilled


def test_the_papers_tool_figures_stand_beside_the_car_toolset_alone() -> None:
    calls = [CaseVerdict("a", "single", "car", True, (0.5,), {"strict": True}, {"closed": 1.0})]
    shown = text(report_of_verdicts(HEAD, [], calls))
    assert "paper: ASR + LLM sys" in shown and "Table 5: tool calls, car toolset" in shown
    assert "closed 1.00 s" in shown


def test_a_family_without_a_hit_has_no_delay() -> None:
    figures = report_of_verdicts(HEAD, [], [verdict("a", hit=False, why="it never answered")])
    assert summary(figures)["normal"] == {"accuracy": 0.0, "delay_s": None}
    assert "normal: a  it never answered" in text(figures)


def test_what_is_known_of_a_case_divides_the_figures() -> None:
    noted = [
        replace(normal(id="a"), notes={"wording": "new words", "voice": "flite rms"}),
        replace(normal(id="b"), notes={"wording": "new frame"}),
        replace(tool_case((*LIGHT, 1.0)), notes={"wording": "new frame"}),
    ]
    judged = [verdict("a"), verdict("b", hit=False), CaseVerdict("single", "single", "home", True)]
    found = breakdown(noted, judged)
    assert list(found) == ["toolset", "wording", "voice"]
    assert {key: each["accuracy"]["share"] for key, each in found["wording"]["new frame"].items()} == {
        "turns": 0.0,
        "tools": 1.0,
    }
    assert found["voice"] == {"flite rms": {"turns": found["wording"]["new words"]["turns"]}}


def test_the_delay_of_the_data_stands_beside_ours() -> None:
    (case,) = cases = [replace(normal(user_end_s=1.5), truth=speech("." * 11 + "#"))]
    assert [each.delays_s for each in of_data(cases)] == [(pytest.approx(11 * 0.16 - 1.5),)]
    figures = report(HEAD, cases, {case.id: CaseResult(case.id, speech("." * 13 + "#"))})
    assert "the data itself" in text(figures) and figures["data"]["normal"]["delay_s"]["mean"] == 0.26


def test_both_settings_fit_into_one_line() -> None:
    prefilled = report_of_verdicts(
        replace(HEAD, prefill=True), [], [verdict("a"), verdict("b", scenario="interrupt")]
    )
    alone = report_of_verdicts(HEAD, [], [verdict("a", hit=False)])
    line = summary_of_both(prefilled, alone)
    assert line["normal"]["accuracy"] == 1.0 and line["alone"] == {
        "normal": {"accuracy": 0.0, "delay_s": None}
    }
    assert line["played"] == 2 and "interrupt" in line


@pytest.mark.parametrize("table", [TOOL_CALLS, PREFILLED, NOT_PREFILLED])
def test_the_papers_averages_are_the_means_of_its_columns(table: PaperTable) -> None:
    """Holds the copy: each row is whole, and a printed average is the mean, as the paper rounds it."""
    for figures in table.rows.values():
        assert len(figures) == len(table.columns) + table.averaged
        if table.averaged:
            (accuracy, delay), *parts = figures
            # The paper prints 93.17 as the mean of 93.67 and 93.67.
            assert accuracy == pytest.approx(sum(each[0] for each in parts) / len(parts), abs=0.51)
            assert delay == pytest.approx(sum(each[1] for each in parts) / len(parts), abs=0.011)
