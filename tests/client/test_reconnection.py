"""Where and when a client comes back."""

import random
from itertools import islice

from duplexsla.client.reconnection import addresses, waits_s


def test_a_departing_gateways_successors_are_asked_first_and_all_over_and_over() -> None:
    assert list(islice(addresses("a", ["c"], ["a", "b"]), 6)) == ["c", "a", "b", "c", "a", "b"]


def test_without_a_word_the_present_one_is_asked_first() -> None:
    assert list(islice(addresses("b", [], ["a", "b"]), 4)) == ["b", "a", "b", "a"]


def test_the_first_attempt_comes_soon_after_the_time_that_was_named() -> None:
    first, second = islice(waits_s(random.Random(1), after_s=5.0), 2)
    assert 5.0 <= first <= 5.1 and second <= 0.2
