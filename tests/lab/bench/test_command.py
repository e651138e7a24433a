"""The command, with a random model small enough for a test."""

import argparse
import contextlib
import io
import json
import shutil
import wave
from pathlib import Path
from typing import Any

import pytest
from tests.support.bench_cases import all_kinds
from tests.support.tiny_engine import save_tiny, tiny_model, tiny_vocabulary

from duplexsla.errors import CheckpointError
from duplexsla.model.checkpoint import save_nano
from duplexsla_lab.bench import command
from duplexsla_lab.bench.case import Case, CaseError
from duplexsla_lab.bench.case_files import write_cases
from duplexsla_lab.bench.making import case_plan
from duplexsla_lab.bench.results import ResultsError


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven cases, a model, and what it did in them."""
    folder = tmp_path_factory.mktemp("played")
    write_cases(folder / "cases.jsonl", all_kinds())
    save_tiny(folder)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert bench(folder, "all.jsonl", "--json", folder / "all.json") == 0
    (folder / "said.json").write_text(said.getvalue().splitlines()[-1])
    return folder


@pytest.fixture
def place(played: Path, tmp_path: Path) -> Path:
    """A copy for one test."""
    return shutil.copytree(played, tmp_path / "place")


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
    line = json.loads((place / "said.json").read_text())
    assert line["played"] == 7 and line["single home"]["strict"] in (0.0, 1.0)
    assert json.loads((place / "all.json").read_text())["played"] == 7
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:4]))
    assert bench(place, path.name, "--lanes", 3) == 0
    assert sorted(path.read_text().splitlines(keepends=True)[:4]) == sorted(lines[:4])
    again = last_line(capsys)
    assert again == line


def test_a_report_is_made_from_files_alone(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("report", *cases(place), place / "all.jsonl", "--html", place / "all.html") == 0
    assert last_line(capsys) == json.loads((place / "said.json").read_text())
    assert "Table 5" in (place / "all.html").read_text()


def test_two_runs_are_compared(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench(place, "b.jsonl", "--lanes", 2, "--prefill")
    code = run("compare", *cases(place), place / "all.jsonl", place / "b.jsonl", "--json", place / "c")
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
    save_nano(tiny_model(tiny_vocabulary(), seed=1), tiny_vocabulary(), place / "nano.safetensors")
    with pytest.raises(ResultsError, match="of another run: its system"):
        bench(place, "all.jsonl")


def test_results_of_another_run_are_left_alone(place: Path) -> None:
    with pytest.raises(ResultsError, match="of another run: its prefill"):
        bench(place, "all.jsonl", "--prefill")


def test_a_model_that_is_not_there_stops_the_command_before_any_case(place: Path) -> None:
    (place / "nano.safetensors").unlink()
    with pytest.raises(CheckpointError):
        bench(place, "new.jsonl")
    assert not (place / "new.jsonl").exists()


def test_all_of_it_is_one_command_that_goes_on(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("all", *cases(place), "--model", place, "--out", place / "out")
    assert run(*words) == 0
    line = last_line(capsys)
    assert line["played"] == 7 and set(line["alone"]) == {"normal", "pause"}
    page = (place / "out" / "report.html").read_text()
    assert "Table 5" in page and "Table 6" in page and "Table 7" in page
    assert f"duplexsla bench play --cases {place / 'cases.jsonl'}" in page
    assert len(json.loads((place / "out" / "report.json").read_text())) == 2
    before = (place / "out" / "prefilled.jsonl").read_bytes()
    assert run(*words) == 0
    assert (place / "out" / "prefilled.jsonl").read_bytes() == before


def test_without_its_history_a_case_over_the_assistants_speech_is_left_out(
    place: Path, made: list[Case], capsys: pytest.CaptureFixture[str]
) -> None:
    home = [case for case in made if case.toolset == "home"]
    write_cases(place / "cases.jsonl", home)
    bench(place, "alone.jsonl")
    assert set(last_line(capsys)) >= {"normal", "pause", "single home", "multi home"}
    assert len((place / "alone.jsonl").read_text().splitlines()) == 1 + 4
    bench(place, "prefilled.jsonl", "--prefill")
    assert last_line(capsys)["played"] == 7


def test_a_case_is_played_to_be_read_and_listened_to(
    place: Path, made: list[Case], capsys: pytest.CaptureFixture[str]
) -> None:
    case = next(case for case in made if case.id.startswith("interrupt-home"))
    write_cases(place / "cases.jsonl", [case])
    heard = []
    for more in ((), ("--alone",)):
        code = run("play", case.id, *cases(place), "--model", place, "--wav", place / "both.wav", *more)
        assert code == 0 and f"{case.id}: interrupt, home" in capsys.readouterr().out
        with wave.open(str(place / "both.wav")) as file:
            assert file.getnchannels() == 2
            heard.append(file.getnframes())
    assert heard[0] - heard[1] == len(case.history[0].samples())


def test_cases_that_are_not_made_are_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_plan, "SETS", tmp_path)
    with pytest.raises(CaseError, match="not made: duplexsla bench make --small"):
        run("run", "--results", tmp_path / "r.jsonl", "--small")


def test_a_leak_is_an_exit_status(
    made_folder: Path, made: list[Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("leaks", "--cases", made_folder, tmp_path) == 0
    assert last_line(capsys) == {"cases": 14, "trained_on": 0, "utterances": 0, "leaks": 0}
    sound = {"reply": "x", "hash": made[0].notes["hashes"][0], "num_samples": 0}
    (tmp_path / "replies-0000.jsonl").write_text(json.dumps(sound) + "\n")
    (tmp_path / "replies-0000.pcm").touch()
    assert run("leaks", "--cases", made_folder, tmp_path) == 1
    assert f"{made[0].id}: sound" in capsys.readouterr().out
