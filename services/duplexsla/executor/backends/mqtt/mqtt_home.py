"""A home whose devices are at an MQTT 5 broker: commands expire with their actions, and states prove effects.

A command is published once, with QoS 1, never retained, and never again by a later connection. It carries the
action's id, fence and moment of expiry as user properties, and a topic on which a device may answer: "done",
or "refused" with a reason. The broker says at once when nobody has subscribed.
"""

import json
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from duplexsla.errors import DeviceUnavailable
from duplexsla.executor.backends.device import DeviceCall, Effect, entity_state, registry_version, reported
from duplexsla.executor.backends.kept_hub import IDLE_S, Changed, KeptHub, kinds_of_change
from duplexsla.executor.backends.mqtt.broker_connection import BrokerConnection
from duplexsla.executor.backends.mqtt.device_messages import (
    DeviceMessage,
    Props,
    asked_for,
    away,
    message,
    properties,
)
from duplexsla.executor.backends.mqtt.discovery import PREFIX, Announced, announced
from duplexsla.executor.backends.outcomes import CallFinding, failure
from duplexsla.executor.planning.spoken_words import words_of
from duplexsla.v1 import home_pb2 as pb

CONNECT_S = 5.0
LOAD_S = 10.0
PROOF_S = 2.0  # for a state, after the broker has the command
MAX_ENTITIES = 5_000
OURS = "duplexsla"  # prefix of our own topics


@dataclass
class _Waiting:
    """One command on its way. `answer`: of the device itself, "done" or "refused"."""

    effect: str
    entity: str
    told: list[Props] = field(default_factory=list)
    answer: str = ""
    reason: str = ""


class MqttHome(KeptHub[BrokerConnection]):
    """Device of one home."""

    def __init__(
        self,
        url: str,
        password: Callable[[], str],
        *,
        now_ms: Callable[[], int],
        user: str = "",
        time_zone: str = "",
        changed: Changed = lambda entity, kind, at_ms: None,
        idle_s: float = IDLE_S,
    ) -> None:
        """`password` is asked at each connection and raises OSError where there is none."""
        super().__init__(url, idle_s=idle_s)
        self._url, self._user, self._password = url, user, password
        self._now_ms, self._time_zone, self._somebody_changed = now_ms, time_zone, changed
        self._by_config: dict[str, dict[str, Announced]] = {}
        self._heard: dict[str, bytes] = {}  # by topic, the newest
        self._known: dict[str, tuple[Props, str, int]] = {}  # properties, effect that left them so, Unix ms
        self._waiting: list[_Waiting] = []
        self._answers, self._marker = "", ""
        self._stale, self._all = False, dict[str, Announced]()
        self._by_topic: defaultdict[str, list[str]] = defaultdict(list)

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        until = time.monotonic() + timeout_s
        if call.command is None:
            raise failure(CallFinding.NO_SUCH_DEVICE, "this home has no such function")
        command = call.entity_command
        connection = await self.ready(until)
        one = self._entities.get(command.entity)
        if one is None:
            raise failure(CallFinding.NO_SUCH_DEVICE)
        if away(one, self._heard):
            raise failure(CallFinding.DEVICE_AWAY)
        told = properties(one, self._heard)
        if command.command == pb.COMMAND_QUERY:
            return self._answer(command, one, told)
        wanted = message(command, one, told)
        with self._waited_for(command) as waiting:
            await self._publish(connection, call, command, wanted, until)
            await self._await_proof(connection, wanted, waiting, until)
        state = self._entity_state(one)
        return Effect(reported(command, state), self._now_ms(), state=state)

    async def registry(self, home: str, *, timeout_s: float) -> pb.HomeRegistry:
        await self.ready(time.monotonic() + timeout_s)
        entities = [one.entity() for _, one in sorted(self._entities.items())]
        areas = sorted({each.area for each in entities if each.area})
        told = pb.HomeRegistry(
            time_zone=self._time_zone,
            temperature_unit=pb.TEMPERATURE_UNIT_CELSIUS,
            areas=[pb.Area(id=_area_id(name), name=name) for name in areas],
        )
        for entity in entities:
            entity.area = _area_id(entity.area)
            told.entities.append(entity)
        told.version = registry_version(told)
        return told

    async def states(
        self, home: str, entities: Collection[str] = (), *, timeout_s: float
    ) -> Sequence[pb.EntityState]:
        await self.ready(time.monotonic() + timeout_s)
        return [
            self._entity_state(one)
            for id, one in sorted(self._entities.items())
            if not entities or id in entities
        ]

    @property
    def _entities(self) -> dict[str, Announced]:
        """All that is announced: put together anew when that has changed."""
        if self._stale:
            self._stale, self._all, self._by_topic = False, {}, defaultdict(list)
            for found in self._by_config.values():
                self._all |= found
            for id, one in self._all.items():
                for topic in one.topics:
                    self._by_topic[topic].append(id)
        return self._all

    async def connect(self) -> BrokerConnection:
        password = self._password() if self._user else ""
        name = secrets.token_hex(6)
        self._answers, self._marker = f"{OURS}/{name}/answers", f"{OURS}/{name}/marker"
        return await BrokerConnection.open(
            self._url, self._told, user=self._user, password=password, timeout_s=CONNECT_S
        )

    async def load(self, connection: BrokerConnection) -> None:
        """What is retained comes before our own marker: then all that has announced itself is known."""
        self._by_config, self._heard, self._known, self._stale = {}, {}, {}, True
        await connection.subscribe([self._answers, self._marker, f"{PREFIX}/#"], timeout_s=LOAD_S)
        await self._marked(connection)
        await self._follow(connection, [*self._by_config])
        await self._marked(connection)

    async def _marked(self, connection: BrokerConnection) -> None:
        mark = secrets.token_hex(8)
        await connection.publish(self._marker, mark, timeout_s=LOAD_S)
        came = partial(lambda wanted: self._heard.get(self._marker) == wanted.encode(), mark)
        if not await self.changed.wait_for(came, time.monotonic() + LOAD_S):
            raise DeviceUnavailable("the broker does not deliver")

    async def _follow(self, connection: BrokerConnection, configs: list[str]) -> None:
        ones = [one for config in configs for one in self._by_config[config].values()]
        topics = dict.fromkeys(topic for one in ones for topic in one.topics)
        await connection.subscribe([*topics], timeout_s=LOAD_S)

    def _told(self, topic: str, payload: bytes, retained: bool, correlation: bytes) -> None:
        """A message of the broker. Raises nothing that a device can cause."""
        if topic == self._answers:
            self._device_answered(payload, correlation.decode(errors="replace"))
        elif topic.startswith(f"{PREFIX}/"):
            self._announced(topic, payload)
        else:
            self._heard[topic] = payload
            self._state_told(topic, retained)
        self.changed.notify()

    def _announced(self, topic: str, payload: bytes) -> None:
        found = announced(topic, payload)
        self._stale = True
        if not found:
            self._by_config.pop(topic, None)
        elif len(self._by_config) < MAX_ENTITIES or topic in self._by_config:
            self._by_config[topic] = found
            if self.connection is not None:
                self._tasks.start("announced", self._follow(self.connection, [topic]))

    def _device_answered(self, payload: bytes, effect: str) -> None:
        """An answer to another's command, or to none, is nobody's."""
        try:
            told = json.loads(payload)
        except (ValueError, RecursionError):
            return
        for waiting in self._waiting:
            if waiting.effect == effect and isinstance(told, dict):
                waiting.answer, waiting.reason = str(told.get("outcome")), str(told.get("reason", ""))[:200]

    def _state_told(self, topic: str, retained: bool) -> None:
        entities = self._entities
        for id in self._by_topic.get(topic, ()):
            one = entities[id]
            now, before = properties(one, self._heard), self._known.get(id)
            ours = [each for each in self._waiting if each.entity == id and not retained]
            for each in ours:
                each.told.append(now)
            if before is None or before[0] != now:
                effect = ours[-1].effect if ours else ""
                self._known[id] = (now, effect, self._now_ms())
            if before is not None and not ours and not retained:
                for kind in kinds_of_change(before[0], now):
                    self._somebody_changed(id, kind, self._now_ms())

    @contextmanager
    def _waited_for(self, command: pb.EntityCommand) -> Iterator[_Waiting]:
        waiting = _Waiting(command.effect_id, command.entity)
        self._waiting.append(waiting)
        try:
            yield waiting
        finally:
            self._waiting.remove(waiting)

    async def _publish(
        self,
        connection: BrokerConnection,
        call: DeviceCall,
        command: pb.EntityCommand,
        wanted: DeviceMessage,
        until: float,
    ) -> None:
        """An expiry is in whole seconds: with less than one left nothing is sent."""
        left_s = (command.expires_at_ms - self._now_ms()) // 1_000
        if left_s < 1:
            raise failure(CallFinding.TOO_LATE)
        users = {
            "action-id": command.effect_id,
            "fence": str(command.fence),
            "expires-at-ms": str(command.expires_at_ms),
        }
        if call.traceparent:
            users["traceparent"] = call.traceparent
        await connection.publish(
            wanted.topic,
            wanted.payload,
            timeout_s=max(0.01, until - time.monotonic()),
            expires_s=left_s,
            correlation=command.effect_id.encode(),
            response_topic=self._answers,
            users=users,
        )

    async def _await_proof(
        self, connection: BrokerConnection, wanted: DeviceMessage, waiting: _Waiting, until: float
    ) -> None:
        """Raises AnswerLost; DeviceRefused where the device itself says so."""

        def proved() -> bool:
            return waiting.answer == "done" or any(map(wanted.proved, waiting.told))

        def over() -> bool:
            return proved() or waiting.answer == "refused" or self.connection is not connection

        await self.changed.wait_for(over, min(until, time.monotonic() + PROOF_S))
        if waiting.answer == "refused":
            raise failure(CallFinding.NO_SUCH_DEVICE, waiting.reason or "the device refuses")
        if not proved():
            raise failure(CallFinding.NO_EFFECT, "it was sent, and the device shows no effect")

    def _answer(self, command: pb.EntityCommand, one: Announced, told: Props) -> Effect:
        value = asked_for(told, command.text) if command.text else {}
        if command.text and not value:
            raise failure(CallFinding.NO_SUCH_DEVICE, f"it has no {command.text[:64]}")
        return Effect({**told, **value}, self._now_ms(), state=self._entity_state(one))

    def _entity_state(self, one: Announced) -> pb.EntityState:
        now = properties(one, self._heard)
        _, effect, at_ms = self._known.get(one.id, ({}, "", 0))
        return entity_state(one.id, now, changed_at_ms=at_ms, changed_by=effect)


def _area_id(name: str) -> str:
    return "_".join(words_of(name))
