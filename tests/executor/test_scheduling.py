"""Order per key, and a commit that never passes an unfinished record."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.virtual_time import run

from duplexsla.executor.broker.ports import Partition
from duplexsla.executor.scheduling import CommitWatermark, KeyedQueue

A, B = Partition("t", 0), Partition("t", 1)


@given(items=st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers())), seed=st.integers())
def test_a_key_is_in_order_one_at_a_time_and_nothing_is_lost(items: list[tuple[str, int]], seed: int) -> None:
    rng, done, busy = random.Random(seed), list[tuple[str, int]](), set[str]()

    async def work(item: tuple[str, int]) -> None:
        assert item[0] not in busy
        busy.add(item[0])
        await asyncio.sleep(rng.choice((0.0, 0.1, 1.0)))
        busy.discard(item[0])
        done.append(item)

    async def main() -> int:
        queue = KeyedQueue(work)
        for item in items:
            queue.put(item[0].encode(), item)
            await asyncio.sleep(rng.choice((0.0, 0.1)))
        await queue.drained()
        return len(queue)

    assert run(main()) == 0
    for key in "abc":
        assert [item for item in done if item[0] == key] == [item for item in items if item[0] == key]


def test_a_key_that_waits_holds_no_other_up() -> None:
    async def main() -> list[str]:
        seen: list[str] = []
        gate, other_done = asyncio.Event(), asyncio.Event()

        async def work(item: str) -> None:
            if item == "a1":
                await gate.wait()
            seen.append(item)
            if item == "b2":
                other_done.set()

        queue = KeyedQueue(work)
        for item in ("a1", "a2", "b1", "b2"):
            queue.put(item[:1].encode(), item)
        await other_done.wait()
        gate.set()
        await queue.drained()
        return seen

    assert asyncio.run(main()) == ["b1", "b2", "a1", "a2"]


def test_an_error_of_the_work_is_held_for_whoever_ends_the_process() -> None:
    async def main() -> None:
        async def work(item: int) -> None:
            raise ZeroDivisionError

        queue = KeyedQueue(work)
        queue.put(b"a", 1)
        await queue.drained()
        with pytest.raises(ZeroDivisionError):
            await queue.failed

    asyncio.run(main())


def test_what_is_reported_is_what_has_risen() -> None:
    watermark = CommitWatermark()
    first, second, third = (watermark.begin(A, offset) for offset in (10, 11, 12))
    watermark.finish(second)
    assert (watermark.watermark(A), watermark.advanced()) == (10, {})
    watermark.finish(first)
    assert watermark.advanced() == {A: 12}
    watermark.finish(third)
    assert watermark.advanced() == {A: 13}
    assert watermark.advanced() == {}
    assert len(watermark) == 0


@given(gaps=st.lists(st.integers(1, 5), max_size=40), data=st.data())
def test_it_never_passes_an_unfinished_record_in_any_order(gaps: list[int], data: st.DataObject) -> None:
    watermark, waiting, offset = CommitWatermark(), [], 0
    watermark.begin(B, 0)
    for gap in gaps:  # offsets of a partition may have gaps, which are no records
        offset += gap
        waiting.append(watermark.begin(A, offset))
        if data.draw(st.booleans()):
            watermark.finish(waiting.pop(data.draw(st.integers(0, len(waiting) - 1))))
        assert watermark.watermark(A) == min((each.offset for each in waiting), default=offset + 1)
        assert watermark.watermark(B) == 0


def test_a_partition_that_left_is_forgotten() -> None:
    watermark = CommitWatermark()
    watermark.finish(watermark.begin(A, 0))
    watermark.begin(A, 1)
    assert watermark.forget([A, B]) == {A: 1}
    assert watermark.advanced() == {}


def test_a_late_end_from_an_earlier_assignment_finishes_nothing() -> None:
    watermark = CommitWatermark()
    late = watermark.begin(A, 0)
    watermark.forget([A])
    again = watermark.begin(A, 0)
    watermark.finish(late)
    assert watermark.watermark(A) == 0
    assert watermark.holds(again) and not watermark.holds(late)
