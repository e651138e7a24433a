from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.support.bench_cases import all_kinds, normal, speech

from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.results import CaseResult, ResultsError, ResultsFile, RunHeader, digest, read_results

HEAD = RunHeader("oracle", False, "abc", {"tail_s": 5.0})


def _result(case: str, failed: str = "") -> CaseResult:
    log = speech("..#", (1, "response"))
    log.calls.append(LoggedCall("open_app", {"app": "maps"}, 1, 2))
    return CaseResult(case, log, failed, "open the maps", "here", 1.25)


def _written(path: Path, *results: CaseResult) -> Path:
    with ResultsFile(path, HEAD) as file:
        for result in results:
            file.add(result)
    return path


def test_results_are_read_back(tmp_path: Path) -> None:
    path = _written(tmp_path / "r.jsonl", _result("a"), _result("b", "step 3: it hung"))
    head, results = read_results(path)
    assert head == HEAD and results == {"a": _result("a"), "b": _result("b", "step 3: it hung")}


def test_each_result_is_on_disk_when_it_is_added(tmp_path: Path) -> None:
    with ResultsFile(tmp_path / "r.jsonl", HEAD) as file:
        file.add(_result("a"))
        assert read_results(tmp_path / "r.jsonl")[1] == {"a": _result("a")}


def test_a_run_goes_on_in_its_file(tmp_path: Path) -> None:
    path = _written(tmp_path / "r.jsonl", _result("a"))
    with ResultsFile(path, HEAD) as file:
        assert list(file.done) == ["a"]
        file.add(_result("b"))
    assert list(read_results(path)[1]) == ["a", "b"]


@pytest.mark.parametrize("lost_bytes", [1, 10, 60])
def test_a_torn_last_line_is_played_again(tmp_path: Path, lost_bytes: int) -> None:
    path = _written(tmp_path / "r.jsonl", _result("a"), _result("b"))
    path.write_bytes(path.read_bytes()[:-lost_bytes])
    with ResultsFile(path, HEAD) as file:
        assert list(file.done) == ["a"]
        file.add(_result("b"))
    assert read_results(path)[1] == {"a": _result("a"), "b": _result("b")}


def test_a_file_without_a_whole_head_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"bench": "dup')
    assert read_results(_written(path, _result("a"))) == (HEAD, {"a": _result("a")})


def test_the_last_result_of_a_case_counts(tmp_path: Path) -> None:
    path = _written(tmp_path / "r.jsonl", _result("a", "reset: down"), _result("a"))
    assert read_results(path)[1] == {"a": _result("a")}


@pytest.mark.parametrize(
    ("head", "difference"),
    [
        (replace(HEAD, system="silent"), "system is oracle, not silent"),
        (replace(HEAD, prefill=True), "prefill is False"),
        (replace(HEAD, cases="abd"), "cases is abc"),
        (replace(HEAD, settings={"tail_s": 4.0}), "settings"),
    ],
)
def test_another_run_never_goes_on_in_the_file(tmp_path: Path, head: RunHeader, difference: str) -> None:
    path = _written(tmp_path / "r.jsonl", _result("a"))
    before = path.read_bytes()
    with pytest.raises(ResultsError, match=difference):
        ResultsFile(path, head)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"no json\n", b"[1]\n", b'{"bench": "old"}\n', b'{"bench":"duplexsla-bench 1"}\n']
)
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(content)
    with pytest.raises(ResultsError, match=r"r\.jsonl"):
        ResultsFile(path, HEAD)
    assert path.read_bytes() == content


def test_no_file_and_an_empty_one_are_no_run(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="there is no file"):
        read_results(tmp_path / "r.jsonl")
    (tmp_path / "r.jsonl").touch()
    with pytest.raises(ResultsError, match="is empty"):
        read_results(tmp_path / "r.jsonl")


def test_the_digest_names_cases_with_their_truth_and_sound() -> None:
    sound = np.ones(100, np.int16)
    louder = Case("normal", "normal", "home", sound, {"user_end_s": 1.5})
    digests = [digest(each) for each in ([normal()], [normal(1.6)], [louder], all_kinds())]
    assert len(set(digests)) == 4 and digest([normal()]) == digests[0]
