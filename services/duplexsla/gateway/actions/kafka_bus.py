"""Actions and outcomes over Kafka: kafka-python in threads of its own, behind the `ActionBus` port.

Out: a bounded queue and one thread; a full queue refuses the event (BrokerLost). Back: a gateway has one
partition of the outcomes' topic, which its events name (reply_to), and reads it from its end, in no group; it
hands at most one batch at a time to the event loop. Gateways may share a partition: what belongs to another
one is told to nobody. A consumer that is lost goes on where it stood; one whose partition is gone goes on
at the end of another one.
"""

import asyncio
import logging
import queue
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, UnknownTopicOrPartitionError
from opentelemetry.trace import Span

from duplexsla.clock import unix_ms
from duplexsla.errors import BrokerLost
from duplexsla.gateway.actions.bus import OnLost, OnOutcome
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.protocol.topics import ACTIONS_TOPIC, OUTCOMES_TOPIC, home_key
from duplexsla.runtime.tasks import Supervisor, in_thread
from duplexsla.telemetry import TRACEPARENT, fail, inject
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome

logger = logging.getLogger(__name__)

QUEUE_EVENTS = 1_024
DELIVERY_MS = 3_000  # an event that no broker acknowledged after this is given up
BLOCK_MS = 500  # how long one event may hold the others up while no broker is known
POLL_MS = 250
BACKOFF_S = 1.0
READY_S = 10.0
STOP_S = 5.0
# With a version given, no client asks a broker for it when it is made: one that is not there yet is no error.
CONNECTING = {"api_version": (2, 6), "reconnect_backoff_ms": 50, "reconnect_backoff_max_ms": 1_000}


@dataclass(frozen=True)
class _Outgoing:
    event: ActionEvent
    span: Span
    on_lost: OnLost


class KafkaBus:
    """One producer and one consumer; both reconnect for as long as the gateway lives."""

    def __init__(
        self,
        servers: str,
        *,
        name: str = "",
        actions_topic: str = ACTIONS_TOPIC,
        outcomes_topic: str = OUTCOMES_TOPIC,
        now_ms: Callable[[], int] = unix_ms,
        history: HistoryLog = NO_HISTORY,
        security: Mapping[str, Any] | None = None,
    ) -> None:
        """`name` is this gateway's: it chooses the partition. `security`: kafka-python's ssl_* and sasl_*
        arguments.
        """
        self._name = name
        self._connecting = {**CONNECTING, **(security or {})}
        self._servers, self._history = servers.split(","), history
        self._actions_topic, self._outcomes_topic, self._now_ms = actions_topic, outcomes_topic, now_ms
        self._queue: queue.Queue[_Outgoing | None] = queue.Queue(QUEUE_EVENTS)
        self._closing = threading.Event()
        self._ready = threading.Event()
        self._producer: KafkaProducer | None = None
        self._threads: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_outcome: OnOutcome | None = None
        self._reply_to: int | None = None  # the partition, once it is known
        self._position = 0  # offset of the next outcome there
        self.unreadable = 0  # outcomes that could not be read

    async def start(self, on_outcome: OnOutcome, tasks: Supervisor) -> None:
        """Returns once outcomes are read, or after READY_S without a broker: it may come later."""
        self._loop, self._on_outcome = asyncio.get_running_loop(), on_outcome
        self._threads = [
            tasks.run("kafka out", lambda: in_thread("kafka out", self._send_forever)),
            tasks.run("kafka in", lambda: in_thread("kafka in", self._read_forever)),
        ]
        if not await asyncio.to_thread(self._ready.wait, READY_S):
            logger.warning("broker_missing actions=unavailable servers=%s", ",".join(self._servers))

    def publish(self, event: ActionEvent, span: Span, on_lost: OnLost) -> None:
        try:
            self._queue.put_nowait(_Outgoing(event, span, on_lost))
        except queue.Full:
            raise BrokerLost(f"{QUEUE_EVENTS} actions wait for the broker already") from None

    @property
    def partition(self) -> int | None:
        return self._reply_to

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    async def close(self) -> None:
        """Waits for what is queued, at most STOP_S. Cancelling this leaves the threads to their end."""
        self._closing.set()
        try:
            async with asyncio.timeout(STOP_S):
                await asyncio.to_thread(self._queue.put, None, timeout=STOP_S)
                if self._threads:
                    await asyncio.wait(self._threads)
        except (TimeoutError, queue.Full):
            logger.warning("actions_abandoned count=%d", self._queue.qsize())

    # The thread that sends.

    def _send_forever(self) -> None:
        try:
            self._connected().partitions_for(self._actions_topic)  # the first action need not wait for it
        except KafkaError as error:
            logger.info("partitions_unknown topic=%s error=%s", self._actions_topic, error)
        while (outgoing := self._queue.get()) is not None:
            try:
                self._send(outgoing)
            except Exception as error:  # a fault of the client: told to whoever waits, then to the supervisor
                self._give_up(outgoing, f"it cannot be sent: {error!r}")
                raise
        if self._producer is not None:
            self._producer.close(timeout=STOP_S / 2)

    def _send(self, outgoing: _Outgoing) -> None:
        if self._now_ms() >= outgoing.event.expires_at_ms:
            self._give_up(outgoing, "it expired before a broker took it")
            return
        event = ActionEvent()
        event.CopyFrom(outgoing.event)
        if self._reply_to is not None:
            event.reply_to = self._reply_to
        try:
            future = self._connected().send(
                self._actions_topic,
                key=home_key(event.tenant, event.home),
                value=event.SerializeToString(),
                headers=[(TRACEPARENT, inject(outgoing.span).encode())],
            )
        except KafkaError as error:
            self._give_up(outgoing, f"no broker: {error}")
            return
        future.add_callback(lambda _: self._acknowledged(outgoing))
        future.add_errback(lambda error: self._give_up(outgoing, f"no broker took it: {error}"))

    def _acknowledged(self, outgoing: _Outgoing) -> None:
        self._history.write(events.action_acknowledged(outgoing.event.action.id))
        outgoing.span.end()

    def _connected(self) -> KafkaProducer:
        """The producer; KafkaError while no broker answers."""
        if self._producer is None:
            self._producer = KafkaProducer(
                bootstrap_servers=self._servers,
                acks="all",
                linger_ms=0,
                delivery_timeout_ms=DELIVERY_MS,
                request_timeout_ms=DELIVERY_MS // 2,
                max_block_ms=BLOCK_MS,
                enable_idempotence=False,  # kafka-python 3.0.12 with it sends no more after one timeout
                max_in_flight_requests_per_connection=1,  # keeps the order; the ledger knows what comes twice
                **self._connecting,
            )
        return self._producer

    def _give_up(self, outgoing: _Outgoing, reason: str) -> None:
        error = BrokerLost(reason)
        fail(outgoing.span, error)
        outgoing.span.end()
        self._on_loop(outgoing.on_lost, reason)

    # The thread that reads.

    def _read_forever(self) -> None:
        while not self._closing.is_set():
            try:
                self._read_until_lost()
            except KafkaError as error:
                logger.warning("outcomes_unread retry_s=%g error=%s", BACKOFF_S, error)
                self._closing.wait(BACKOFF_S)

    def _read_until_lost(self) -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=self._servers,
            group_id=None,
            enable_auto_commit=False,
            **self._connecting,
        )
        try:
            partition = self._assigned(consumer)
            while not self._closing.is_set():
                records = consumer.poll(timeout_ms=POLL_MS).get(partition, ())
                if partition.partition not in (consumer.partitions_for_topic(partition.topic) or ()):
                    raise UnknownTopicOrPartitionError(f"partition {partition.partition} is gone")
                self._hand_over([record.value for record in records])
                if records:
                    self._position = records[-1].offset + 1
        finally:
            consumer.close()

    def _assigned(self, consumer: KafkaConsumer) -> TopicPartition:
        """Gives the consumer our partition, at its end the first time. Raises KafkaError."""
        numbers = sorted(consumer.partitions_for_topic(self._outcomes_topic) or ())
        if not numbers:
            raise UnknownTopicOrPartitionError(self._outcomes_topic)
        if self._reply_to not in numbers:
            number = numbers[zlib.crc32(self._name.encode()) % len(numbers)]
            partition = TopicPartition(self._outcomes_topic, number)
            self._position = consumer.end_offsets([partition])[partition]
            self._reply_to = number
        partition = TopicPartition(self._outcomes_topic, self._reply_to)
        consumer.assign([partition])
        consumer.seek(partition, self._position)
        self._ready.set()
        return partition

    def _hand_over(self, payloads: list[bytes]) -> None:
        """Gives a batch to the loop and waits until it was taken, so that at most one is under way."""
        if not payloads:
            return
        taken = threading.Event()
        self._on_loop(self._take, payloads, taken)
        while not taken.wait(POLL_MS / 1_000) and not self._closing.is_set():
            pass

    def _take(self, payloads: list[bytes], taken: threading.Event) -> None:
        assert self._on_outcome is not None
        for payload in payloads:
            try:
                self._on_outcome(ActionOutcome.FromString(payload))
            except DecodeError:
                self.unreadable += 1
            except Exception:  # outermost frame of one outcome: the others of the batch are still told
                self.unreadable += 1
                logger.exception("outcome_failed_internally")
        taken.set()

    def _on_loop(self, call: Callable[..., None], *arguments: Any) -> None:
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)
