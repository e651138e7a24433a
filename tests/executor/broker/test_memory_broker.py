"""The log in memory keeps the contract of Kafka's."""

from collections.abc import Collection

import pytest
from tests.support.broker_contract import KEYS, LogContract, Member
from tests.support.memory_broker import MemoryLog, MemorySink, MemorySource

from duplexsla.errors import BrokerLost
from duplexsla.executor.broker.ports import EventSource, Offsets, OutcomeSink, Partition, Revoked


class TestMemoryLog(LogContract):
    topic = "actions"

    @pytest.fixture(autouse=True)
    def _log(self) -> None:
        self.log = MemoryLog({self.topic: 3})

    def open_source(self, revoked: Revoked) -> EventSource:
        return MemorySource(self.log, self.topic, revoked)

    def open_sink(self) -> OutcomeSink:
        return MemorySink(self.log)

    def test_a_rebalance_asks_for_what_leaves_and_reads_what_comes_from_its_commit(self) -> None:
        self.write(1)
        member = Member(self.open_source)
        records = member.read(len(KEYS))
        source = member.source
        assert isinstance(source, MemorySource)
        source.assign([Partition(self.topic, 0)])
        assert sorted(member.left) == [Partition(self.topic, 1), Partition(self.topic, 2)]
        source.assign(self.log.partitions(self.topic))
        again = [record for record in records if record.partition.number != 0]
        assert sorted(source.poll(0), key=lambda record: record.offset) == sorted(
            again, key=lambda record: record.offset
        )

    def test_a_log_that_is_down_says_so(self) -> None:
        def revoked(partitions: Collection[Partition], *, lost: bool) -> Offsets:
            return {}

        source = self.open_source(revoked)
        self.log.down = True
        with pytest.raises(BrokerLost):
            source.poll(0)
