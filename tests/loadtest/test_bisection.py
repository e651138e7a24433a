import random
from collections.abc import Callable

import pytest

from duplexsla.errors import SettingError
from duplexsla_loadtest.bisection import Bisection, Capacity


def _search(
    holds: Callable[[int], bool | None], *, first: int = 8, most: int = 1_024
) -> tuple[Capacity, list[int]]:
    """What is found, and the loads that were tried on the way."""
    search, tried = Bisection(first=first, most=most, resolution=0.05, repeats=3), []
    while (load := search.next()) is not None:
        tried.append(load)
        search.record(load, holds(load))
        assert len(tried) < 100
    return search.capacity(), tried


def test_it_doubles_then_bisects_then_repeats_on_both_sides_of_the_edge() -> None:
    found, tried = _search(lambda load: load <= 67)
    assert tried[:9] == [8, 16, 32, 64, 128, 96, 80, 72, 68]
    assert (tried.count(66), tried.count(68)) == (3, 3)
    assert found == Capacity(66, least=66, most=68, limited="")


@pytest.mark.parametrize("edge", [1, 2, 3, 7, 8, 9, 100, 511, 1_000])
def test_a_sharp_edge_is_found_to_the_resolution(edge: int) -> None:
    found, _ = _search(lambda load: load <= edge)
    assert found.number <= edge and found.most is not None and found.most > edge
    assert found.most - found.number <= max(1, found.number * 0.05)


def test_a_service_that_holds_nothing_has_a_capacity_of_0() -> None:
    found, tried = _search(lambda _: False)
    assert (found.number, found.most, tried[-1]) == (0, 1, 1)


def test_a_service_that_holds_all_is_limited_by_the_range() -> None:
    assert _search(lambda _: True, most=100)[0] == Capacity(100, least=100, most=None, limited="range")


def test_void_runs_are_a_limit_of_the_tester_not_of_the_service() -> None:
    found, _ = _search(lambda load: True if load <= 100 else None)
    assert (found.limited, found.most) == ("tester", None)
    assert 90 <= found.number <= 100


def test_one_void_run_is_played_again() -> None:
    voids = iter([None])
    found, _ = _search(lambda load: next(voids, load <= 67) if load == 32 else load <= 67)
    assert found == Capacity(66, least=66, most=68, limited="")


def test_a_blurred_edge_is_within_the_interval_and_the_search_ends() -> None:
    for seed in range(20):
        rng = random.Random(seed)
        found, tried = _search(lambda load: rng.random() < 1 / (1 + 2.718 ** ((load - 67) / 2)))  # noqa: B023
        assert 58 <= found.number <= 76 and len(tried) < 40
        assert found.least <= found.number and (found.most is None or found.number < found.most)


def test_a_range_with_nothing_in_it_is_refused() -> None:
    with pytest.raises(SettingError, match="nothing between"):
        Bisection(first=8, most=4, resolution=0.05, repeats=3)
