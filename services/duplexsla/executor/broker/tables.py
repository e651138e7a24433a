"""Reads what lies in a compacted topic on Kafka, from its beginning to its present end."""

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from duplexsla.errors import BrokerLost
from duplexsla.executor.broker.kafka import BOOTSTRAP_MS, record_of, translated
from duplexsla.executor.broker.ports import BrokerRecord

READ_S = 30.0  # for all of it
POLL_MS = 500


class KafkaTable:
    """One topic. Each call has a consumer of its own, in no group."""

    def __init__(self, servers: str, topic: str, security: Mapping[str, Any] | None = None) -> None:
        self._servers, self._topic, self._security = servers.split(","), topic, dict(security or {})

    def __call__(self, partitions: Collection[int]) -> Sequence[BrokerRecord]:
        """In order per partition; an empty value deletes its key. Raises BrokerLost."""
        with translated():
            consumer = KafkaConsumer(
                bootstrap_servers=self._servers,
                bootstrap_timeout_ms=BOOTSTRAP_MS,
                group_id=None,
                enable_auto_commit=False,
                **self._security,
            )
            with closing(consumer):
                return self._read(consumer, [TopicPartition(self._topic, each) for each in partitions])

    def _read(self, consumer: KafkaConsumer, partitions: Sequence[TopicPartition]) -> list[BrokerRecord]:
        known = consumer.partitions_for_topic(self._topic) or set()
        missing = sorted(each.partition for each in partitions if each.partition not in known)
        if missing:
            raise BrokerLost(f"topic {self._topic} has no partitions {missing}")
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        records: list[BrokerRecord] = []
        deadline_s = time.monotonic() + READ_S
        while any(consumer.position(each) < ends[each] for each in partitions):
            if time.monotonic() > deadline_s:
                raise BrokerLost(f"{self._topic} could not be read within {READ_S:.0f} s")
            for batch in consumer.poll(timeout_ms=POLL_MS).values():
                records += map(record_of, batch)
        return records
