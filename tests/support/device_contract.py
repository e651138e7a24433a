"""What every backend of devices promises. Subclasses say how one is opened, with a light that works.

A `DeviceSite` has that light, off and exposed; `by_hand` switches it as somebody would, `take_away` makes the
device unreachable for its backend.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.action_events import event

from duplexsla.clock import unix_ms
from duplexsla.errors import ActionExpired, ActionRefused, DeviceRefused, DeviceUnavailable
from duplexsla.executor.backends.device import Device, DeviceCall, Effect
from duplexsla.v1 import home_pb2 as pb

HOME = "demo"
LEFT_S = 5.0


@dataclass(frozen=True)
class DeviceSite:
    device: Device
    light: str
    by_hand: Callable[[bool], Awaitable[None]]
    take_away: Callable[[], Awaitable[None]]
    effects: Callable[[], int]  # how often the device was told to do something
    now_ms: Callable[[], int] = unix_ms

    def told(self, nth: int, command: pb.Command, *, left_ms: int = 5_000, **fields: Any) -> DeviceCall:
        told = pb.EntityCommand(**{"entity": self.light, "command": command, **fields})
        return DeviceCall(event(nth, expires_at_ms=self.now_ms() + left_ms), {}, told)

    async def do(self, nth: int, command: pb.Command, **fields: Any) -> Effect:
        return await self.device.call(self.told(nth, command, **fields), timeout_s=LEFT_S)

    async def light_now(self) -> tuple[pb.EntityState, dict[str, Any]]:
        [state] = await self.device.states(HOME, [self.light], timeout_s=LEFT_S)
        return state, json.loads(state.state_json)


class DeviceContract:
    def open(self) -> AbstractAsyncContextManager[DeviceSite]:
        raise NotImplementedError

    def run(self, scene: Callable[[DeviceSite], Awaitable[None]]) -> None:
        async def opened() -> None:
            async with self.open() as site:
                await scene(site)

        asyncio.run(opened())

    def test_a_registry_has_a_version_and_the_light_with_its_commands(self) -> None:
        async def scene(site: DeviceSite) -> None:
            first, again = [await site.device.registry(HOME, timeout_s=LEFT_S) for _ in range(2)]
            [light] = [each for each in first.entities if each.id == site.light]
            assert first.version and first.version == again.version
            assert light.exposed and light.name
            assert light.entity_class == pb.ENTITY_CLASS_LIGHT
            assert {pb.COMMAND_TURN_ON, pb.COMMAND_TURN_OFF, pb.COMMAND_QUERY} <= set(light.commands)

        self.run(scene)

    def test_an_effect_is_told_with_its_state_and_whose_it_is(self) -> None:
        async def scene(site: DeviceSite) -> None:
            effect = await site.do(1, pb.COMMAND_TURN_ON)
            state, properties = await site.light_now()
            assert effect.result["on"] is True and properties["on"] is True
            assert state.changed_by == event(1).action.id
            assert effect.state is not None
            assert (effect.state.changed_by, effect.state.changed_at_ms) == (
                state.changed_by,
                state.changed_at_ms,
            )

        self.run(scene)

    def test_what_is_so_already_is_done_and_is_nobodys(self) -> None:
        async def scene(site: DeviceSite) -> None:
            await site.do(1, pb.COMMAND_TURN_ON)
            assert (await site.do(2, pb.COMMAND_TURN_ON)).result["on"] is True
            await site.by_hand(False)
            state, properties = await site.light_now()
            assert (state.changed_by, properties["on"]) == ("", False)

        self.run(scene)

    def test_a_level_is_set_and_asked_for(self) -> None:
        async def scene(site: DeviceSite) -> None:
            assert (await site.do(1, pb.COMMAND_SET_LEVEL, number=40.0)).result["value"] == 40
            asked = await site.do(2, pb.COMMAND_QUERY, text="brightness")
            assert (asked.result["value"], asked.result["unit"]) == (40, "percent")

        self.run(scene)

    def test_what_cannot_be_is_refused_and_nothing_is_told_to_the_device(self) -> None:
        async def scene(site: DeviceSite) -> None:
            await site.device.registry(HOME, timeout_s=LEFT_S)
            before = site.effects()
            with pytest.raises(DeviceRefused):
                await site.do(1, pb.COMMAND_UNLOCK)
            with pytest.raises(DeviceRefused):
                await site.do(2, pb.COMMAND_TURN_ON, entity="light.nothing")
            with pytest.raises(ActionRefused):
                await site.do(3, pb.COMMAND_SET_LEVEL, number=101.0)
            with pytest.raises(ActionRefused):
                await site.do(4, pb.COMMAND_SET_LEVEL)
            with pytest.raises(ActionExpired):
                await site.do(5, pb.COMMAND_TURN_ON, left_ms=0)
            assert site.effects() == before
            assert (await site.light_now())[1]["on"] is False

        self.run(scene)

    def test_a_device_that_is_away_was_certainly_not_touched(self) -> None:
        async def scene(site: DeviceSite) -> None:
            await site.device.registry(HOME, timeout_s=LEFT_S)
            await site.take_away()
            before = site.effects()
            with pytest.raises(DeviceUnavailable):
                await site.do(1, pb.COMMAND_TURN_ON)
            assert site.effects() == before

        self.run(scene)
