"""A stream of actions beside the calls, published as a gateway does, and what became of each of them."""

import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from duplexsla.history import HistoryLog, events
from duplexsla.protocol.topics import ACTIONS_TOPIC, OUTCOMES_TOPIC
from duplexsla.v1 import action_pb2 as pb

DELIVERY_MS = 3_000  # as a gateway's
EXPIRES_MS = 5_000
KEPT_RECORDS = 500
SETTLED_S = 12.0  # after the last expiry, for the last outcome
CONNECTING = {"api_version": (2, 6), "reconnect_backoff_ms": 50, "reconnect_backoff_max_ms": 1_000}
CALLS = (  # what is asked for, in turn
    ("open_home_device", '{"device":"light","room":"kitchen"}', pb.DELIVERY_IDEMPOTENT),
    ("close_home_device", '{"device":"light","room":"kitchen"}', pb.DELIVERY_IDEMPOTENT),
    (
        "increase_home_device",
        '{"device":"speaker","property":"volume","room":"attic"}',
        pb.DELIVERY_AT_MOST_ONCE,
    ),
)
DELIVERIES = {pb.DELIVERY_IDEMPOTENT: "idempotent", pb.DELIVERY_AT_MOST_ONCE: "at_most_once"}


@dataclass
class Order:
    """One action. Times are seconds of time.monotonic; `effect_ms` counts from its publishing."""

    home: str
    delivery: str
    at: float
    acknowledged: bool = False
    state: str = ""  # the first that was told; "unavailable" when no broker took it
    told_s: float = 0.0  # after `at`
    effect_ms: float = 0.0


class Orders:
    """Publishes `per_second` actions, round robin over the homes, in threads of its own."""

    def __init__(
        self,
        kafka: str,
        homes: Sequence[str],
        history: HistoryLog,
        *,
        per_second: float,
        expires_ms: int = EXPIRES_MS,
    ) -> None:
        self._homes, self._history, self._per_second = homes, history, per_second
        self._expires_ms = expires_ms
        self._servers = kafka.split(",")
        self._session = int.from_bytes(os.urandom(7)) << 8  # and a number per home
        self.orders: dict[str, Order] = {}
        self.sent: deque[tuple[bytes, bytes]] = deque(maxlen=KEPT_RECORDS)  # key and value of the newest
        self._stopping, self._settled = threading.Event(), threading.Event()
        self._ready = threading.Event()
        self._threads = [
            threading.Thread(target=run, name=name, daemon=True)
            for name, run in (("orders out", self._publish), ("orders back", self._read))
        ]

    def start(self) -> None:
        self._threads[1].start()
        self._ready.wait(30.0)
        self._threads[0].start()

    def stop(self) -> None:
        """Publishes no more, and waits until every outcome has come, or can come no more."""
        self._stopping.set()
        self._threads[0].join()
        deadline = time.monotonic() + self._expires_ms / 1e3 + SETTLED_S
        while time.monotonic() < deadline and any(not each.state for each in self.orders.values()):
            self._settled.wait(0.2)
        self._settled.set()
        self._threads[1].join()

    def where(self, wanted: Callable[[Order], bool]) -> list[Order]:
        return [order for order in list(self.orders.values()) if wanted(order)]

    def between(self, since: float, till: float) -> list[Order]:
        """Those published in this time."""
        return self.where(lambda order: since <= order.at < till)

    def _publish(self) -> None:
        producer = KafkaProducer(
            bootstrap_servers=self._servers,
            acks="all",
            linger_ms=0,
            delivery_timeout_ms=DELIVERY_MS,
            request_timeout_ms=DELIVERY_MS // 2,
            max_block_ms=500,
            enable_idempotence=False,
            max_in_flight_requests_per_connection=1,
            **CONNECTING,
        )
        start = time.monotonic()
        for number in itertools.count():
            if self._stopping.wait(max(0.0, start + number / self._per_second - time.monotonic())):
                break
            self._send(producer, number)
        with suppress(KafkaError):
            producer.close(timeout=5)

    def _send(self, producer: Any, number: int) -> None:
        event = self._event(number)
        name, delivery = event.action.id, DELIVERIES[event.delivery]
        self.orders[name] = order = Order(event.home, delivery, time.monotonic())
        self._history.write(
            events.action_published(
                name,
                session=event.session_id,
                home=event.home,
                fence=event.fence,
                delivery=delivery,
                expires_at_ms=event.expires_at_ms,
            )
        )

        def taken(_: Any) -> None:
            order.acknowledged = True
            self._history.write(events.action_acknowledged(name))

        def lost(_: Any) -> None:
            if not order.state:
                order.state = "unavailable"
            self._history.write(events.action_unavailable(name, session=event.session_id))

        try:
            record = (event.home.encode(), event.SerializeToString())
            self.sent.append(record)
            future = producer.send(ACTIONS_TOPIC, key=record[0], value=record[1])
        except KafkaError as error:
            lost(error)
            return
        future.add_callback(taken)
        future.add_errback(lost)

    def _event(self, number: int) -> pb.ActionEvent:
        home = number % len(self._homes)
        session, turn = self._session + home, number // len(self._homes)
        function, arguments, delivery = CALLS[turn % len(CALLS)]
        now_ms = time.time_ns() // 1_000_000
        action = pb.Action(id=f"{session:016x}-{turn}-0", function=function, arguments_json=arguments)
        return pb.ActionEvent(
            action=action,
            session_id=session,
            home=self._homes[home],
            toolset="home",
            fence=1,
            emitted_at_ms=now_ms,
            expires_at_ms=now_ms + self._expires_ms,
            delivery=delivery,
        )

    def _read(self) -> None:
        reader = KafkaConsumer(
            bootstrap_servers=self._servers, group_id=None, enable_auto_commit=False, **CONNECTING
        )
        partitions = [TopicPartition(OUTCOMES_TOPIC, n) for n in reader.partitions_for_topic(OUTCOMES_TOPIC)]
        reader.assign(partitions)
        reader.seek_to_end()
        for partition in partitions:
            reader.position(partition)
        self._ready.set()
        while not self._settled.is_set():
            for batch in reader.poll(timeout_ms=200).values():
                for record in batch:
                    self._take(pb.ActionOutcome.FromString(record.value))
        reader.close()

    def _take(self, outcome: pb.ActionOutcome) -> None:
        order = self.orders.get(outcome.action_id)
        if order is None:
            return
        state = pb.OutcomeState.Name(outcome.state).removeprefix("OUTCOME_STATE_").lower()
        self._history.write(
            events.outcome_delivered(outcome.action_id, session=outcome.session_id, state=state)
        )
        if not order.state:
            order.state, order.told_s = state, time.monotonic() - order.at
            order.effect_ms = outcome.effect_ms
