"""What every source and sink promise. Subclasses bring a topic of their own and open members of its group."""

import asyncio
import time
from collections.abc import Callable, Collection

from duplexsla.executor.broker.ports import (
    BrokerRecord,
    EventSource,
    Offsets,
    OutcomeSink,
    Partition,
    Revoked,
)

KEYS = (b"anna", b"ben", b"cleo", b"dora", b"emil")
PATIENCE_S = 20.0


class Member:
    """A member of the group and what it was asked when partitions left it."""

    def __init__(
        self, open_source: Callable[[Revoked], EventSource], leave_at: Offsets | None = None
    ) -> None:
        self.left: list[Partition] = []
        self._leave_at = leave_at or {}
        self.source = open_source(self._revoked)

    def read(self, count: int) -> list[BrokerRecord]:
        """The next `count` records; fails when they do not come."""
        records: list[BrokerRecord] = []
        deadline = time.monotonic() + PATIENCE_S
        while len(records) < count and time.monotonic() < deadline:
            records.extend(self.source.poll(100))
        assert len(records) == count
        return records

    def _revoked(self, partitions: Collection[Partition], *, lost: bool) -> Offsets:
        self.left.extend(partitions)
        return {each: at for each, at in self._leave_at.items() if each in partitions}


class LogContract:
    topic: str

    def open_source(self, revoked: Revoked) -> EventSource:
        raise NotImplementedError

    def open_sink(self) -> OutcomeSink:
        raise NotImplementedError

    def write(self, count: int) -> None:
        """`count` records for each key, numbered from 0."""

        async def run() -> None:
            sink = self.open_sink()
            for number in range(count):
                for key in KEYS:
                    await sink.write(self.topic, key, str(number).encode(), {"traceparent": b"00-1"})
            await sink.close()

        asyncio.run(run())

    def test_a_record_goes_to_the_partition_that_it_names_or_by_its_key_where_there_is_none(self) -> None:
        async def run() -> list[bool]:
            sink = self.open_sink()
            addressed = [
                await sink.write(self.topic, KEYS[0], b"x", {}, partition=number) for number in (1, 0, 99)
            ]
            await sink.close()
            return addressed

        assert asyncio.run(run()) == [True, True, False]
        member = Member(self.open_source)
        numbers = [record.partition.number for record in member.read(3)]
        assert {0, 1} <= set(numbers)

    def test_what_is_written_is_read_in_order_per_key_with_its_headers(self) -> None:
        self.write(4)
        member = Member(self.open_source)
        records = member.read(4 * len(KEYS))
        for key in KEYS:
            assert [record.value for record in records if record.key == key] == [b"0", b"1", b"2", b"3"]
        assert {record.headers["traceparent"] for record in records} == {b"00-1"}
        assert {record.partition.topic for record in records} == {self.topic}
        assert member.source.joined
        member.source.close()

    def test_the_next_member_starts_where_the_last_one_committed(self) -> None:
        self.write(2)
        first = Member(self.open_source)
        records = first.read(2 * len(KEYS))
        early = {
            record.partition: record.offset for record in reversed(records)
        }  # the first of each partition
        late = {each: offset + 1 for each, offset in early.items()}
        first.source.commit(late)
        first.source.poll(0)
        first.source.close()
        rest = Member(self.open_source).read(len(records) - len(late))
        assert all(record.offset >= late[record.partition] for record in rest)

    def test_what_was_not_committed_comes_again(self) -> None:
        self.write(1)
        first = Member(self.open_source)
        seen = first.read(len(KEYS))
        first.source.close()
        second = Member(self.open_source)
        assert sorted(second.read(len(KEYS)), key=_place) == sorted(seen, key=_place)
        second.source.close()

    def test_a_member_that_leaves_is_asked_how_far_it_came(self) -> None:
        self.write(1)
        first = Member(self.open_source)
        ends = {record.partition: record.offset + 1 for record in first.read(len(KEYS))}
        first._leave_at = ends
        first.source.close()
        assert set(ends) <= set(first.left)
        self.write(1)
        second = Member(self.open_source)
        assert all(record.offset >= ends[record.partition] for record in second.read(len(KEYS)))
        second.source.close()

    def test_a_paused_source_gives_nothing_until_it_is_resumed(self) -> None:
        self.write(1)
        member = Member(self.open_source)
        member.read(len(KEYS))
        member.source.pause()
        self.write(1)
        assert [member.source.poll(50) for _ in range(3)] == [[], [], []]
        member.source.resume()
        member.read(len(KEYS))
        member.source.close()


def _place(record: BrokerRecord) -> tuple[Partition, int]:
    return record.partition, record.offset
