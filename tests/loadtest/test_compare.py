import pytest
from tests.support.loadtest_reports import example_report

from duplexsla.errors import SettingError
from duplexsla_loadtest.compare import compare, differences


def _words(seed: int, **after: float) -> dict[str, str]:
    return {each.name: each.word for each in compare(example_report(seed), example_report(seed + 1, **after))}  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", (0, 2))
def test_two_equal_runs_are_the_same(seed: int) -> None:
    assert set(_words(seed).values()) == {"same"}


def test_a_slower_run_is_worse_and_a_faster_one_better() -> None:
    worse, better = _words(1, step_ms=33.0), _words(1, step_ms=27.0)
    assert (worse["step_p50_ms"], worse["step_p99_ms"], worse["miss_ratio"]) == ("worse", "worse", "same")
    assert (better["step_p50_ms"], better["step_p99_ms"]) == ("better", "better")


def test_more_misses_are_worse() -> None:
    words = _words(1, miss_share=0.02)
    assert (words["miss_ratio"], words["step_p50_ms"], words["step_p99_ms"]) == ("worse", "same", "worse")


def test_a_run_that_is_too_short_cannot_be_compared() -> None:
    with pytest.raises(SettingError, match="at least 20 s"):
        compare(example_report(1), example_report(2, duration_s=20))


def test_what_was_asked_for_differently_is_listed() -> None:
    assert differences(example_report(1), example_report(1)) == []
    assert differences(example_report(1), example_report(2)) == ["seed: 1 and 2"]
