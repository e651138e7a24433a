"""One executor with everything that it meets in memory."""

import asyncio

from tests.support.action_events import DONE, Clock, ScriptedDevice
from tests.support.memory_broker import MemoryLog, MemorySink
from tests.support.memory_ledger import MemoryLedger
from tests.support.scripted_decisions import EveryCall

from duplexsla.executor.assembly import assembled
from duplexsla.executor.backends.device import DeviceCall, Effect
from duplexsla.executor.broker.ports import BrokerRecord, Partition
from duplexsla.executor.service import Executor, FlowControl
from duplexsla.protocol.topics import DEAD_LETTERS_TOPIC, OUTCOMES_TOPIC
from duplexsla.telemetry import setup
from duplexsla.v1 import action_pb2 as pb

ACTIONS = Partition("actions", 0)


class RecordingDevices(ScriptedDevice):
    """Devices that note their calls; homes in `slow` wait for `gate`, those in `broken` break."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.slow: set[str] = set()
        self.broken: set[str] = set()
        self.gate, self.called = asyncio.Event(), asyncio.Event()

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        if call.event.home in self.slow:
            await self.gate.wait()
        if call.event.home in self.broken:
            raise ZeroDivisionError
        self.ids.append(call.event.action.id)
        self.called.set()
        return DONE


class ExecutorInMemory:
    """An executor between a broker in memory and devices that note their calls."""

    def __init__(self) -> None:
        self.log = MemoryLog({OUTCOMES_TOPIC: 1, DEAD_LETTERS_TOPIC: 1})
        self.homes, self.clock, telemetry = RecordingDevices(), Clock(), setup("test")
        self.parts = assembled(
            MemoryLedger(),
            self.homes,
            telemetry,
            sink=MemorySink(self.log),
            decider=EveryCall(),
            now_ms=self.clock,
            sleep=self.clock.sleep,
        )
        self.executor = Executor(
            self.parts.dispatch,
            self.parts.scheduler,
            MemorySink(self.log),
            telemetry,
            now_ms=self.clock,
            sleep=self._sleep,
        )
        self.naps, self.napping = 0, asyncio.Event()
        self._offset = 0

    def put(self, *events: pb.ActionEvent) -> FlowControl:
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
