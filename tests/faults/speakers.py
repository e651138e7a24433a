"""Speakers without a call: events as a gateway publishes them, one after another, and what became of each."""

import asyncio
import json
import os
import threading
import time
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from tests.faults.orders import CONNECTING, DELIVERIES
from tests.faults.site import Site

from duplexsla.history import events
from duplexsla.protocol.topics import ACTIONS_TOPIC, OUTCOMES_TOPIC
from duplexsla.tools import NEWEST
from duplexsla.v1 import action_pb2 as pb

EXPIRES_MS = 60_000  # nothing expires while nobody is there
TOLD_S = 40.0


class Outcomes:
    """All that are published, in order, by the action's id. To be closed."""

    def __init__(self, kafka: str) -> None:
        self._servers, self._over, self._ready = kafka.split(","), threading.Event(), threading.Event()
        self.told: dict[str, list[pb.ActionOutcome]] = {}
        self._thread = threading.Thread(target=self._read, name="outcomes", daemon=True)
        self._thread.start()
        self._ready.wait(30.0)

    async def of(self, id: str, *, limit_s: float = TOLD_S) -> pb.ActionOutcome | None:
        """The first one of an action, or of its moment where the id ends in "@"; None: it does not come."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            for name, told in list(self.told.items()):
                if name == id or (id.endswith("@") and name.startswith(id)):
                    return told[0]
            await asyncio.sleep(0.05)
        return None

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        reader = KafkaConsumer(
            bootstrap_servers=self._servers, group_id=None, enable_auto_commit=False, **CONNECTING
        )
        found = [TopicPartition(OUTCOMES_TOPIC, each) for each in reader.partitions_for_topic(OUTCOMES_TOPIC)]
        reader.assign(found)
        reader.seek_to_end()
        for partition in found:
            reader.position(partition)
        self._ready.set()
        while not self._over.is_set():
            for batch in reader.poll(timeout_ms=100).values():
                for record in batch:
                    outcome = pb.ActionOutcome.FromString(record.value)
                    self.told.setdefault(outcome.action_id, []).append(outcome)
        reader.close()


class Speaker:
    """Somebody in a home of their own, whose model is always sure."""

    def __init__(self, site: Site, home: str, outcomes: Outcomes) -> None:
        self._site, self.home, self._outcomes = site, home, outcomes
        self._session, self._count = int.from_bytes(os.urandom(7)), 0
        self._producer: Any = KafkaProducer(
            bootstrap_servers=site.kafka.split(","), acks="all", linger_ms=0, **CONNECTING
        )

    def event(
        self,
        function: str = "",
        heard: str = "",
        *,
        intent: pb.Intent = pb.INTENT_DO,
        about: str = "",
        clock_ms: int = 0,
        **arguments: object,
    ) -> pb.ActionEvent:
        """`clock_ms`: how much its gateway's clock is ahead."""
        self._count += 1
        known = NEWEST["home"].by_name.get(function)
        once = known is not None and known.delivery == "at_most_once"
        now_ms = time.time_ns() // 1_000_000 + clock_ms
        return pb.ActionEvent(
            action=pb.Action(
                id=f"{self._session:016x}-{self._count}-0",
                function=function,
                arguments_json=json.dumps(arguments),
            ),
            session_id=self._session,
            home=self.home,
            toolset="home",
            fence=1,
            emitted_at_ms=now_ms,
            expires_at_ms=now_ms + EXPIRES_MS,
            delivery=pb.DELIVERY_AT_MOST_ONCE if once else pb.DELIVERY_IDEMPOTENT,
            evidence=pb.Evidence(attended=True, transcript=heard, calibrated=True, confidence=1.0),
            intent=intent,
            refers_to=about,
            origin=pb.ORIGIN_MODEL,
        )

    async def publish(self, event: pb.ActionEvent) -> None:
        """Returns when the brokers have it."""
        id = event.action.id
        self._site.history.write(
            events.action_published(
                id,
                session=event.session_id,
                home=event.home,
                fence=event.fence,
                delivery=DELIVERIES[event.delivery],
                expires_at_ms=event.expires_at_ms,
            )
        )
        sent = self._producer.send(ACTIONS_TOPIC, key=self.home.encode(), value=event.SerializeToString())
        await asyncio.to_thread(sent.get, 30)
        self._site.history.write(events.action_acknowledged(id))

    async def say(self, function: str, heard: str, **arguments: object) -> pb.ActionOutcome:
        """What became of it; TimeoutError when nobody tells."""
        event = self.event(function, heard, **arguments)
        await self.publish(event)
        told = await self._outcomes.of(event.action.id)
        if told is None:
            raise TimeoutError(f"{function}: no outcome")
        return told

    async def effects(self) -> list[str]:
        """Ids of what moved something here, oldest first."""
        found = await self._site.tell_home("GET", f"{self.home}/effects?limit=100")
        return [each["action_id"] for each in found["effects"] if each["function"] != "query"]

    def close(self) -> None:
        self._producer.close(timeout=5)
