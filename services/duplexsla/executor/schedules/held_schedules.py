"""The schedules of the partitions that are ours, and whose turn it is. Pure: no I/O, time is an argument."""

import heapq
import logging
from collections.abc import Collection, Iterable
from typing import NamedTuple

from google.protobuf.message import DecodeError

from duplexsla.executor.broker.ports import BrokerRecord
from duplexsla.executor.schedules.due_events import home_key_of, turn_ms
from duplexsla.protocol.topics import schedule_key
from duplexsla.v1.schedule_pb2 import Schedule

logger = logging.getLogger(__name__)


class HeldSchedule(NamedTuple):
    """`partition` is the number that its home has in both topics."""

    partition: int
    schedule: Schedule

    @property
    def key(self) -> bytes:
        event = self.schedule.event
        return schedule_key(event.tenant, event.home, self.schedule.id)


class HeldSchedules:
    """The newest version of each that was not deleted; bounded by MAX_OF_HOME per home."""

    def __init__(self) -> None:
        self._homes: dict[str, dict[str, HeldSchedule]] = {}
        self._turns: list[tuple[int, str, str, int]] = []  # ms, home, id, version; outdated ones are skipped

    def __len__(self) -> int:
        return sum(map(len, self._homes.values()))

    def load(self, partitions: Collection[int], records: Iterable[BrokerRecord], now_ms: int) -> None:
        """All that lies in these partitions, in order; an empty value deletes its key."""
        self.forget(partitions)
        newest: dict[bytes, HeldSchedule] = {}
        for record in records:
            if not record.value:
                newest.pop(record.key, None)
                continue
            try:
                schedule = Schedule.FromString(record.value)
            except DecodeError:
                logger.warning("schedule_unreadable partition=%s offset=%d", record.partition, record.offset)
                continue
            known = newest.get(record.key)
            if known is None or known.schedule.version <= schedule.version:
                newest[record.key] = HeldSchedule(record.partition.number, schedule)
        for held in newest.values():
            self.put(held, now_ms)

    def put(self, held: HeldSchedule, now_ms: int) -> None:
        """Unless this version or a newer one is there."""
        schedule, home = held.schedule, home_key_of(held.schedule)
        known = self._homes.get(home, {}).get(schedule.id)
        if known is not None and known.schedule.version >= schedule.version:
            return
        self._homes.setdefault(home, {})[schedule.id] = held
        turn = (turn_ms(schedule, now_ms), home, schedule.id, schedule.version)
        heapq.heappush(self._turns, turn)

    def remove(self, home: str, id: str) -> None:
        of_home = self._homes.get(home, {})
        of_home.pop(id, None)
        if not of_home:
            self._homes.pop(home, None)

    def forget(self, partitions: Collection[int]) -> None:
        """They are not ours any more."""
        gone = [
            (home, id)
            for home, of_home in self._homes.items()
            for id, held in of_home.items()
            if held.partition in partitions
        ]
        for home, id in gone:
            self.remove(home, id)
        if gone:
            self._turns = [turn for turn in self._turns if self.find(turn[1], turn[2]) is not None]
            heapq.heapify(self._turns)

    def find(self, home: str, id: str) -> HeldSchedule | None:
        return self._homes.get(home, {}).get(id)

    def of_home(self, home: str) -> list[Schedule]:
        """What is to happen there, the soonest first; what was cancelled is left out."""
        held = (each.schedule for each in self._homes.get(home, {}).values())
        return sorted((each for each in held if not each.cancelled_by), key=lambda each: each.due_at_ms)

    def take_turns(self, now_ms: int) -> list[HeldSchedule]:
        """Those whose turn has come, each version once; `again` gives one back."""
        taken = []
        while self._turns and self._turns[0][0] <= now_ms:
            _, home, id, version = heapq.heappop(self._turns)
            held = self.find(home, id)
            if held is not None and held.schedule.version == version:
                taken.append(held)
        return taken

    def again(self, held: HeldSchedule, at_ms: int) -> None:
        schedule = held.schedule
        heapq.heappush(self._turns, (at_ms, home_key_of(schedule), schedule.id, schedule.version))
