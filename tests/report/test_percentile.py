"""Percentiles: the nearest rank, over lists and over counts."""

import math
import random

import pytest

from duplexsla.report.percentile import nearest_rank, percentile


def test_a_percentile_is_a_value_that_was_seen() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert (percentile(values, 50), percentile(values, 99), percentile(values, 100)) == (50.0, 99.0, 100.0)
    assert percentile([3, 1, 2], 50) == 2 and percentile([5.0], 1) == 5.0
    assert math.isnan(percentile([], 99))


@pytest.mark.parametrize("rank", [0, 0.1, 25, 50, 90, 99.9, 100])
def test_that_share_of_all_values_does_not_exceed_it(rank: float) -> None:
    rng = random.Random(1)
    for count in (1, 2, 7, 1_000):
        values = [rng.random() for _ in range(count)]
        limit = percentile(values, rank)
        assert (
            sum(value <= limit for value in values) == nearest_rank(count, rank) >= count * rank / 100 - 1e-6
        )
        assert sum(value < limit for value in values) <= count * rank / 100
