"""The command, with a random model small enough for a test."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from tests.bench.made_cases import all_kinds
from tests.engine.tiny import save_tiny, tiny_model, tiny_vocabulary

from duplexsla.bench import command
from duplexsla.bench.case import CaseError
from duplexsla.bench.case_files import write_cases
from duplexsla.bench.results import ResultsError
from duplexsla.errors import CheckpointError
from duplexsla.model.checkpoint import save_nano


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_cases(tmp_path / "cases.jsonl", all_kinds())
    save_tiny(tmp_path)
    return tmp_path


def run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.run(parser.parse_args([str(word) for word in words]))


def cases(place: Path) -> tuple[str, Path]:
    return "--cases", place / "cases.jsonl"


def bench(place: Path, results: str, *more: object) -> int:
    return run("run", *cases(place), "--results", place / results, "--model", place, *more)


def last_line(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_run_ends_with_one_line_of_figures_and_goes_on_where_it_stopped(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = place / "all.jsonl"
    assert bench(place, path.name, "--lanes", 3, "--json", place / "all.json") == 0
    line = last_line(capsys)
    assert line["played"] == 7 and line["single home"]["strict"] in (0.0, 1.0)
    assert json.loads((place / "all.json").read_text())["played"] == 7
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:4]))
    assert bench(place, path.name) == 0
    assert sorted(path.read_text().splitlines(keepends=True)[:4]) == sorted(lines[:4])
    again = last_line(capsys)
    assert again == line


def test_a_report_is_made_from_files_alone(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench(place, "all.jsonl")
    played = last_line(capsys)
    assert run("report", *cases(place), place / "all.jsonl", "--html", place / "all.html") == 0
    assert last_line(capsys) == played
    assert "Table 5" in (place / "all.html").read_text()


def test_two_runs_are_compared(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench(place, "a.jsonl")
    bench(place, "b.jsonl", "--lanes", 2, "--prefill")
    code = run("compare", *cases(place), place / "a.jsonl", place / "b.jsonl", "--json", place / "c")
    line = last_line(capsys)
    assert code == 0 and set(line) == set(json.loads((place / "c").read_text()))
    assert all(before == after for before, after in line.values())  # no case has a history


def test_one_case_is_played_again(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench(place, "one.jsonl", "--only", "multi")
    assert last_line(capsys)["played"] == 1
    with pytest.raises(CaseError, match="there is no case polite"):
        bench(place, "two.jsonl", "--only", "polite")


def test_one_case_is_shown(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench(place, "one.jsonl", "--only", "interrupt")
    with pytest.raises(CaseError, match="was not played"):
        run("show", *cases(place), place / "one.jsonl", "normal")
    capsys.readouterr()
    assert run("show", *cases(place), place / "one.jsonl", "interrupt") == 0
    assert "^ interrupt 1.50 s" in capsys.readouterr().out


def test_other_weights_are_another_run(place: Path) -> None:
    bench(place, "all.jsonl", "--only", "normal")
    save_nano(tiny_model(tiny_vocabulary(), seed=1), tiny_vocabulary(), place / "nano.safetensors")
    with pytest.raises(ResultsError, match="of another run: its system"):
        bench(place, "all.jsonl", "--only", "normal")


def test_results_of_another_run_are_left_alone(place: Path) -> None:
    bench(place, "all.jsonl")
    with pytest.raises(ResultsError, match="of another run: its prefill"):
        bench(place, "all.jsonl", "--prefill")


def test_a_model_that_is_not_there_stops_the_command_before_any_case(place: Path) -> None:
    (place / "nano.safetensors").unlink()
    with pytest.raises(CheckpointError):
        bench(place, "all.jsonl")
    assert not (place / "all.jsonl").exists()
