"""A Home Assistant of a few entities, on a port of this machine: its WebSocket protocol, with its traps.

It says success whatever happens to a device, tells states as differences, and answers when the integration is
through. `on_call` decides what a service does; the default has the effect at once.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

TOKEN = "a-token"
LIGHT = {"supported_color_modes": ["hs", "color_temp"], "brightness": 128, "supported_features": 0}
LOCK = {"supported_features": 0}
Call = dict[str, Any]
OnCall = Callable[["FakeHub", Call, str], Awaitable[None]]


class Refusal(Exception):
    """`args`: the code and the words of the hub's error."""


class FakeHub:
    """`states`: {entity: (state, attributes)}; `told`: what it was asked to do, oldest first."""

    def __init__(self) -> None:
        self.states: dict[str, tuple[str, dict[str, Any]]] = {}
        self.add("light.kitchen", "off", friendly_name="Kitchen Light", **LIGHT)
        self.add("light.bedroom", "off", friendly_name="Bedroom Light", **LIGHT)
        self.add("lock.front_door", "locked", friendly_name="Front Door", **LOCK)
        self.add("sensor.porch", "15.6", friendly_name="Porch Temperature", device_class="temperature")
        self.add("switch.hidden", "off", friendly_name="Router")
        self.exposed = {entity for entity in self.states if entity != "switch.hidden"}
        self.aliases = {"light.kitchen": ["cooker light"]}
        self.areas = {"light.kitchen": "kitchen", "light.bedroom": "bedroom"}
        self.token, self.running, self.admin = TOKEN, True, True
        self.on_call: OnCall = effective
        self.told: list[Call] = []
        self.logins = 0
        self._contexts = 0
        self._sockets: dict[ServerConnection, int] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._server: Server | None = None
        self.port = 0

    def add(self, entity: str, state: str, **attributes: Any) -> None:
        self.states[entity] = (state, attributes)

    @asynccontextmanager
    async def running_at(self, port: int = 0) -> AsyncIterator[str]:
        """Its URL."""
        async with serve(self._serve, "127.0.0.1", port) as self._server:
            self.port = next(iter(self._server.sockets)).getsockname()[1]
            yield f"http://127.0.0.1:{self.port}"

    async def hang_up(self) -> None:
        """Every connection ends; the hub goes on."""
        for socket in list(self._sockets):
            await socket.close()

    async def change(self, entity: str, state: str, *, context: str = "", **attributes: Any) -> None:
        """Something changed it: a hand, where there is no context."""
        self._contexts += not context
        _, before = self.states[entity]
        self.states[entity] = (state, {**before, **attributes})
        difference = {
            "s": state,
            "a": attributes,
            "c": context or f"hand-{self._contexts}",
            "lc": time.time(),
        }
        await self.tell({"c": {entity: {"+": difference}}})

    async def tell(self, event: Any) -> None:
        for socket, number in self._sockets.items():
            await socket.send(json.dumps({"id": number, "type": "event", "event": event}))

    async def _serve(self, socket: ServerConnection) -> None:
        await socket.send(json.dumps({"type": "auth_required", "ha_version": "2024.3.3"}))
        if json.loads(await socket.recv()).get("access_token") != self.token:
            await socket.send(json.dumps({"type": "auth_invalid", "message": "Invalid access token"}))
            return
        self.logins += 1
        await socket.send(json.dumps({"type": "auth_ok", "ha_version": "2024.3.3"}))
        with suppress(ConnectionClosed):
            async for text in socket:
                answering = asyncio.get_running_loop().create_task(self._answer(socket, json.loads(text)))
                self._answering.add(answering)
                answering.add_done_callback(self._answering.discard)
        self._sockets.pop(socket, None)

    async def _answer(self, socket: ServerConnection, asked: Call) -> None:
        answer: dict[str, Any] = {"id": asked["id"], "type": "result", "success": True}
        try:
            answer["result"] = await self._result(asked)
        except Refusal as refusal:
            code, message = refusal.args
            answer |= {"success": False, "error": {"code": code, "message": message}}
        with suppress(ConnectionClosed):
            await self._send(socket, asked, answer)

    async def _send(self, socket: ServerConnection, asked: Call, answer: Call) -> None:
        await socket.send(json.dumps(answer))
        if asked["type"] == "subscribe_entities":
            self._sockets[socket] = asked["id"]
            states = {
                entity: {"s": state, "a": attributes, "c": "boot", "lc": 1_700_000_000.5}
                for entity, (state, attributes) in self.states.items()
            }
            await socket.send(json.dumps({"id": asked["id"], "type": "event", "event": {"a": states}}))

    async def _result(self, asked: Call) -> Any:
        match asked["type"]:
            case "get_config":
                state = "RUNNING" if self.running else "STARTING"
                return {"state": state, "time_zone": "Europe/Berlin", "unit_system": {"temperature": "°C"}}
            case "homeassistant/expose_entity/list":
                if not self.admin:
                    raise Refusal("unauthorized", "Unauthorized")
                return {"exposed_entities": {e: {"conversation": e in self.exposed} for e in self.states}}
            case "config/area_registry/list":
                return [{"area_id": name, "name": name.title()} for name in ("kitchen", "bedroom")]
            case "config/floor_registry/list":
                raise Refusal("unknown_command", "Unknown command.")
            case "config/device_registry/list":
                return []
            case "config/entity_registry/get_entries":
                return {entity: self._entry(entity) for entity in asked["entity_ids"]}
            case "call_service":
                return await self._call_service(asked)
        return None

    def _entry(self, entity: str) -> dict[str, Any] | None:
        """One without a unique id is in no registry."""
        if entity not in self.areas:
            return None
        return {"entity_id": entity, "area_id": self.areas[entity], "aliases": self.aliases.get(entity, [])}

    async def _call_service(self, asked: Call) -> Any:
        self._contexts += 1
        context = f"call-{self._contexts}"
        self.told.append(asked)
        await self.on_call(self, asked, context)
        return {"context": {"id": context}}


async def effective(hub: FakeHub, asked: Call, context: str) -> None:
    """What the services of lights, switches and locks do. An idempotent repeat tells nothing."""
    data = asked["service_data"]
    entity = data["entity_id"]
    if entity not in hub.states:
        return  # success all the same
    state = {"turn_on": "on", "turn_off": "off", "lock": "locked", "unlock": "unlocked"}[asked["service"]]
    changes = {name: data[name] for name in ("brightness",) if name in data}
    before = hub.states[entity]
    if (state, {**before[1], **changes}) != before:
        await hub.change(entity, state, context=context, **changes)


async def without_effect(hub: FakeHub, asked: Call, context: str) -> None:
    """A silent device."""
