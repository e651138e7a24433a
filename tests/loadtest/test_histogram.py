import random

import pytest

from duplexsla_loadtest.histogram import LogHistogram


def _of(values: list[float]) -> LogHistogram:
    histogram = LogHistogram()
    for value in values:
        histogram.record(value)
    return histogram


@pytest.mark.parametrize(
    "ms", [0.0, 0.001, 0.5, 2.047, 2.048, 2.049, 17.3, 160.0, 999.9, 5_000.0, 3_600_000.0]
)
def test_a_time_is_kept_to_three_digits(ms: float) -> None:
    assert _of([ms]).percentile(100) == pytest.approx(ms, rel=0.001, abs=0.0006)


def test_percentiles_are_those_of_the_sorted_values() -> None:
    rng = random.Random(1)
    values = sorted(rng.lognormvariate(3, 1) for _ in range(5_000))
    histogram = _of(values)
    for rank in (1, 50, 90, 99, 99.9, 100):
        exact = values[max(1, -(-len(values) * rank // 100)).__int__() - 1]
        assert histogram.percentile(rank) == pytest.approx(exact, rel=0.001)


def test_added_histograms_are_the_histogram_of_all() -> None:
    left, right = [1.0, 2.0, 300.0], [2.0, 4.5]
    whole = _of(left)
    whole.add(_of(right))
    assert whole.pairs() == _of(left + right).pairs()
    assert len(whole) == 5


def test_what_was_written_is_read_again() -> None:
    histogram = _of([0.1, 20.0, 20.0, 7_000.0])
    assert LogHistogram(histogram.pairs()).pairs() == histogram.pairs()


def test_how_many_were_longer() -> None:
    assert _of([159.0, 161.0, 400.0]).above(160) == 2


def test_nothing_recorded_is_zero() -> None:
    assert (LogHistogram().percentile(99), LogHistogram().mean, len(LogHistogram())) == (0.0, 0.0, 0)
