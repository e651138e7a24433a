"""From a record to its outcome and its commit, with everything in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.support.action_events import event
from tests.support.executor_in_memory import ACTIONS, ExecutorInMemory

from duplexsla.executor import service
from duplexsla.protocol.topics import OUTCOMES_TOPIC
from duplexsla.v1 import action_pb2 as pb


@asynccontextmanager
async def world() -> AsyncIterator[ExecutorInMemory]:
    world = ExecutorInMemory()
    yield world
    world.homes.gate.set()
    await world.executor.drained()


def run(test: Any) -> None:
    async def main() -> None:
        async with world() as here:
            await test(here)

    asyncio.run(main())


def test_every_event_has_its_outcome_keyed_by_its_home_and_may_be_committed() -> None:
    async def test(here: ExecutorInMemory) -> None:
        here.put(event(0), event(1, home="other"))
        await here.executor.drained()
        assert {outcome.home for outcome in here.outcomes()} == {"demo", "other"}
        records = here.log.records(OUTCOMES_TOPIC)
        assert {record.key for record in records} == {b"demo", b"other"}
        assert records[0].headers == {"traceparent": b"00-1"}
        assert here.executor.accept([]) == service.FlowControl({ACTIONS: 2}, pause=False)
        assert here.executor.counts == {"done": 2}

    run(test)


def test_a_home_is_in_order_and_a_slow_one_holds_nobody_else_up() -> None:
    async def test(here: ExecutorInMemory) -> None:
        here.homes.slow = {"demo"}
        here.put(event(0), event(1), event(2, home="other"))
        await here.homes.called.wait()
        assert here.homes.ids == [event(2).action.id]
        assert here.executor.accept([]).commit == {}
        here.homes.gate.set()
        await here.executor.drained()
        assert here.homes.ids[1:] == [event(0).action.id, event(1).action.id]
        assert here.executor.accept([]).commit == {ACTIONS: 3}

    run(test)


def test_poison_is_buried_unchanged_and_the_rest_goes_on() -> None:
    async def test(here: ExecutorInMemory) -> None:
        poison = [
            here.record(b"demo", b"\xff\xffnonsense"),
            here.record(b"demo", event(home="other").SerializeToString()),
            here.record(b"demo", event(action=pb.Action(id="x" * 129)).SerializeToString()),
            here.record(b"", b""),
        ]
        here.executor.accept(poison)
        here.put(event())
        await here.executor.drained()
        assert {letter.event for letter in here.letters()} == {record.value for record in poison}
        assert all(letter.reason and letter.at_ms for letter in here.letters())
        assert here.homes.ids == [event().action.id]
        assert here.executor.accept([]).commit == {ACTIONS: 5}

    run(test)


def test_a_fault_of_ours_is_told_as_unknown_and_the_next_action_runs() -> None:
    async def test(here: ExecutorInMemory) -> None:
        here.homes.broken = {"demo"}
        here.put(event(0), event(1))
        here.put(event(2, home="other"))
        await here.executor.drained()
        states = [
            pb.OutcomeState.Name(outcome.state) for outcome in here.outcomes() if outcome.home == "demo"
        ]
        assert states == ["OUTCOME_STATE_UNKNOWN"] * 2
        assert len(here.letters()) == 2
        assert here.homes.ids == [event(2).action.id]

    run(test)


def test_an_outcome_waits_for_the_brokers_and_its_record_is_not_committed_before() -> None:
    async def test(here: ExecutorInMemory) -> None:
        here.log.down = True
        here.put(event())
        await here.napping.wait()
        assert here.executor.accept([]).commit == {}
        await here.executor.drained()
        assert len(here.outcomes()) == 1
        assert here.executor.accept([]).commit == {ACTIONS: 1}

    run(test)


def test_a_full_executor_says_so_and_takes_again_when_it_is_not() -> None:
    async def test(here: ExecutorInMemory) -> None:
        here.homes.slow = {"demo"}
        events = [event(number) for number in range(service.MAX_IN_PROGRESS)]
        assert here.put(*events).pause
        here.homes.gate.set()
        await here.executor.drained()
        assert not here.executor.accept([]).pause

    run(test)


def test_partitions_leave_after_what_is_under_way_and_without_what_waits() -> None:
    async def test(here: ExecutorInMemory) -> None:
        here.homes.slow = {"demo"}
        here.put(event(0), event(1))
        leaving = asyncio.ensure_future(here.executor.release([ACTIONS], wait_s=10))
        await asyncio.sleep(0)
        assert not leaving.done()
        here.homes.gate.set()
        assert await leaving == {ACTIONS: 1}
        await here.executor.drained()
        assert here.homes.ids == [event(0).action.id]
        assert here.executor.counts == {"done": 1, "moved": 1}
        assert here.executor.under_way == 0

    run(test)


def test_partitions_that_cannot_wait_leave_what_is_under_way_uncommitted_and_untold() -> None:
    async def test(here: ExecutorInMemory) -> None:
        here.homes.slow = {"demo"}
        here.put(event(0))
        await asyncio.sleep(0)
        assert await here.executor.release([ACTIONS], wait_s=0) == {ACTIONS: 0}
        here.homes.gate.set()
        await here.executor.drained()
        assert (here.outcomes(), here.executor.counts) == ([], {"moved": 1})
        assert here.executor.left == 1

    run(test)


def test_an_error_outside_of_an_action_is_raised_to_whoever_watches() -> None:
    async def test(here: ExecutorInMemory) -> None:
        async def broken_sink(*record: object, **options: object) -> None:
            raise ZeroDivisionError

        here.executor._sink.write = broken_sink  # type: ignore[method-assign]
        here.put(event())
        with pytest.raises(ZeroDivisionError):
            await here.executor.watch()

    run(test)
