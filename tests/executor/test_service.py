"""From a record to its outcome and its commit, with everything in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.support.action_events import DONE, Clock, event
from tests.support.memory_broker import MemoryLog, MemorySink
from tests.support.memory_ledger import MemoryLedger

from duplexsla.executor import service
from duplexsla.executor.backends.device import DeviceCall, Effect
from duplexsla.executor.broker.ports import BrokerRecord, Partition
from duplexsla.executor.dispatch import Dispatch
from duplexsla.executor.service import Executor
from duplexsla.protocol.topics import DEAD_LETTERS_TOPIC, OUTCOMES_TOPIC
from duplexsla.telemetry import setup
from duplexsla.v1 import action_pb2 as pb

ACTIONS = Partition("actions", 0)


class Homes:
    """A device that notes its calls; homes in `slow` wait for `gate`, those in `broken` break."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.slow: set[str] = set()
        self.broken: set[str] = set()
        self.gate, self.called = asyncio.Event(), asyncio.Event()

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        if call.event.home in self.slow:
            await self.gate.wait()
        if call.event.home in self.broken:
            raise ZeroDivisionError
        self.calls.append(call.event.action.id)
        self.called.set()
        return DONE

    async def close(self) -> None:
        """Nothing is held."""


class World:
    """An executor between a log in memory and some homes."""

    def __init__(self) -> None:
        self.log = MemoryLog({OUTCOMES_TOPIC: 1, DEAD_LETTERS_TOPIC: 1})
        self.homes, self.clock, telemetry = Homes(), Clock(), setup("test")
        dispatch = Dispatch(MemoryLedger(), self.homes, telemetry, now_ms=self.clock, sleep=self.clock.sleep)
        self.executor = Executor(
            dispatch, MemorySink(self.log), telemetry, now_ms=self.clock, sleep=self._sleep
        )
        self.naps, self.napping = 0, asyncio.Event()
        self._offset = 0

    def put(self, *events: pb.ActionEvent) -> service.FlowControl:
        return self.executor.accept(
            [self.record(each.home.encode(), each.SerializeToString()) for each in events]
        )

    def record(self, key: bytes, value: bytes) -> BrokerRecord:
        self._offset += 1
        return BrokerRecord(ACTIONS, self._offset - 1, key, value, {"traceparent": b"00-1", "secret": b"x"})

    def outcomes(self) -> list[pb.ActionOutcome]:
        return [pb.ActionOutcome.FromString(record.value) for record in self.log.records(OUTCOMES_TOPIC)]

    def letters(self) -> list[pb.DeadLetter]:
        return [pb.DeadLetter.FromString(record.value) for record in self.log.records(DEAD_LETTERS_TOPIC)]

    async def _sleep(self, _: float) -> None:
        self.napping.set()
        self.naps += 1
        self.log.down = self.naps < 3
        await asyncio.sleep(0)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    world.homes.gate.set()
    await world.executor.drained()


def run(test: Any) -> None:
    async def main() -> None:
        async with world() as here:
            await test(here)

    asyncio.run(main())


def test_every_event_has_its_outcome_keyed_by_its_home_and_may_be_committed() -> None:
    async def test(here: World) -> None:
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
    async def test(here: World) -> None:
        here.homes.slow = {"demo"}
        here.put(event(0), event(1), event(2, home="other"))
        await here.homes.called.wait()
        assert here.homes.calls == [event(2).action.id]
        assert here.executor.accept([]).commit == {}
        here.homes.gate.set()
        await here.executor.drained()
        assert here.homes.calls[1:] == [event(0).action.id, event(1).action.id]
        assert here.executor.accept([]).commit == {ACTIONS: 3}

    run(test)


def test_poison_is_buried_unchanged_and_the_rest_goes_on() -> None:
    async def test(here: World) -> None:
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
        assert here.homes.calls == [event().action.id]
        assert here.executor.accept([]).commit == {ACTIONS: 5}

    run(test)


def test_a_fault_of_ours_is_told_as_unknown_and_the_next_action_runs() -> None:
    async def test(here: World) -> None:
        here.homes.broken = {"demo"}
        here.put(event(0), event(1))
        here.put(event(2, home="other"))
        await here.executor.drained()
        states = [
            pb.OutcomeState.Name(outcome.state) for outcome in here.outcomes() if outcome.home == "demo"
        ]
        assert states == ["OUTCOME_STATE_UNKNOWN"] * 2
        assert len(here.letters()) == 2
        assert here.homes.calls == [event(2).action.id]

    run(test)


def test_an_outcome_waits_for_the_brokers_and_its_record_is_not_committed_before() -> None:
    async def test(here: World) -> None:
        here.log.down = True
        here.put(event())
        await here.napping.wait()
        assert here.executor.accept([]).commit == {}
        await here.executor.drained()
        assert len(here.outcomes()) == 1
        assert here.executor.accept([]).commit == {ACTIONS: 1}

    run(test)


def test_a_full_executor_says_so_and_takes_again_when_it_is_not() -> None:
    async def test(here: World) -> None:
        here.homes.slow = {"demo"}
        events = [event(number) for number in range(service.MAX_IN_PROGRESS)]
        assert here.put(*events).pause
        here.homes.gate.set()
        await here.executor.drained()
        assert not here.executor.accept([]).pause

    run(test)


def test_partitions_leave_after_what_is_under_way_and_without_what_waits() -> None:
    async def test(here: World) -> None:
        here.homes.slow = {"demo"}
        here.put(event(0), event(1))
        leaving = asyncio.ensure_future(here.executor.release([ACTIONS], wait_s=10))
        await asyncio.sleep(0)
        assert not leaving.done()
        here.homes.gate.set()
        assert await leaving == {ACTIONS: 1}
        await here.executor.drained()
        assert here.homes.calls == [event(0).action.id]
        assert here.executor.counts == {"done": 1, "moved": 1}
        assert here.executor.under_way == 0

    run(test)


def test_partitions_that_cannot_wait_leave_what_is_under_way_uncommitted_and_untold() -> None:
    async def test(here: World) -> None:
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
    async def test(here: World) -> None:
        async def broken_sink(*record: object, **options: object) -> None:
            raise ZeroDivisionError

        here.executor._sink.write = broken_sink  # type: ignore[method-assign]
        here.put(event())
        with pytest.raises(ZeroDivisionError):
            await here.executor.watch()

    run(test)
