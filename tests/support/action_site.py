"""Real Kafka, Redis, homes and executors, and what a test asks of them."""

import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from tests.support.action_events import event

from duplexsla.history.invariants import CheckReport, check_invariants
from duplexsla.history.reader import HistoryReader, effect_lines
from duplexsla.local.health import http_answers
from duplexsla.local.process import Process, await_ready, free_port, launch, until
from duplexsla.protocol.topics import ACTIONS_TOPIC, DEAD_LETTERS_TOPIC, OUTCOMES_TOPIC
from duplexsla.v1 import action_pb2 as pb

PATIENCE_S = 30.0


class ActionSite:
    """One test's view of the shared servers; homes are new for each test."""

    def __init__(self, kafka: Process, redis: Process, homes: Process, workdir: Path) -> None:
        self.redis_url = f"redis://{redis.address}/0"
        self.workdir, self._kafka, self._homes = workdir, kafka, homes
        self._http = httpx.Client(base_url=f"http://{homes.address}", trust_env=False)
        self._producer = KafkaProducer(bootstrap_servers=kafka.address, acks="all", linger_ms=0)
        self._outcomes, self._dead = self._reader(OUTCOMES_TOPIC), self._reader(DEAD_LETTERS_TOPIC)
        self._told: list[pb.ActionOutcome] = []
        self._letters: list[pb.DeadLetter] = []

    def close(self) -> None:
        for each in (self._http, self._producer, self._outcomes, self._dead):
            each.close()

    def home(self) -> str:
        """A new home."""
        name = f"home-{uuid.uuid4()}"
        self._http.put(f"/homes/{name}").raise_for_status()
        return name

    def fault(self, home: str, **fault: Any) -> None:
        self._http.post(f"/homes/{home}/faults", json=fault).raise_for_status()

    def effects(self, home: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._http.get(f"/homes/{home}/effects").json()["effects"]
        return found

    def event(self, home: str, *, expires_in_ms: int = 60_000, **changes: Any) -> pb.ActionEvent:
        """A valid event of now, of a session of its own."""
        now_ms = time.time_ns() // 1_000_000
        session = uuid.uuid4().int >> 64
        fields: dict[str, Any] = {
            "action": action(session, "open_home_device", '{"device":"light","room":"kitchen"}'),
            "session_id": session,
            "home": home,
            "emitted_at_ms": now_ms,
            "expires_at_ms": now_ms + expires_in_ms,
        }
        return event(**(fields | changes))

    def send(self, *events: pb.ActionEvent, traceparent: bytes = b"") -> None:
        headers = [("traceparent", traceparent)] if traceparent else []
        for each in events:
            self._producer.send(
                ACTIONS_TOPIC, key=each.home.encode(), value=each.SerializeToString(), headers=headers
            )
        self._producer.flush()

    def send_bytes(self, key: bytes, value: bytes) -> None:
        self._producer.send(ACTIONS_TOPIC, key=key, value=value)
        self._producer.flush()

    def outcomes(self, home: str, count: int) -> list[pb.ActionOutcome]:
        """The first `count` outcomes of a home; fails when they do not come."""

        def told() -> list[pb.ActionOutcome]:
            self._told += [pb.ActionOutcome.FromString(value) for value in _values(self._outcomes)]
            return [outcome for outcome in self._told if outcome.home == home and outcome.action_id]

        assert until(lambda: len(told()) >= count, PATIENCE_S), f"{len(told())} outcomes of {count}"
        return told()

    def letter(self, wanted: Callable[[pb.DeadLetter], bool]) -> pb.DeadLetter:
        """The dead letter that fits; fails when it does not come."""

        def found() -> list[pb.DeadLetter]:
            self._letters += [pb.DeadLetter.FromString(value) for value in _values(self._dead)]
            return [letter for letter in self._letters if wanted(letter)]

        assert until(lambda: bool(found()), PATIENCE_S)
        return found()[0]

    def checked(self, *homes: str) -> CheckReport:
        """What the executors' histories and the logs of these homes show."""
        effects = [effect for home in homes for effect in self.effects(home)]
        log = effect_lines(sorted(effects, key=lambda effect: effect["at_ms"]), "effects")
        return check_invariants(HistoryReader(sorted(self.workdir.glob("executor-*.jsonl")), log))

    def health(self, executor: Process) -> dict[str, Any]:
        report: dict[str, Any] = httpx.get(f"http://{executor.address}/healthz").json()
        return report

    def drain(self, executor: Process) -> dict[str, Any]:
        report: dict[str, Any] = httpx.post(f"http://{executor.address}/drain", timeout=30.0).json()
        return report

    @contextmanager
    def executor(self, *, crash_at: str = "", member: str = "test") -> Iterator[Process]:
        """A running executor; its static name `member` stays in the group for some seconds after it."""
        address = f"127.0.0.1:{free_port()}"
        environ = {
            "DUPLEXSLA_LISTEN": address,
            "DUPLEXSLA_KAFKA": self._kafka.address,
            "DUPLEXSLA_REDIS_URL": self.redis_url,
            "DUPLEXSLA_HOMES_URL": f"http://{self._homes.address}",
            "DUPLEXSLA_MEMBER": member,
            "DUPLEXSLA_CRASH_AT": crash_at,
            "DUPLEXSLA_HISTORY": str(self.workdir),
            "DUPLEXSLA_TRACE_FILE": str(self.workdir / "spans.jsonl"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        command = [sys.executable, "-m", "duplexsla.executor"]
        log = self.workdir / f"executor-{member or address}.log"
        process = launch(f"executor {member}", command, log=log, address=address, environ=environ)
        try:
            yield await_ready(
                process, lambda: http_answers(f"http://{address}/healthz"), timeout_s=PATIENCE_S
            )
        finally:
            process.stop()

    def _reader(self, topic: str) -> KafkaConsumer:
        reader = KafkaConsumer(bootstrap_servers=self._kafka.address, enable_auto_commit=False)
        reader.assign([TopicPartition(topic, number) for number in reader.partitions_for_topic(topic)])
        reader.seek_to_end()
        for partition in reader.assignment():
            reader.position(partition)
        return reader


def action(session: int, function: str, arguments_json: str, *, chunk: int = 0) -> pb.Action:
    id = f"{session:016x}-{chunk}-0"
    return pb.Action(id=id, function=function, arguments_json=arguments_json, trigger_chunk=chunk)


def _values(reader: KafkaConsumer) -> list[bytes]:
    return [record.value for batch in reader.poll(timeout_ms=50).values() for record in batch]


def states(outcomes: list[pb.ActionOutcome]) -> list[str]:
    return [pb.OutcomeState.Name(each.state).removeprefix("OUTCOME_STATE_") for each in outcomes]
