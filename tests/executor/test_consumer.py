"""Between a source that blocks and the executor on its loop."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

from tests.support.action_events import NOW_MS, ScriptedDevice, event
from tests.support.memory_broker import MemoryLog, MemorySink, MemorySource
from tests.support.memory_ledger import MemoryLedger
from tests.support.scripted_decisions import EveryCall

from duplexsla.errors import BrokerLost
from duplexsla.executor.assembly import assembled
from duplexsla.executor.broker.ports import BrokerRecord, EventSource, Offsets, Partition, Revoked
from duplexsla.executor.consumer import ConsumerLoop
from duplexsla.executor.service import Executor
from duplexsla.protocol.topics import ACTIONS_TOPIC, DEAD_LETTERS_TOPIC, OUTCOMES_TOPIC, SCHEDULES_TOPIC
from duplexsla.runtime.tasks import Supervisor
from duplexsla.telemetry import setup

PATIENCE_S = 10.0


class World:
    def __init__(self) -> None:
        self.log = MemoryLog({ACTIONS_TOPIC: 2, OUTCOMES_TOPIC: 1, DEAD_LETTERS_TOPIC: 1, SCHEDULES_TOPIC: 2})
        self.device, telemetry = ScriptedDevice(), setup("test")
        sink = MemorySink(self.log)
        parts = assembled(
            MemoryLedger(), self.device, telemetry, sink=sink, decider=EveryCall(), now_ms=lambda: NOW_MS
        )
        self.scheduler = parts.scheduler
        self.executor = Executor(parts.dispatch, parts.scheduler, sink, telemetry, now_ms=lambda: NOW_MS)
        self.tasks = Supervisor()

    def open(self, revoked: Revoked) -> EventSource:
        return MemorySource(self.log, ACTIONS_TOPIC, revoked)

    def put(self, number: int) -> None:
        each = event(number, home=f"home-{number}")
        self.log.append(ACTIONS_TOPIC, each.home.encode(), each.SerializeToString(), {})

    async def until(self, fact: Callable[[], bool]) -> None:
        def wait() -> bool:
            with self.log.changed:
                return self.log.changed.wait_for(fact, PATIENCE_S)

        assert await asyncio.to_thread(wait)

    def committed(self) -> int:
        return sum(self.log.committed.values())


def run(test: Callable[[World], Awaitable[None]]) -> None:
    async def main() -> None:
        await test(World())

    asyncio.run(main())


def test_records_flow_and_are_committed_and_a_stop_loses_nothing() -> None:
    async def test(here: World) -> None:
        consumer = ConsumerLoop(here.open, here.log.table(SCHEDULES_TOPIC), here.executor)
        assert consumer.silent_s == float("inf")
        consumer.start(here.tasks)
        for number in range(20):
            here.put(number)
        await here.until(lambda: here.committed() == 20)
        here.put(20)
        await here.until(lambda: len(here.log.records(OUTCOMES_TOPIC)) == 21)
        await consumer.stop()
        assert here.committed() == 21
        assert len(here.log.records(OUTCOMES_TOPIC)) == 21
        assert consumer.silent_s < 10

    run(test)


class Broken:
    """A source that fails once in its life, at its first poll."""

    def __init__(self, error: Exception) -> None:
        self.error, self.closed, self.joined = error, False, False
        self.assigned: Collection[Partition] = ()

    def poll(self, timeout_ms: int) -> Collection[BrokerRecord]:
        raise self.error

    def commit(self, offsets: Offsets) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def test_a_source_that_fails_is_closed_and_opened_again() -> None:
    async def test(here: World) -> None:
        broken = [Broken(BrokerLost("gone")), Broken(ZeroDivisionError())]
        unused = list(broken)

        def open_source(revoked: Revoked) -> EventSource:
            return unused.pop() if unused else here.open(revoked)  # type: ignore[return-value]

        consumer = ConsumerLoop(open_source, here.log.table(SCHEDULES_TOPIC), here.executor, reopen_s=0.01)
        consumer.start(here.tasks)
        here.put(0)
        await here.until(lambda: here.committed() == 1)
        await consumer.stop()
        assert [each.closed for each in broken] == [True, True]
        assert here.tasks.deaths == {"consumer": 1}  # a lost broker is no death, a fault of ours is one

    run(test)
