"""The simulated homes as a device: what each answer of the service means."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from tests.support.action_events import NOW_MS, event
from tests.support.device_contract import DeviceContract, DeviceSite

from duplexsla.clock import unix_ms
from duplexsla.errors import (
    ActionExpired,
    ActionRefused,
    AnswerLost,
    DeviceRefused,
    DeviceUnavailable,
    StaleFence,
)
from duplexsla.executor.backends.device import DeviceCall, Effect
from duplexsla.executor.backends.simulated import SimulatedHomes
from duplexsla.home.app import create_app
from duplexsla.home.store import HomeStore
from duplexsla.v1.home_pb2 import COMMAND_TURN_ON, EntityCommand, EntityState, HomeRegistry


class TestSimulatedHomes(DeviceContract):
    @asynccontextmanager
    async def open(self) -> AsyncIterator[DeviceSite]:
        store = HomeStore(":memory:")
        store.create("demo", NOW_MS)
        app = create_app(store, clock_ms=unix_ms)
        transport = LostTransport(app)
        homes = SimulatedHomes("http://homes", transport=transport)

        async def by_hand(on: bool) -> None:
            app.state.service.set_by_hand("demo", "attic/lamp", {"on": on})

        async def take_away() -> None:
            transport.lost = True

        effects = lambda: len(store.effects("demo", limit=100))  # noqa: E731
        yield DeviceSite(homes, "attic/lamp", by_hand, take_away, effects)
        await homes.close()


class LostTransport(httpx.ASGITransport):
    """The way to the home service, until it is `lost`."""

    lost = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.lost:
            raise httpx.ConnectError("no route")
        return await super().handle_async_request(request)


CALL = DeviceCall(
    event(session_id=2**64 - 1, expires_at_ms=NOW_MS + 1_000),
    {"device": "lamp", "room": "attic"},
    traceparent="00-a-b-01",
)


def call(transport: httpx.AsyncBaseTransport, times: int = 1) -> Effect:
    async def run() -> Effect:
        homes = SimulatedHomes("http://homes", transport=transport)
        await homes.open()
        effects = [await homes.call(CALL, timeout_s=1.0) for _ in range(times)]
        await homes.close()
        return effects[-1]

    return asyncio.run(run())


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    return httpx.MockTransport(answer)


def test_the_home_service_understands_the_call_and_does_it_once() -> None:
    store = HomeStore(":memory:")
    store.create("demo", NOW_MS)
    transport = httpx.ASGITransport(create_app(store, clock_ms=lambda: NOW_MS))
    effect = call(transport, times=2)
    assert (effect.at_ms, effect.repeated, effect.result["power"]) == (NOW_MS, True, "on")
    [logged] = store.effects("demo", limit=10)
    assert (logged.action_id, logged.fence, logged.traceparent) == (event().action.id, 5, "00-a-b-01")


def test_a_command_is_done_once_and_tells_the_whole_entity() -> None:
    store = HomeStore(":memory:")
    store.create("demo", NOW_MS)
    app = create_app(store, clock_ms=lambda: NOW_MS)
    told = DeviceCall(
        event(expires_at_ms=NOW_MS + 1_000),
        {},
        EntityCommand(entity="attic/lamp", command=COMMAND_TURN_ON),
        traceparent="00-a-b-01",
    )

    async def run() -> tuple[list[Effect], HomeRegistry, list[EntityState]]:
        homes = SimulatedHomes("http://homes", transport=httpx.ASGITransport(app))
        effects = [await homes.call(told, timeout_s=1.0) for _ in range(2)]
        registry = await homes.registry("demo", timeout_s=1.0)
        states = await homes.states("demo", ["attic/lamp", "nothing"], timeout_s=1.0)
        with pytest.raises(DeviceRefused):
            await homes.registry("nowhere", timeout_s=1.0)
        await homes.close()
        return effects, registry, list(states)

    effects, registry, states = asyncio.run(run())
    assert [effect.repeated for effect in effects] == [False, True]
    assert (effects[0].at_ms, effects[0].result["on"]) == (NOW_MS, True)
    [logged] = store.effects("demo", limit=10)
    assert (logged.action_id, logged.fence, logged.traceparent) == (event().action.id, 5, "00-a-b-01")
    assert registry.version and len(registry.entities) > 100
    [lamp] = states
    assert (lamp.entity, lamp.changed_by) == ("attic/lamp", event().action.id)


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.Response(200, text="no JSON")])
def test_a_registry_that_does_not_come_may_come_later(answer: httpx.Response) -> None:
    async def run() -> None:
        homes = SimulatedHomes("http://homes", transport=answering(lambda _: answer))
        await homes.registry("demo", timeout_s=1.0)

    with pytest.raises(DeviceUnavailable):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, DeviceRefused),
        (409, DeviceRefused),
        (410, ActionExpired),
        (412, StaleFence),
        (422, ActionRefused),
        (500, AnswerLost),
        (502, AnswerLost),
    ],
)
def test_each_status_is_an_error_of_its_own_with_the_reason(status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match="because"):
        call(answering(lambda _: httpx.Response(status, json={"reason": "because"})))


def test_a_broken_device_was_certainly_not_touched() -> None:
    with pytest.raises(DeviceUnavailable) as caught:
        call(answering(lambda _: httpx.Response(503, text="out of order")))
    assert not isinstance(caught.value, AnswerLost)
    assert "out of order" in str(caught.value)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_what_was_never_sent_was_certainly_not_done(error: type[httpx.HTTPError]) -> None:
    with pytest.raises(DeviceUnavailable) as caught:
        call(answering(lambda _: _fail(error)))
    assert not isinstance(caught.value, AnswerLost)


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ReadError])
def test_a_lost_answer_is_told_as_one(error: type[httpx.HTTPError]) -> None:
    with pytest.raises(AnswerLost):
        call(answering(lambda _: _fail(error)))


def _fail(error: type[httpx.HTTPError]) -> httpx.Response:
    raise error("as asked")
