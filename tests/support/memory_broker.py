"""A log in memory that behaves like Kafka where we rely on it: partitions, a group, commits, rebalances."""

import threading
import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from duplexsla.errors import BrokerLost
from duplexsla.executor.broker.ports import BrokerRecord, Offsets, Partition, Revoked, TableReader
from duplexsla.session.store.memory import round_trip


class MemoryLog:
    """Topics of one process. `down` makes every call raise BrokerLost."""

    def __init__(self, partitions: Mapping[str, int]) -> None:
        self.down = False
        self._partitions = dict(partitions)
        self._records: dict[Partition, list[BrokerRecord]] = defaultdict(list)
        self.committed: dict[Partition, int] = {}
        self.changed = threading.Condition(threading.RLock())

    def append(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        headers: Mapping[str, bytes],
        number: int | None = None,
    ) -> bool:
        """Into partition `number`, if there is one, else by the key (False)."""
        with self.changed:
            self.check()
            known = number is None or 0 <= number < self._partitions[topic]
            by_key = zlib.crc32(key) % self._partitions[topic]
            partition = Partition(topic, by_key if number is None or not known else number)
            records = self._records[partition]
            records.append(BrokerRecord(partition, len(records), key, value or b"", dict(headers)))
            self.changed.notify_all()
        return known

    def records(self, topic: str) -> list[BrokerRecord]:
        """All of a topic, partition by partition."""
        with self.changed:
            return [record for partition in self.partitions(topic) for record in self._records[partition]]

    def after(self, partition: Partition, offset: int) -> list[BrokerRecord]:
        return self._records[partition][offset:]

    def partitions(self, topic: str) -> list[Partition]:
        return [Partition(topic, number) for number in range(self._partitions[topic])]

    def table(self, topic: str) -> TableReader:
        """Reads some of its partitions as they are."""

        def read(partitions: Collection[int]) -> list[BrokerRecord]:
            with self.changed:
                self.check()
                return [each for each in self.records(topic) if each.partition.number in partitions]

        return read

    def check(self) -> None:
        if self.down:
            raise BrokerLost("the log is down")


class MemorySource:
    """Reads all partitions of one topic, or those that `assign` leaves it."""

    def __init__(self, log: MemoryLog, topic: str, revoked: Revoked) -> None:
        self._log, self._revoked, self._paused = log, revoked, False
        self._positions = self._committed(log.partitions(topic))

    @property
    def joined(self) -> bool:
        return True

    @property
    def assigned(self) -> Collection[Partition]:
        return list(self._positions)

    def poll(self, timeout_ms: int) -> Sequence[BrokerRecord]:
        with self._log.changed:
            self._log.check()
            self._log.changed.wait_for(lambda: bool(self._waiting()), timeout_ms / 1000)
            records = self._waiting()
            for record in records:
                self._positions[record.partition] = record.offset + 1
            return records

    def commit(self, offsets: Offsets) -> None:
        with self._log.changed:
            self._log.check()
            self._log.committed.update(offsets)
            self._log.changed.notify_all()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def close(self) -> None:
        self.assign([])

    def assign(self, partitions: Collection[Partition]) -> None:
        """A rebalance: these are ours from now on; new ones are read from their last commit."""
        gone = [partition for partition in self._positions if partition not in partitions]
        if gone:
            self.commit(self._revoked(gone, lost=False))
        kept = {each: at for each, at in self._positions.items() if each in partitions}
        self._positions = self._committed(partitions) | kept

    def _waiting(self) -> list[BrokerRecord]:
        if self._paused:
            return []
        return [
            record for partition, at in self._positions.items() for record in self._log.after(partition, at)
        ]

    def _committed(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        return {partition: self._log.committed.get(partition, 0) for partition in partitions}


class MemorySink:
    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    async def write(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        headers: Mapping[str, bytes],
        *,
        partition: int | None = None,
    ) -> bool:
        async with round_trip():
            return self._log.append(topic, key, value, headers, partition)

    async def close(self) -> None:
        """Nothing is held."""
