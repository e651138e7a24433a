"""The homes over HTTP."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from google.protobuf.json_format import ParseDict
from httpx import ASGITransport, AsyncClient

from duplexsla.errors import DeviceUnavailable
from duplexsla.home.app import create_app
from duplexsla.home.faults import Fault
from duplexsla.home.homes import ActionRequest
from duplexsla.home.registry import registry
from duplexsla.home.store import HomeStore
from duplexsla.runtime.drain import Drain
from duplexsla.v1.home_pb2 import HomeRegistry

NOW_MS = 1_700_000_000_000


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(HomeStore(":memory:"), clock_ms=lambda: NOW_MS)) as client:
        client.put("/homes/demo")
        yield client


def act(client: TestClient, home: str = "demo", **changes: Any) -> Any:
    body = {
        "action_id": "1-0-0",
        "session_id": 2**64 - 1,
        "fence": 5,
        "toolset": "home",
        "function": "open_home_device",
        "arguments": {"device": "light", "room": "kitchen"},
        "expires_at_ms": NOW_MS + 1_000,
    }
    return client.post(f"/homes/{home}/actions", json=body | changes, headers={"traceparent": "00-a-b-01"})


def test_an_action_moves_a_device_and_get_shows_it(client: TestClient) -> None:
    answer = act(client)
    assert answer.status_code == 200
    assert answer.json() == {
        "state": "done",
        "result": {"device": "light", "room": "kitchen", "power": "on"},
        "effect_at_ms": NOW_MS,
        "repeated": False,
    }
    assert client.get("/homes/demo").json()["state"]["kitchen/light"]["power"] == "on"
    [effect] = client.get("/homes/demo/effects").json()["effects"]
    assert (effect["action_id"], effect["traceparent"]) == ("1-0-0", "00-a-b-01")


def test_the_same_action_again_says_so(client: TestClient) -> None:
    act(client)
    assert act(client).json()["repeated"] is True
    assert len(client.get("/homes/demo/effects").json()["effects"]) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"home": "elsewhere"}, 404),
        ({"function": "set_home_device",
          "arguments": {"device": "kettle", "property": "color", "value": "red"}}, 409),
        ({"expires_at_ms": NOW_MS}, 410),
        ({"fence": 4, "action_id": "2-0-0"}, 412),
        ({"function": "fly"}, 422),
        ({"toolset": "boat"}, 422),
        ({"session_id": -1}, 422),
        ({"fence": 2**64}, 422),
        ({"arguments": {"device": "light", "wattage": 5}}, 422),
        ({"arguments": [1, 2]}, 422),
    ],
)  # fmt: skip
def test_a_refusal_has_its_status_a_reason_and_no_effect(
    client: TestClient, changes: Any, status: int
) -> None:
    act(client, action_id="first")
    answer = act(client, **({"action_id": "1-0-0"} | changes))
    assert answer.status_code == status
    assert answer.json()["reason"]
    assert len(client.get("/homes/demo/effects").json()["effects"]) == 1


def test_homes_are_created_once_by_put(client: TestClient) -> None:
    assert client.put("/homes/new-home").status_code == 201
    assert client.put("/homes/new-home").status_code == 200
    assert client.put("/homes/-bad").status_code == 422
    assert client.get("/homes/missing").status_code == 404
    assert client.get("/homes/missing/effects").status_code == 404


@pytest.mark.parametrize(
    ("kind", "status", "effects"),
    [("slow", 200, 1), ("hang", 503, 0), ("error", 503, 0), ("refuse", 409, 0), ("lost", 504, 1)],
)
def test_a_fault_hits_its_device_only_and_as_often_as_told(
    client: TestClient, kind: str, status: int, effects: int
) -> None:
    fault = {"device": "light", "kind": kind, "ms": 1, "times": 1}
    assert client.post("/homes/demo/faults", json=fault).status_code == 200
    assert act(client, action_id="fan", arguments={"device": "fan"}).status_code == 200
    assert act(client).status_code == status
    assert len(client.get("/homes/demo/effects").json()["effects"]) == 1 + effects
    assert act(client).status_code == 200


def test_faults_stay_until_they_are_cleared(client: TestClient) -> None:
    client.put("/homes/other")
    client.post("/homes/demo/faults", json={"kind": "error"})
    assert [act(client).status_code for _ in range(3)] == [503, 503, 503]
    assert act(client, "other", action_id="2-0-0").status_code == 200
    client.delete("/homes/demo/faults")
    assert act(client).status_code == 200


def test_a_fault_that_is_no_fault_is_refused(client: TestClient) -> None:
    assert client.post("/homes/demo/faults", json={"kind": "meteor"}).status_code == 422
    assert client.post("/homes/nowhere/faults", json={"kind": "error"}).status_code == 404


def test_a_drain_takes_no_action_any_more_and_waits_for_those_under_way() -> None:
    async def scenario() -> None:
        drain = Drain(30.0)
        app = create_app(HomeStore(":memory:"), clock_ms=lambda: NOW_MS, drain=drain)
        service = app.state.service
        service.create("demo")
        service.faults.set("demo", Fault(device="light", kind="slow", ms=50))
        request = ActionRequest(
            action_id="1-0-0",
            session_id=1,
            fence=5,
            toolset="home",
            function="open_home_device",
            arguments={"device": "light", "room": "kitchen"},
            expires_at_ms=NOW_MS + 9,
        )
        acting = asyncio.create_task(service.act("demo", request))
        await asyncio.sleep(0)
        assert await service.drain(0.0) == 1
        with pytest.raises(DeviceUnavailable):
            await service.act("demo", request)
        assert await service.drain(10.0) == 0 and (await acting)["state"] == "done"
        async with AsyncClient(transport=ASGITransport(app), base_url="http://home") as client:
            assert (await client.get("/healthz")).json() == {"under_way": 0, "effects": 1, "draining": False}
            assert b"duplexsla_home_effects_total 1.0" in (await client.get("/metrics")).content
            asking = asyncio.create_task(client.post("/drain?deadline_s=4"))
            await drain.asked.wait()
            assert (await client.get("/healthz")).status_code == 503 and drain.deadline_s == 4.0
            drain.done(0)
            assert ((await asking).status_code, (await asking).json()) == (200, {"left": 0})

    asyncio.run(scenario())


def test_a_home_tells_its_registry_as_json_of_the_message(client: TestClient) -> None:
    told = ParseDict(client.get("/homes/demo/registry").json(), HomeRegistry())
    assert told == registry()
    assert client.get("/homes/nobody/registry").status_code == 404
