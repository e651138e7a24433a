"""All homes, each with the backends that the configuration gives it.

Of several backends an entity's id is "<backend>:<its id there>"; rooms and floors of one name are one. If one
backend does not tell what it has, nobody knows what the home has: what is meant is not guessed from a part.
"""

import asyncio
import json
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from duplexsla.executor.backends.device import Device, DeviceCall, Effect, registry_version
from duplexsla.executor.backends.home_assistant.home_assistant import HomeAssistantHome
from duplexsla.executor.backends.homes_file import (
    MQTT,
    SIMULATION,
    BackendConfiguration,
    HomesFile,
)
from duplexsla.executor.backends.kept_hub import Changed
from duplexsla.executor.backends.mqtt.mqtt_home import MqttHome
from duplexsla.executor.backends.outcomes import CallFinding, failure
from duplexsla.executor.backends.simulated import SimulatedHomes
from duplexsla.executor.ledger.notes import home_of
from duplexsla.runtime.tasks import Condition
from duplexsla.v1 import home_pb2 as pb

MAX_HUBS = 1_024  # the one that was used longest ago is closed
MAX_CHANGES = 1_024  # of all homes, the newest
MAX_SECRET = 16_384  # bytes
Key = tuple[str, BackendConfiguration]


class ConfiguredHomes:
    """Device of every home. `simulation`: where simulated homes are; None: nowhere."""

    def __init__(
        self, homes: HomesFile, simulation: SimulatedHomes | None, *, now_ms: Callable[[], int]
    ) -> None:
        self._homes, self._simulation, self._now_ms = homes, simulation, now_ms
        self._hubs: OrderedDict[Key, Device] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()
        self._changes: deque[pb.HomeChange] = deque(maxlen=MAX_CHANGES)
        self._heard, self._news = 0, Condition()  # how many changes there were

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        home = home_of(call.event)
        backends = self._backends(home)
        if call.command is None:
            knows = next((each for each in backends if each.kind == SIMULATION), backends[0])
            return await self._device(home, knows).call(call, timeout_s=timeout_s)
        if len(backends) == 1:
            if not holds(backends[0], call.command.entity):
                raise failure(CallFinding.NO_SUCH_DEVICE)
            return await self._device(home, backends[0]).call(call, timeout_s=timeout_s)
        name, _, entity = call.command.entity.partition(":")
        for backend in backends:
            if backend.name == name and holds(backend, entity):
                there = pb.EntityCommand()
                there.CopyFrom(call.command)
                there.entity = entity
                told = DeviceCall(call.event, call.arguments, there, call.traceparent)
                effect = await self._device(home, backend).call(told, timeout_s=timeout_s)
                state = None if effect.state is None else _renamed(effect.state, f"{name}:")
                return Effect(effect.result, effect.at_ms, effect.repeated, state)
        raise failure(CallFinding.NO_SUCH_DEVICE)

    async def registry(self, home: str, *, timeout_s: float) -> pb.HomeRegistry:
        backends = self._backends(home)
        told = await asyncio.gather(
            *(self._device(home, each).registry(home, timeout_s=timeout_s) for each in backends)
        )
        if len(backends) == 1 and not backends[0].entities:
            return told[0]
        return merged(list(zip(backends, told, strict=True)))

    async def states(
        self, home: str, entities: Collection[str] = (), *, timeout_s: float
    ) -> Sequence[pb.EntityState]:
        backends = self._backends(home)
        if len(backends) == 1:
            found = await self._device(home, backends[0]).states(home, entities, timeout_s=timeout_s)
            return [each for each in found if holds(backends[0], each.entity)]
        wanted: defaultdict[str, list[str]] = defaultdict(list)
        for entity in entities:
            name, _, there = entity.partition(":")
            wanted[name].append(there)
        told: list[pb.EntityState] = []
        for backend in backends:
            if entities and backend.name not in wanted:
                continue
            device = self._device(home, backend)
            states = await device.states(home, wanted[backend.name], timeout_s=timeout_s)
            told += [_renamed(each, f"{backend.name}:") for each in states if holds(backend, each.entity)]
        return told

    async def close(self) -> None:
        for hub in self._hubs.values():
            await hub.close()
        await asyncio.gather(*self._closing)
        if self._simulation is not None:
            await self._simulation.close()

    def _backends(self, home: str) -> tuple[BackendConfiguration, ...]:
        """Raises DeviceRefused for a home that nobody holds."""
        backends = self._homes.current().of(home)
        if not backends:
            raise failure(CallFinding.NO_SUCH_HOME)
        return backends

    def _device(self, home: str, backend: BackendConfiguration) -> Device:
        if backend.kind == SIMULATION:
            if self._simulation is None:
                raise failure(CallFinding.NO_SUCH_HOME, "no simulated homes are configured")
            return self._simulation
        key = (home, backend)
        if key not in self._hubs:
            self._close_all_but(home)
            tell = partial(self._changed, home, f"{backend.name}:" if self._several(home) else "")
            self._hubs[key] = hub_of(backend, self._now_ms, tell)
        self._hubs.move_to_end(key)
        return self._hubs[key]

    def _several(self, home: str) -> bool:
        return len(self._homes.current().of(home)) > 1

    def _changed(self, home: str, prefix: str, entity: str, kind: str, at_ms: int) -> None:
        tenant, _, name = home.rpartition("/")
        there = prefix + entity
        self._changes.append(
            pb.HomeChange(
                id=f"{home}/{there}@{at_ms}/{kind}",
                tenant=tenant,
                home=name,
                entity=there,
                kind=kind,
                at_ms=at_ms,
            )
        )
        self._heard += 1
        self._news.notify()

    async def changes(self, after: str, *, wait_s: float) -> pb.HomeChanges:
        """What hubs pushed to this process, and what simulated homes tell; `next` names both positions."""
        simulated, _, number = after.rpartition("|")
        known = int(number) if number.isdecimal() else 0
        asking = asyncio.ensure_future(self._simulated_changes(simulated, wait_s))
        asking.add_done_callback(lambda _: self._news.notify())
        try:
            until = time.monotonic() + wait_s
            await self._news.wait_for(lambda: asking.done() or self._heard > known, until)
            found = asking.result() if asking.done() else pb.HomeChanges(next=simulated)
        finally:
            asking.cancel()
        newest = min(self._heard - known, len(self._changes)) if known <= self._heard else len(self._changes)
        pushed = list(self._changes)[len(self._changes) - newest :]
        return pb.HomeChanges(next=f"{found.next}|{self._heard}", changes=[*found.changes, *pushed])

    async def _simulated_changes(self, after: str, wait_s: float) -> pb.HomeChanges:
        if self._simulation is not None:
            return await self._simulation.changes(after, wait_s=wait_s)
        await asyncio.sleep(wait_s)
        return pb.HomeChanges()

    def _close_all_but(self, home: str) -> None:
        """What this home had before its configuration changed; and the oldest, when there are too many."""
        standing = self._homes.current().of(home)
        ended = [key for key in self._hubs if key[0] == home and key[1] not in standing]
        if len(self._hubs) - len(ended) >= MAX_HUBS:
            ended.append(next(key for key in self._hubs if key not in ended))
        for key in ended:
            closing = asyncio.get_running_loop().create_task(self._hubs.pop(key).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


def hub_of(backend: BackendConfiguration, now_ms: Callable[[], int], changed: Changed) -> Device:
    if backend.kind == MQTT:
        return MqttHome(
            backend.url,
            lambda: secret(backend.password_file),
            now_ms=now_ms,
            user=backend.user,
            time_zone=backend.time_zone,
            changed=changed,
        )
    return HomeAssistantHome(
        backend.url,
        lambda: secret(backend.token_file),
        now_ms=now_ms,
        codes=lambda: _codes(backend.codes_file),
        changed=changed,
    )


def secret(path: str) -> str:
    """Raises OSError."""
    with Path(path).open("rb") as file:
        return file.read(MAX_SECRET).decode(errors="replace").strip()


def _codes(path: str) -> Mapping[str, str]:
    """{entity: code} of a JSON file. Raises OSError."""
    if not path:
        return {}
    try:
        found = json.loads(secret(path))
    except ValueError as error:
        raise OSError("the codes are no JSON") from error
    if not isinstance(found, dict):
        raise OSError("the codes are no JSON object")
    return {entity: code for entity, code in found.items() if isinstance(code, str)}


def holds(backend: BackendConfiguration, entity: str) -> bool:
    return not backend.entities or any(fnmatchcase(entity, pattern) for pattern in backend.entities)


def merged(told: Sequence[tuple[BackendConfiguration, pb.HomeRegistry]]) -> pb.HomeRegistry:
    """One home of all; zone and unit are those of the first that tells them."""
    several = len(told) > 1
    whole = pb.HomeRegistry()
    for backend, registry in told:
        prefix = f"{backend.name}:" if several else ""
        whole.time_zone = whole.time_zone or registry.time_zone
        whole.temperature_unit = whole.temperature_unit or registry.temperature_unit
        floors = _joined(whole.floors, registry.floors, prefix)
        areas = _joined(whole.areas, registry.areas, prefix)
        for area in whole.areas:
            if area.floor in floors and area.id in areas.values():
                area.floor = floors[area.floor]
        for entity in registry.entities:
            if holds(backend, entity.id):
                there = whole.entities.add()
                there.CopyFrom(entity)
                there.id, there.area = prefix + entity.id, areas.get(entity.area, "")
                for effect in there.activates:
                    effect.entity = prefix + effect.entity
    whole.version = registry_version(whole)
    return whole


def _joined(known: Any, more: Any, prefix: str) -> dict[str, str]:
    """Adds those with a new name; each id of a backend to its id in the whole home."""
    by_name = {each.name.casefold(): each.id for each in known}
    ids = {}
    for each in more:
        name = each.name.casefold()
        if name not in by_name:
            there = known.add()
            there.CopyFrom(each)
            there.id = by_name[name] = prefix + each.id
        ids[each.id] = by_name[name]
    return ids


def _renamed(state: pb.EntityState, prefix: str) -> pb.EntityState:
    told = pb.EntityState()
    told.CopyFrom(state)
    told.entity = prefix + state.entity
    return told
