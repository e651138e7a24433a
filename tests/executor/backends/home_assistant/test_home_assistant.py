"""A home behind a Home Assistant: the contract, and what a hub does that says success."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.support.device_contract import HOME, LEFT_S, DeviceContract, DeviceSite
from tests.support.fake_hub import TOKEN, Call, FakeHub, Refusal, effective, without_effect

from duplexsla.clock import unix_ms
from duplexsla.errors import (
    ActionRefused,
    AnswerLost,
    DeviceRefused,
    DeviceUnavailable,
    EffectUnproven,
    HubTokenRefused,
)
from duplexsla.executor.backends import kept_hub
from duplexsla.executor.backends.home_assistant import home_assistant
from duplexsla.executor.backends.home_assistant.home_assistant import HomeAssistantHome
from duplexsla.v1 import home_pb2 as pb

KITCHEN = "light.kitchen"


@asynccontextmanager
async def opened(hub: FakeHub, *, token: str = TOKEN) -> AsyncIterator[DeviceSite]:
    async with hub.running_at() as url:
        home = HomeAssistantHome(url, lambda: token, now_ms=unix_ms)

        async def by_hand(on: bool) -> None:
            await hub.change(KITCHEN, "on" if on else "off")
            await asyncio.sleep(0.02)  # on its way

        async def take_away() -> None:
            await hub.change(KITCHEN, "unavailable")
            await asyncio.sleep(0.02)

        try:
            yield DeviceSite(home, KITCHEN, by_hand, take_away, lambda: len(hub.told))
        finally:
            await home.close()


class TestHomeAssistantHome(DeviceContract):
    def open(self):
        return opened(FakeHub())


Scene = Callable[[FakeHub, DeviceSite], Awaitable[None]]


def run(scene: Scene, hub: FakeHub | None = None, **options: str) -> FakeHub:
    hub = hub or FakeHub()

    async def all_of_it() -> None:
        async with opened(hub, **options) as site:
            await scene(hub, site)

    asyncio.run(all_of_it())
    return hub


def test_what_is_exposed_has_its_room_and_aliases_and_nothing_else_exists() -> None:
    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        registry = await site.device.registry(HOME, timeout_s=LEFT_S)
        entities = {each.id: each for each in registry.entities}
        assert set(entities) == hub.exposed
        assert (entities[KITCHEN].area, list(entities[KITCHEN].aliases)) == ("kitchen", ["cooker light"])
        assert registry.time_zone == "Europe/Berlin"
        with pytest.raises(DeviceRefused):
            await site.do(1, pb.COMMAND_TURN_ON, entity="switch.hidden")
        hub.exposed.discard(KITCHEN)
        newer = await site.device.registry(HOME, timeout_s=LEFT_S)
        assert newer.version != registry.version
        with pytest.raises(DeviceRefused):
            await site.do(2, pb.COMMAND_TURN_ON)

    run(scene)


def test_success_of_a_silent_device_is_nothing_that_anybody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_assistant, "PROOF_S", 0.05)

    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        hub.on_call = without_effect
        with pytest.raises(AnswerLost):
            await site.do(1, pb.COMMAND_TURN_ON)

    run(scene)


def test_an_effect_after_nobody_waits_any_longer_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_assistant, "PROOF_S", 0.05)

    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        hub.on_call = without_effect
        with pytest.raises(AnswerLost):
            await site.do(1, pb.COMMAND_TURN_ON)
        hub.on_call = effective
        await hub.change(KITCHEN, "on", context="call-1")
        await site.do(2, pb.COMMAND_SET_LEVEL, number=40.0)  # its answer comes after that change
        assert isinstance(site.device, HomeAssistantHome) and site.device.late_effects == 1

    run(scene)


def test_somebody_elses_change_of_another_device_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_assistant, "PROOF_S", 0.05)

    async def other(hub: FakeHub, asked: Call, context: str) -> None:
        await hub.change("light.bedroom", "on", context=context)

    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        hub.on_call = other
        with pytest.raises(AnswerLost):
            await site.do(1, pb.COMMAND_TURN_ON)

    run(scene)


def test_a_device_that_answers_late_or_twice_is_done_once() -> None:
    later: list[asyncio.Task[None]] = []

    async def late(hub: FakeHub, asked: Call, context: str) -> None:
        async def has_its_effect() -> None:
            await asyncio.sleep(0.1)
            await effective(hub, asked, context)
            await hub.change(KITCHEN, "on", context=context)

        later.append(asyncio.get_running_loop().create_task(has_its_effect()))

    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        hub.on_call = late
        assert (await site.do(1, pb.COMMAND_TURN_ON)).result["on"] is True

    assert len(run(scene).told) == 1


def test_a_hub_that_goes_away_between_call_and_proof_leaves_it_unknown_and_is_found_again() -> None:
    async def dying(hub: FakeHub, asked: Call, context: str) -> None:
        await hub.hang_up()

    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        hub.on_call = dying
        with pytest.raises(AnswerLost):
            await site.do(1, pb.COMMAND_TURN_ON)
        hub.on_call = effective
        assert (await site.do(2, pb.COMMAND_TURN_ON)).result["on"] is True

    assert run(scene).logins == 2


def test_a_hub_that_is_starting_has_no_home_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_hub, "READY_S", 0.1)
    hub = FakeHub()
    hub.running = False

    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        with pytest.raises(DeviceUnavailable, match="starting"):
            await site.device.registry(HOME, timeout_s=LEFT_S)
        hub.running = True
        while True:
            try:
                await site.do(1, pb.COMMAND_TURN_ON)
                return
            except DeviceUnavailable:
                await asyncio.sleep(0.05)

    run(scene, hub)


def test_a_token_that_was_revoked_is_told_as_that() -> None:
    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        with pytest.raises(HubTokenRefused):
            await site.do(1, pb.COMMAND_TURN_ON)
        with pytest.raises(HubTokenRefused):
            await site.device.registry(HOME, timeout_s=LEFT_S)

    run(scene, token="another")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("not_found", DeviceRefused),
        ("invalid_format", ActionRefused),
        ("service_validation_error", ActionRefused),
        ("home_assistant_error", AnswerLost),
        ("something new", AnswerLost),
    ],
)
def test_an_error_of_the_hub_means_what_the_table_says(code: str, error: type[Exception]) -> None:
    async def refusing(hub: FakeHub, asked: Call, context: str) -> None:
        raise Refusal(code, "because")

    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        hub.on_call = refusing
        with pytest.raises(error, match="because"):
            await site.do(1, pb.COMMAND_TURN_ON)

    run(scene)


def test_a_lock_that_is_stuck_and_a_switch_that_tells_nothing_are_unknown_for_good() -> None:
    async def jamming(hub: FakeHub, asked: Call, context: str) -> None:
        entity = asked["service_data"]["entity_id"]
        state = "jammed" if entity.startswith("lock") else "on"
        await hub.change(entity, state, context=context)

    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        hub.on_call = jamming
        for entity, command in (("lock.front_door", pb.COMMAND_UNLOCK), (KITCHEN, pb.COMMAND_TURN_ON)):
            with pytest.raises(EffectUnproven):
                await site.do(1, command, entity=entity)

    hub = FakeHub()
    hub.states[KITCHEN][1]["assumed_state"] = True
    run(scene, hub)


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        {"a": [], "c": 7, "r": "x"},
        {"a": {"light.x": None}, "c": {"light.y": {}, "light.kitchen": 3}},
        {"c": {"light.kitchen": {"+": {"s": 5, "a": "x", "c": {}, "lc": "soon"}, "-": {"a": "x"}}}},
    ],
)
def test_a_malformed_state_touches_nothing_else(event: object) -> None:
    async def scene(hub: FakeHub, site: DeviceSite) -> None:
        await site.device.registry(HOME, timeout_s=LEFT_S)
        await hub.tell(event)
        assert (await site.do(1, pb.COMMAND_TURN_ON)).result["on"] is True

    run(scene)
