"""The ports to Kafka over kafka-python, whose errors are translated here and nowhere else."""

import asyncio
import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError
from kafka.partitioner import murmur2
from kafka.structs import MemberState

from duplexsla.errors import BrokerLost
from duplexsla.executor.broker.ports import BrokerRecord, Offsets, Partition, Revoked
from duplexsla.protocol.topics import ACTIONS_TOPIC, PARTITIONS

logger = logging.getLogger(__name__)

FETCH_WAIT_MS = 250  # an empty fetch; one with a record in it returns at once
SESSION_MS = 6_000  # a member that is silent for so long has lost its partitions
HEARTBEAT_MS = 1_500
JOIN_S = 10.0  # longer than any member needs to let its partitions go
BOOTSTRAP_MS = 20_000
DELIVERY_MS = 10_000


class KafkaSource:
    """A member of a consumer group. Partitions move one by one (KIP-429), others are read meanwhile."""

    def __init__(
        self,
        servers: str,
        topic: str,
        *,
        group: str,
        member: str,
        revoked: Revoked,
        security: Mapping[str, Any] | None = None,
    ) -> None:
        """`member` is a static name (KIP-345), for example of a pod; "" for none. `security`: kafka-python's
        ssl_* and sasl_* arguments. Raises BrokerLost.
        """
        self._paused = False
        with translated():
            self._consumer = KafkaConsumer(
                bootstrap_servers=servers.split(","),
                bootstrap_timeout_ms=BOOTSTRAP_MS,
                group_id=group,
                group_instance_id=member or None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=FETCH_WAIT_MS,
                session_timeout_ms=SESSION_MS,
                heartbeat_interval_ms=HEARTBEAT_MS,
                reconnect_backoff_max_ms=1_000,
                partition_assignment_strategy=[CooperativeStickyAssignor],
                **(security or {}),
            )
            self._subscribe(topic, revoked)
        self._stable_s = time.monotonic()

    def _subscribe(self, topic: str, revoked: Revoked) -> None:
        """Asks for the partitions before the first join.

        A leader that learns of them later joins a second time, and kafka-python 3.0.12 loses the answer of
        such a join when a poll's time is up meanwhile.
        """
        self._consumer.subscribe([topic], listener=_Listener(self._consumer, revoked))
        try:
            self._consumer.partitions_for_topic(topic)
        except KafkaError:
            self._consumer.close(autocommit=False, timeout_ms=0)
            raise

    @property
    def joined(self) -> bool:
        return bool(self._consumer.group_metadata().state is MemberState.STABLE)

    @property
    def assigned(self) -> Collection[Partition]:
        return _ours(self._consumer.assignment())

    def poll(self, timeout_ms: int) -> Sequence[BrokerRecord]:
        with translated():
            if self._paused:  # also those that were assigned since
                self._consumer.pause(*self._consumer.assignment())
            batches = self._consumer.poll(timeout_ms=timeout_ms)
        self._check_membership()
        return [record_of(record) for batch in batches.values() for record in batch]

    def _check_membership(self) -> None:
        """A member whose join was lost would wait for ever; a new one joins afresh."""
        now_s = time.monotonic()
        if self.joined:
            self._stable_s = now_s
        elif now_s - self._stable_s > JOIN_S:
            raise BrokerLost(f"not taken into the group within {JOIN_S:.0f} s")

    def commit(self, offsets: Offsets) -> None:
        with translated():
            self._consumer.commit_async(_kafka_offsets(offsets), callback=_committed)

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._consumer.resume(*self._consumer.paused())

    def close(self) -> None:
        with translated():
            self._consumer.close(timeout_ms=5_000)


class KafkaSink:
    """A producer that waits for all replicas; an outcome may be written twice, gateways deliver it once."""

    def __init__(self, servers: str, security: Mapping[str, Any] | None = None) -> None:
        """`security` as the source has it. Raises BrokerLost."""
        with translated():
            self._producer = KafkaProducer(
                bootstrap_servers=servers.split(","),
                bootstrap_timeout_ms=BOOTSTRAP_MS,
                acks="all",
                linger_ms=0,
                delivery_timeout_ms=DELIVERY_MS,
                request_timeout_ms=DELIVERY_MS // 2,
                max_block_ms=DELIVERY_MS // 2,
                reconnect_backoff_max_ms=1_000,
                enable_idempotence=False,  # kafka-python 3.0.12 with it sends no more after one timeout
                max_in_flight_requests_per_connection=1,  # keeps the order
                **(security or {}),
            )
        # `send` may wait for metadata; the event loop may not.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka-out")

    async def write(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        headers: Mapping[str, bytes],
        *,
        partition: int | None = None,
    ) -> bool:
        loop = asyncio.get_running_loop()
        acknowledged: asyncio.Future[None] = loop.create_future()

        def settle(error: BaseException | None) -> None:
            if not acknowledged.done():
                acknowledged.set_exception(error) if error else acknowledged.set_result(None)

        def send() -> bool:
            known = partition is None or partition in self._producer.partitions_for(topic)
            future = self._producer.send(
                topic,
                key=key,
                value=value,
                headers=list(headers.items()),
                partition=partition if known else None,
            )
            future.add_callback(lambda _: loop.call_soon_threadsafe(settle, None))
            future.add_errback(lambda error: loop.call_soon_threadsafe(settle, error))
            return known

        with translated():
            addressed = await loop.run_in_executor(self._thread, send)
            await acknowledged
        return addressed

    async def close(self) -> None:
        await asyncio.to_thread(self._producer.close, DELIVERY_MS / 1000)
        self._thread.shutdown(wait=False)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python is not annotated
    """Runs in kafka-python's thread: `revoked` must return well within SESSION_MS."""

    def __init__(self, consumer: KafkaConsumer, revoked: Revoked) -> None:
        self._consumer, self._revoked = consumer, revoked

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        offsets = self._revoked(_ours(revoked), lost=False)
        if offsets:
            self._consumer.commit_async(_kafka_offsets(offsets), callback=_committed)

    def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        self._revoked(_ours(lost), lost=True)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """They are read from their last commit; nothing of theirs is held."""


def partition_of(key: bytes, topic: str = ACTIONS_TOPIC) -> int:
    """Where Kafka's clients put a record of this key, with as many partitions as `topics.py` makes."""
    return int(murmur2(key) & 0x7FFFFFFF) % PARTITIONS[topic]


def _ours(partitions: Collection[TopicPartition]) -> list[Partition]:
    return [Partition(each.topic, each.partition) for each in partitions]


def _kafka_offsets(offsets: Offsets) -> dict[TopicPartition, OffsetAndMetadata]:
    return {TopicPartition(*each): OffsetAndMetadata(at, "", -1) for each, at in offsets.items()}


def _committed(offsets: Any, answer: Any) -> None:
    if isinstance(answer, Exception):
        logger.warning("commit_lost error=%s", answer)


def record_of(record: Any) -> BrokerRecord:
    partition = Partition(record.topic, record.partition)
    return BrokerRecord(
        partition, record.offset, record.key or b"", record.value or b"", dict(record.headers or ())
    )


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError) as error:
        raise BrokerLost(f"Kafka does not answer: {error}") from error
