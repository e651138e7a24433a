import json
from dataclasses import replace
from typing import Any

from tests.support.loadtest_reports import example_report

from duplexsla_loadtest import capacity_search
from duplexsla_loadtest.bisection import Bisection
from duplexsla_loadtest.coordinator import Job
from duplexsla_loadtest.html_report import search_page
from duplexsla_loadtest.mix import Mix, read_mix
from duplexsla_loadtest.plan import Load
from duplexsla_loadtest.report import Report

MIX: Mix = read_mix("silence")
JOB = Job("host:1", MIX, Load(1, 20.0, 0.0, seed=7), 5.0)


def _play(edge: int, played: list[Load]) -> Any:
    def play(job: Job) -> Report:
        played.append(job.load)
        load = job.load.sessions
        report = example_report(load, step_ms=load / 2, miss_share=0.0 if load <= edge else 0.5, duration_s=6)
        return replace(report, verdict=replace(report.verdict, word="held" if load <= edge else "missed"))

    return play


def _found(edge: int) -> tuple[capacity_search.CapacityResult, list[Load], list[str]]:
    played: list[Load] = []
    lines: list[str] = []
    search = Bisection(first=8, most=64, resolution=0.05, repeats=2)
    found = capacity_search.search_capacity(
        JOB, search, _play(edge, played), lambda t: lines.append(capacity_search.line(t)), rest_s=0.0
    )
    return found, played, lines


def test_the_curve_holds_every_load_that_was_tried_rising() -> None:
    found, played, lines = _found(edge=20)
    curve = found.curve()
    assert [row["sessions"] for row in curve] == sorted({load.sessions for load in played})
    assert all((row["held"] > 0) == (row["sessions"] <= 20) for row in curve)
    assert len(lines) == len(played)
    assert found.row()["sessions"] == 20 and found.status == 0


def test_each_trial_has_a_seed_of_its_own() -> None:
    _, played, _ = _found(edge=20)
    assert [load.seed for load in played] == list(range(7, 7 + len(played)))


def test_the_answer_is_one_number_an_interval_and_a_page() -> None:
    found, _, _ = _found(edge=20)
    assert (
        capacity_search.text(found).splitlines()[-1].startswith("20 live sessions hold (interval 20 .. 21)")
    )
    assert json.loads(json.dumps(found.row()))["interval"] == [20, 21]
    assert search_page(found).count("<svg") == 2


def test_nothing_that_holds_is_a_failure() -> None:
    assert _found(edge=0)[0].status == 1
