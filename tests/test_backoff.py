"""Waits before another attempt."""

import random
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from duplexsla.backoff import Backoff

SECONDS = st.floats(0.001, 10.0)


@given(first_s=SECONDS, most_s=SECONDS, at_least=st.floats(0.0, 1.0), seed=st.integers())
def test_ranges_double_up_to_the_limit_and_waits_lie_in_them(
    first_s: float, most_s: float, at_least: float, seed: int
) -> None:
    backoff = Backoff(first_s, most_s=max(first_s, most_s), at_least=at_least)
    for number, wait_s in enumerate(islice(backoff.waits_s(random.Random(seed)), 12)):
        range_s = min(first_s * 2**number, backoff.most_s)
        assert range_s * at_least * 0.999 <= wait_s <= range_s * 1.001


def test_those_who_failed_together_come_back_apart() -> None:
    backoff = Backoff(0.1, 2.0, at_least=0.0)
    first = {next(backoff.waits_s(random.Random(seed))) for seed in range(50)}
    assert len(first) == 50
    assert min(first) < 0.02 and max(first) > 0.08
