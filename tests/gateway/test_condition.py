import asyncio
import random
import time

from duplexsla.gateway.condition import Condition


def test_what_holds_already_is_not_waited_for() -> None:
    async def scenario() -> None:
        waiting = asyncio.create_task(Condition().wait_for(lambda: True))
        await asyncio.sleep(0)
        assert waiting.done() and waiting.result()

    asyncio.run(scenario())


def test_only_those_whose_fact_holds_are_woken() -> None:
    async def scenario() -> None:
        condition, facts, woken = Condition(), set[int](), list[int]()

        async def wait(number: int) -> None:
            await condition.wait_for(lambda: number in facts)
            woken.append(number)

        tasks = [asyncio.create_task(wait(number)) for number in range(20)]
        await asyncio.sleep(0)
        order = random.Random(3).sample(range(20), 20)
        for number in order:
            facts.add(number)
            condition.notify()
            condition.notify()  # twice is once
            await asyncio.sleep(0)
        await asyncio.wait(tasks)
        assert woken == order and not condition._waiting

    asyncio.run(scenario())


def test_who_is_woken_looks_again() -> None:
    """Of all that wait for one thing, one takes it; the others wait on."""

    async def scenario() -> None:
        condition, free = Condition(), [1]

        async def take() -> int:
            await condition.wait_for(lambda: free)
            return free.pop()

        free.clear()
        tasks = [asyncio.create_task(take()) for _ in range(5)]
        await asyncio.sleep(0)
        for number in range(5):
            free.append(number)
            condition.notify()
            await asyncio.sleep(0)
            assert not free and sum(task.done() for task in tasks) <= number + 1
        assert sorted(await asyncio.gather(*tasks)) == list(range(5))

    asyncio.run(scenario())


def test_a_wait_ends_at_its_deadline() -> None:
    async def scenario() -> None:
        until = time.monotonic() + 0.01
        assert not await Condition().wait_for(lambda: False, until)
        assert time.monotonic() >= until
        assert not await Condition().wait_for(lambda: False, time.monotonic() - 5)

    asyncio.run(scenario())


def test_cancelling_a_wait_leaves_nothing_behind_and_takes_nothing() -> None:
    async def scenario() -> None:
        condition, fact = Condition(), list[int]()
        waiting = [asyncio.create_task(condition.wait_for(lambda: fact)) for _ in range(2)]
        await asyncio.sleep(0)
        fact.append(1)
        condition.notify()
        waiting[0].cancel()  # when it was woken, and has not run
        await asyncio.wait(waiting)
        assert waiting[0].cancelled() and waiting[1].result() and not condition._waiting

    asyncio.run(scenario())
