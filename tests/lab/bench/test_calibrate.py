"""A table of confidence says how often such calls were right, never more where the model was less sure."""

import argparse
import math
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from tests.support.bench_cases import DOOR, LIGHT, tool_case
from tests.support.tiny_engine import save_tiny

from duplexsla.engine.calibration import read_calibration
from duplexsla.engine.model_folder import identity_of
from duplexsla.protocol.call_confidence import CallConfidence
from duplexsla_lab.bench import command
from duplexsla_lab.bench.calibrate import (
    FOLDS,
    LEAST_CALLS,
    JudgedCall,
    TooFewCalls,
    fit,
    judged_calls,
    risk_and_coverage,
)
from duplexsla_lab.bench.case_files import write_cases
from duplexsla_lab.bench.event_log import EventLog, LoggedCall
from duplexsla_lab.bench.results import CaseResult, ResultsError, ResultsFile, RunHeader
from duplexsla_lab.bench.systems.selection import engine_name


def _calls(count: int, *, seed: int = 0) -> list[JudgedCall]:
    """Right as often as they are probable, but for the surest, of which one in ten is wrong."""
    rng = random.Random(seed)
    drawn = [rng.random() for _ in range(count)]
    return [JudgedCall(p, rng.random() < min(p, 0.9), n % FOLDS) for n, p in enumerate(drawn)]


def test_a_step_tells_how_often_such_calls_are_right() -> None:
    table = fit(_calls(5_000), "ours")
    for p in (0.2, 0.5, 0.8, 0.99):
        assert table.of(p) == pytest.approx(min(p, 0.9), abs=0.08)
    assert table.model == "ours" and table.calls == 5_000


def test_steps_never_fall_whatever_was_seen() -> None:
    for seed in range(20):
        rng = random.Random(seed)
        calls = [JudgedCall(rng.choice((0.25, 0.5, rng.random())), rng.random() < 0.5, 0) for _ in range(300)]
        table = fit(calls, "ours")
        assert all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(table.steps))
        assert 0 < table.steps[0][1] <= table.steps[-1][1] < 1


def test_calls_that_are_all_right_are_not_certain() -> None:
    table = fit([JudgedCall(0.99 + n / 1e4, True, 0) for n in range(100)], "ours")
    assert table.of(1.0) == pytest.approx(101 / 102) and table.of(0.9) == 0


def test_calls_of_which_nothing_is_known_count_for_nothing() -> None:
    known = _calls(100)
    assert fit(known + [JudgedCall(0.0, True, 0)] * 100, "ours") == fit(known, "ours")
    with pytest.raises(TooFewCalls):
        fit([JudgedCall(0.0, True, 0)] * 100 + known[: LEAST_CALLS - 1], "ours")


def test_fewer_and_better_calls_act_above_a_higher_threshold() -> None:
    rows = risk_and_coverage(_calls(5_000))
    assert rows[0]["coverage"] == 1.0 and rows[0]["acting"] == 5_000
    assert all(a["coverage"] >= b["coverage"] for a, b in pairwise(rows))
    for row in rows[1:]:
        assert row["acting"] < 100 or row["wrong"] <= 1 - row["threshold"] + 0.05


def test_a_call_is_right_when_the_case_wanted_it_and_only_once() -> None:
    case, sure = tool_case((*LIGHT, 1.1)), CallConfidence(0.5, 0.5, 1.0)
    told = [LoggedCall(*each, 7, 8, sure) for each in (LIGHT, DOOR, LIGHT)]
    untold = LoggedCall(*LIGHT, 7, 8)
    log = EventLog([False] * 20, [], [*told, untold])
    calls = judged_calls([case], {case.id: CaseResult(case.id, log)})
    assert [(call.probability, call.right) for call in calls] == [(0.25, True), (0.25, False), (0.25, False)]


def test_the_command_writes_a_table_of_the_weights_and_refuses_results_of_others(tmp_path: Path) -> None:
    weights, results = save_tiny(tmp_path), tmp_path / "results.jsonl"
    cases = [replace(tool_case((*LIGHT, 1.1)), id=f"case {n}") for n in range(2 * LEAST_CALLS)]
    write_cases(tmp_path / "cases.jsonl", cases)
    sure = [CallConfidence(math.exp(-n / 100), 1.0, 1.0) for n in range(len(cases))]
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    options = parser.parse_args(
        ["calibrate", str(results), "--cases", str(tmp_path / "cases.jsonl"), "--model", str(weights)]
    )
    for system in (engine_name(weights), "engine of others"):
        results.unlink(missing_ok=True)
        with ResultsFile(results, RunHeader(system, False, "")) as file:
            for case, each in zip(cases, sure, strict=True):
                file.add(CaseResult(case.id, EventLog([], [], [LoggedCall(*LIGHT, 7, 8, each)])))
        if system == "engine of others":
            with pytest.raises(ResultsError, match="engine of others"):
                command.run(options)
        else:
            assert command.run(options) == 0
    table = read_calibration(weights, identity_of(weights))
    assert table is not None and table.calls == len(cases)
