"""Waits between attempts."""

import random

from duplexsla.executor.retry import Retry


def test_waits_double_up_to_the_longest_and_are_shortened_by_at_most_half() -> None:
    waits = list(Retry(first_ms=50, longest_ms=400, attempts=6).waits_ms(random.Random(1)))
    for wait, most in zip(waits, (50, 100, 200, 400, 400), strict=True):
        assert most / 2 <= wait <= most
