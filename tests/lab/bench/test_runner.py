import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.support.bench_cases import normal

from duplexsla_lab.bench.case import Case, Samples
from duplexsla_lab.bench.conversation import PlaySettings
from duplexsla_lab.bench.results import CaseResult, ResultsFile, RunHeader, read_results
from duplexsla_lab.bench.runner import Runner
from duplexsla_lab.bench.system_interface import Output, SystemFactory
from duplexsla_lab.bench.systems.reference import AlwaysSilent

SETTINGS = PlaySettings(tail_s=0.0)
HEAD = RunHeader("test", False, "x")
TROUBLE = 13  # a sample that upsets the systems of these tests


def _case(id: str, first_sample: int = 0) -> Case:
    return Case(id, "normal", "home", np.array([first_sample] + [0] * 5_000, np.int16), {"user_end_s": 0.1})


CASES = [_case("a"), _case("b", TROUBLE), _case("c"), _case("d")]


class Troubled(AlwaysSilent):
    """Calls `trouble` when it hears it."""

    def __init__(self, trouble: Callable[[], None]) -> None:
        super().__init__()
        self._trouble = trouble

    def step(self, samples: Samples) -> Output:
        if samples[0] == TROUBLE:
            self._trouble()
        return super().step(samples)


def die() -> None:
    raise ConnectionError("the decoder is gone")


def play(
    make: SystemFactory,
    path: Path,
    cases: list[Case] = CASES,
    *,
    lanes: int = 1,
    now: Callable[[], float] = time.monotonic,
    again: bool = False,
) -> dict[str, CaseResult]:
    runner = Runner(make, SETTINGS, now=now, lanes=lanes, deadline_s=30.0)
    with ResultsFile(path, HEAD) as file:
        return {result.case: result for result in runner.run(cases, file, again=again)}


@pytest.fixture
def hang() -> Iterator[tuple[Callable[[], None], Callable[[], float]]]:
    """A trouble that never ends, and a clock that jumps ahead when it has begun."""
    hangs, released = threading.Event(), threading.Event()

    def trouble() -> None:
        hangs.set()
        released.wait()

    yield trouble, lambda: 100.0 if hangs.is_set() else 0.0
    released.set()


@pytest.mark.parametrize("lanes", [1, 3])
def test_every_case_is_played_once(tmp_path: Path, lanes: int) -> None:
    cases = [normal(id=str(number)) for number in range(10)]
    results = play(AlwaysSilent, tmp_path / "r.jsonl", cases, lanes=lanes)
    assert sorted(results) == sorted(case.id for case in cases)
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 1 + len(cases)


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_system_that_dies_costs_its_case_alone(tmp_path: Path, lanes: int) -> None:
    results = play(lambda: Troubled(die), tmp_path / "r.jsonl", lanes=lanes)
    assert [case for case, result in sorted(results.items()) if result.failed] == ["b"]
    assert results["b"].failed == "step 0: ConnectionError: the decoder is gone"


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_system_that_hangs_costs_its_case_alone(
    tmp_path: Path, lanes: int, hang: tuple[Callable[[], None], Callable[[], float]]
) -> None:
    trouble, now = hang
    results = play(lambda: Troubled(trouble), tmp_path / "r.jsonl", lanes=lanes, now=now)
    failed = {case: result.failed for case, result in results.items() if result.failed}
    assert failed.pop("b") == "step 0: no answer within 30 s"
    assert len(results) == 4 and (lanes > 1 or not failed)


def test_a_system_that_cannot_be_made_is_the_reason(tmp_path: Path) -> None:
    def make() -> AlwaysSilent:
        raise OSError("no such model")

    results = play(make, tmp_path / "r.jsonl", CASES[:1])
    assert results["a"].failed == "start: OSError: no such model"


def test_a_system_is_used_again_until_it_fails(tmp_path: Path) -> None:
    made = []

    def make() -> Troubled:
        made.append(Troubled(die))
        return made[-1]

    play(make, tmp_path / "r.jsonl")
    assert len(made) == 2


def test_audio_that_is_missing_costs_its_case_alone(tmp_path: Path) -> None:
    gone = Case("gone", "normal", "home", tmp_path / "gone.wav", {"user_end_s": 0.1})
    results = play(AlwaysSilent, tmp_path / "r.jsonl", [gone, *CASES])
    assert "gone.wav" in results["gone"].failed and not results["a"].failed


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with ResultsFile(path, HEAD) as file:
        run = Runner(AlwaysSilent, SETTINGS, now=time.monotonic).run(CASES, file)
        assert [next(run).case, next(run).case] == ["a", "b"]
        run.close()  # type: ignore[attr-defined]
    assert list(play(AlwaysSilent, path)) == ["c", "d"]
    assert list(read_results(path)[1]) == ["a", "b", "c", "d"]
    assert play(AlwaysSilent, path) == {}


def test_what_failed_is_played_again_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    play(lambda: Troubled(die), path)
    assert play(AlwaysSilent, path) == {}
    assert list(play(AlwaysSilent, path, again=True)) == ["b"]
    assert not read_results(path)[1]["b"].failed


def test_a_result_has_the_slowest_step(tmp_path: Path) -> None:
    late_s = [0.0]

    def slow() -> None:
        late_s[0] += 0.7

    results = play(lambda: Troubled(slow), tmp_path / "r.jsonl", now=lambda: late_s[0])
    assert results["b"].slowest_step_ms == pytest.approx(700) and results["a"].slowest_step_ms == 0
