"""In order inside a lane, side by side across lanes."""

import asyncio

import pytest

from duplexsla.executor.keyed_queue import KeyedQueue


def test_a_lane_is_in_order_and_lanes_run_side_by_side() -> None:
    async def run() -> list[str]:
        seen: list[str] = []
        gate, neighbour_done = asyncio.Event(), asyncio.Event()

        async def work(item: str) -> None:
            if item == "a1":
                await gate.wait()
            seen.append(item)
            if item == "b2":
                neighbour_done.set()

        lanes = KeyedQueue(work)
        for item in ("a1", "a2", "b1", "b2"):
            lanes.put(item[:1].encode(), item)
        await neighbour_done.wait()
        assert seen == ["b1", "b2"]
        gate.set()
        await lanes.drained()
        assert len(lanes) == 0
        return seen

    assert asyncio.run(run()) == ["b1", "b2", "a1", "a2"]


def test_a_lane_lives_again_after_it_ended() -> None:
    async def run() -> list[int]:
        seen: list[int] = []

        async def work(item: int) -> None:
            seen.append(item)

        lanes = KeyedQueue(work)
        for item in range(3):
            lanes.put(b"a", item)
            await lanes.drained()
        return seen

    assert asyncio.run(run()) == [0, 1, 2]


def test_a_fault_of_ours_is_told_and_stops_its_lane() -> None:
    async def run() -> None:
        async def work(item: int) -> None:
            raise ZeroDivisionError

        lanes = KeyedQueue(work)
        lanes.put(b"a", 1)
        await lanes.drained()
        with pytest.raises(ZeroDivisionError):
            await lanes.failed

    asyncio.run(run())
