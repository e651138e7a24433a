"""The other end of the bus on a real broker: reads events as an executor does, and tells what a test says."""

import time
from collections.abc import Iterator

from kafka import KafkaConsumer, KafkaProducer
from kafka.consumer.fetcher import ConsumerRecord

from duplexsla.protocol.topics import ACTIONS_TOPIC, OUTCOMES_TOPIC
from duplexsla.v1.action_pb2 import ActionEvent

TIMEOUT_S = 20.0


class KafkaExecutor:
    """Reads events from now on, and says what became of them."""

    def __init__(self, servers: str) -> None:
        self._producer = KafkaProducer(bootstrap_servers=servers, acks="all")
        self._consumer = KafkaConsumer(ACTIONS_TOPIC, bootstrap_servers=servers, auto_offset_reset="latest")
        while not self._consumer.assignment():
            self._consumer.poll(timeout_ms=50)
        for partition in self._consumer.assignment():
            self._consumer.position(partition)

    def event(self, home: str) -> tuple[ActionEvent, ConsumerRecord]:
        """The next event of a home."""
        return next(self.events(home, 1))

    def events(self, home: str, count: int) -> Iterator[tuple[ActionEvent, ConsumerRecord]]:
        """The next events of homes whose name begins so. Raises TimeoutError when they do not come."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            for batch in self._consumer.poll(timeout_ms=100).values():
                for record in batch:
                    if record.key.startswith(home.encode()):
                        yield ActionEvent.FromString(record.value), record
                        count -= 1
                        if not count:
                            return
        raise TimeoutError(home)

    def poll(self, home: str) -> list[ActionEvent]:
        """What has come of events of homes whose name begins so."""
        records = [each for batch in self._consumer.poll(timeout_ms=100).values() for each in batch]
        return [ActionEvent.FromString(each.value) for each in records if each.key.startswith(home.encode())]

    def poll_until_quiet(self, home: str) -> list[ActionEvent]:
        """The same, at least one, until a poll brings none. Raises TimeoutError when none comes."""
        found, deadline = self.poll(home), time.monotonic() + TIMEOUT_S
        while not found and time.monotonic() < deadline:
            found = self.poll(home)
        if not found:
            raise TimeoutError(home)
        while more := self.poll(home):
            found += more
        return found

    def tell(self, event: ActionEvent, *payloads: bytes, topic: str = OUTCOMES_TOPIC) -> None:
        """To the gateway that the event names."""
        for payload in payloads:
            self._producer.send(topic, value=payload, partition=event.reply_to)
        self._producer.flush()

    def close(self) -> None:
        self._consumer.close()
        self._producer.close()
