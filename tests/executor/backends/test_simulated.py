"""The simulated homes as a device: what each answer of the service means."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from tests.support.action_events import NOW_MS, event

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
