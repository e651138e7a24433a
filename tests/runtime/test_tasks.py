"""Tasks that die are logged, counted, and started again or end the process."""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Awaitable, Callable

import pytest
from tests.support import virtual_time

from duplexsla.backoff import Backoff
from duplexsla.runtime.tasks import STEADY_S, Condition, RestartPolicy, Supervisor, in_thread

RESTART = Backoff(1.0, 8.0)


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


def _dies(times: int, lives: list[float], *, after_s: float = 0.0) -> Callable[[], Awaitable[None]]:
    """Work that dies so often, then runs for ever; `lives` gets the loop's time of each start."""

    async def work() -> None:
        lives.append(asyncio.get_running_loop().time())
        if len(lives) <= times:
            await asyncio.sleep(after_s)
            raise KeyError(f"life {len(lives)}")
        await asyncio.Event().wait()

    return work


def test_a_task_that_dies_is_logged_counted_and_started_again_after_growing_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lives: list[float] = []

    async def scenario() -> None:
        tasks = Supervisor(restart=RESTART, clock=asyncio.get_running_loop().time)
        tasks.run("watch", _dies(6, lives))
        await asyncio.sleep(100)
        assert tasks.deaths == {"watch": 6} and tasks.well()[0]
        await tasks.close()

    virtual_time.run(scenario())
    waits = [after - before for before, after in zip(lives, lives[1:], strict=False)]
    ranges = [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert all(0.5 * r <= wait <= r for wait, r in zip(waits, ranges, strict=True))
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 6 and all("watch" in each.getMessage() and each.exc_info for each in errors)


def test_health_is_told_as_it_is_while_a_task_waits_for_its_next_life() -> None:
    async def scenario() -> None:
        tasks = Supervisor(restart=RESTART, clock=asyncio.get_running_loop().time)
        tasks.run("watch", _dies(1, []))
        tasks.run("renew", _dies(0, []))
        await asyncio.sleep(0.1)
        assert tasks.well() == (False, {"tasks_down": ["watch"], "task_deaths": 1})
        await asyncio.sleep(1)
        assert tasks.well() == (True, {"tasks_down": [], "task_deaths": 1})
        await tasks.close()

    virtual_time.run(scenario())


def test_a_task_that_ran_for_long_starts_again_soon() -> None:
    lives: list[float] = []

    async def scenario() -> None:
        tasks = Supervisor(restart=RESTART, clock=asyncio.get_running_loop().time)
        tasks.run("watch", _dies(20, lives, after_s=STEADY_S))
        await asyncio.sleep(25 * STEADY_S)
        await tasks.close()

    virtual_time.run(scenario())
    assert len(lives) == 21 and lives[-1] <= 20 * (STEADY_S + RESTART.first_s)


def test_a_task_whose_rule_is_to_end_the_process_asks_for_that_once() -> None:
    async def scenario() -> None:
        asked: list[int] = []
        tasks = Supervisor(on_fatal=lambda: asked.append(1))
        await tasks.run("lane", _dies(9, []), RestartPolicy.END)
        assert asked == [1] and isinstance(tasks.fatal, KeyError) and tasks.deaths == {"lane": 1}
        assert tasks.well() == (False, {"tasks_down": ["lane"], "task_deaths": 1})
        await tasks.close()

    asyncio.run(scenario())


def test_work_that_returns_is_done_and_its_name_is_free() -> None:
    async def scenario() -> None:
        tasks = Supervisor()

        async def work() -> None:
            await asyncio.sleep(0)

        first = tasks.run("listing", work)
        with pytest.raises(ValueError, match="listing"):
            tasks.run("listing", work)
        await first
        assert tasks.well() == (True, {"tasks_down": [], "task_deaths": 0})
        await tasks.run("listing", work)

    asyncio.run(scenario())


def test_jobs_may_share_a_name_and_one_that_dies_is_counted_and_leaves_the_service_well() -> None:
    async def scenario() -> None:
        tasks, done = Supervisor(), []

        async def job(number: int) -> int:
            await asyncio.sleep(0)
            if number % 2:
                raise ValueError(number)
            done.append(number)
            return number

        started = [tasks.start("release", job(number)) for number in range(6)]
        await tasks.finish(1.0)
        assert done == [0, 2, 4] and started[2].result() == 2
        assert tasks.deaths == {"release": 3} and tasks.well()[0] and not tasks.jobs

    asyncio.run(scenario())


def test_close_ends_everything_at_whatever_await_it_is() -> None:
    async def scenario(rng: random.Random) -> None:
        tasks, ended = Supervisor(restart=Backoff(0.0, 0.0)), []

        async def work() -> None:
            try:
                for _ in range(rng.randrange(4)):
                    await asyncio.sleep(0)
                raise KeyError("at some time")
            finally:
                ended.append(1)

        for number in range(4):
            tasks.run(f"task {number}", work)
            tasks.start("job", work())
        for _ in range(rng.randrange(6)):
            await asyncio.sleep(0)
        await tasks.close()
        count = len(ended)
        await asyncio.sleep(0.001)
        assert len(ended) == count and not tasks.jobs and asyncio.all_tasks() == {asyncio.current_task()}

    for seed in range(20):
        asyncio.run(scenario(random.Random(seed)))


def test_a_thread_is_supervised_as_a_task_is() -> None:
    async def scenario() -> None:
        tasks, lives, stop = Supervisor(restart=Backoff(0.0, 0.0)), list[str](), threading.Event()

        def work() -> None:
            lives.append(threading.current_thread().name)
            if len(lives) < 3:
                raise ValueError("a fault of the client")
            stop.wait()

        reading = tasks.run("kafka in", lambda: in_thread("kafka in", work))
        async with asyncio.timeout(10):
            while len(lives) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        assert lives == ["kafka in"] * 3 and tasks.deaths == {"kafka in": 2}
        stop.set()
        await reading
        await tasks.close()

    asyncio.run(scenario())


def test_a_thread_that_outlives_the_loop_ends_quietly() -> None:
    stop = threading.Event()

    def work() -> None:
        stop.wait()

    async def scenario() -> None:
        waiting = asyncio.create_task(in_thread("late", work))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(scenario())
    (thread,) = [each for each in threading.enumerate() if each.name == "late"]
    stop.set()
    thread.join(10)  # pytest fails for an error that nobody caught in it
    assert not thread.is_alive()
