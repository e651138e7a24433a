"""A clock that no step of another one moves."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from duplexsla.errors import StoreLost
from duplexsla.executor.steady_clock import MOST_MS, SteadyClock

STEP_MS = 300_000


class Watch:
    """A monotonic clock, a wall clock and a store's, each with its own error."""

    def __init__(self) -> None:
        self.monotonic_s, self.wall_ms, self.store_ms = 1_000.0, 5_000_000, 5_000_000

    def clock(self) -> SteadyClock:
        return SteadyClock(wall_ms=lambda: self.wall_ms, monotonic_s=lambda: self.monotonic_s)

    def passes(self, ms: int) -> None:
        self.monotonic_s += ms / 1_000
        self.wall_ms += ms
        self.store_ms += ms


@given(st.lists(st.sampled_from([-STEP_MS, STEP_MS]), max_size=6))
def test_steps_of_this_machines_clock_move_nothing(steps: list[int]) -> None:
    watch = Watch()
    clock = watch.clock()
    began_ms = clock()
    for count, step in enumerate(steps, 1):
        watch.wall_ms += step
        watch.passes(1_000)
        clock.measured(watch.store_ms, watch.monotonic_s, watch.monotonic_s)
        assert abs(clock() - began_ms - 1_000 * count) <= 1


@given(st.lists(st.sampled_from([-STEP_MS, 0, STEP_MS]), min_size=1, max_size=8))
def test_steps_of_the_stores_clock_move_it_little_by_little_and_never_back(steps: list[int]) -> None:
    watch = Watch()
    clock = watch.clock()
    clock.measured(watch.store_ms, watch.monotonic_s, watch.monotonic_s)
    before_ms = clock()
    for step in steps:
        watch.store_ms += step
        watch.passes(10_000)
        clock.measured(watch.store_ms, watch.monotonic_s, watch.monotonic_s)
        assert 10_000 - MOST_MS - 1 <= clock() - before_ms <= 10_000 + MOST_MS + 1
        before_ms = clock()


def test_the_first_measurement_counts_in_full_and_one_that_took_long_not_at_all() -> None:
    watch = Watch()
    clock = watch.clock()
    clock.measured(watch.store_ms + STEP_MS, watch.monotonic_s - 1, watch.monotonic_s)
    assert clock() == watch.wall_ms
    clock.measured(watch.store_ms + STEP_MS, watch.monotonic_s, watch.monotonic_s)
    assert clock() == watch.wall_ms + STEP_MS


def test_a_store_that_is_away_stops_no_clock() -> None:
    async def away() -> int:
        raise StoreLost("away")

    watch = Watch()
    clock = watch.clock()
    watch.passes(500)
    asyncio.run(clock.measure(away))
    assert clock() == watch.wall_ms
