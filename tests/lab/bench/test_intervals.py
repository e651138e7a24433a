import random

import pytest

from duplexsla_lab.bench.intervals import mean_interval, sign_test, wilson


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (285, 300, 0.9191, 0.9695)],
)
def test_wilson_gives_the_known_figures(hits: int, cases: int, low: float, high: float) -> None:
    assert wilson(hits, cases) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_wilson_of_no_cases_knows_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = random.Random(1)
    held = 0
    for _ in range(1_000):
        low, high = wilson(sum(rng.random() < 0.9 for _ in range(100)), 100)
        held += low <= 0.9 <= high
    assert 0.92 <= held / 1_000 <= 0.98


def test_the_interval_of_a_mean_is_around_it() -> None:
    low, high = mean_interval([0.1, 0.3])
    assert (low + high) / 2 == pytest.approx(0.2) and high > 0.3
    assert mean_interval([0.4]) == (0.4, 0.4) and mean_interval([]) == (0.0, 0.0)


def test_the_sign_test_gives_the_known_figures() -> None:
    assert sign_test(0, 0) == sign_test(3, 3) == 1.0
    assert sign_test(8, 2) == sign_test(2, 8) == pytest.approx(2 * 56 / 1024)
    assert sign_test(10, 0) == pytest.approx(2 / 1024)
