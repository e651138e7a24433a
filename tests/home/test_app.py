"""The homes over HTTP."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from fastapi.testclient import TestClient
from google.protobuf.json_format import ParseDict
from httpx import ASGITransport, AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.errors import BadInput, DeviceUnavailable
from duplexsla.home.app import create_app
from duplexsla.home.homes import ActionRequest, Fault, command_request
from duplexsla.home.registry import registry
from duplexsla.home.store import HomeStore
from duplexsla.runtime.control import Drain
from duplexsla.v1.home_pb2 import TEMPERATURE_UNIT_FAHRENHEIT, EntityState, HomeRegistry

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


def test_a_home_is_set_up_by_put_and_tells_it_in_its_registry(client: TestClient) -> None:
    setup = {"time_zone": "Europe/Berlin", "temperature_unit": "TEMPERATURE_UNIT_FAHRENHEIT"}
    assert client.put("/homes/berlin", json=setup).status_code == 201
    told = ParseDict(client.get("/homes/berlin/registry").json(), HomeRegistry())
    assert (told.time_zone, told.temperature_unit) == ("Europe/Berlin", TEMPERATURE_UNIT_FAHRENHEIT)
    other = ParseDict(client.get("/homes/demo/registry").json(), HomeRegistry())
    assert told.version != other.version and other.time_zone == "UTC"
    assert client.put("/homes/berlin").status_code == 200
    assert client.get("/homes/berlin/registry").json()["time_zone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    "setup", [{"time_zone": "Mars/Olympus"}, {"time_zone": 5}, {"temperature_unit": "KELVIN"}, [1]]
)
def test_a_setup_that_there_is_not_is_bad_input(client: TestClient, setup: Any) -> None:
    answer = client.put("/homes/there", json=setup)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")
    assert client.get("/homes/there").status_code == 404


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


def command(client: TestClient, home: str = "demo", **changes: Any) -> Any:
    """With the 64-bit numbers as protobuf's JSON writes them."""
    body = {
        "effect_id": "1-0-0",
        "session_id": str(2**64 - 1),
        "fence": "5",
        "expires_at_ms": str(NOW_MS + 1_000),
        "entity": "kitchen/light",
        "command": "COMMAND_SET_LEVEL",
        "number": 40,
    }
    headers = {"traceparent": "00-a-b-01"}
    return client.post(f"/homes/{home}/commands", json=body | changes, headers=headers)


def test_a_command_moves_an_entity_and_is_answered_with_its_state(client: TestClient) -> None:
    answer = command(client)
    assert answer.status_code == 200
    assert ParseDict(answer.json(), EntityState()) == EntityState(
        entity="kitchen/light",
        state_json='{"on":true,"level":40,"color":"warm white"}',
        changed_at_ms=NOW_MS,
        changed_by="1-0-0",
    )
    assert client.get("/homes/demo").json()["state"]["kitchen/light"]["brightness"] == 40
    [effect] = client.get("/homes/demo/effects").json()["effects"]
    assert (effect["action_id"], effect["function"], effect["traceparent"]) == (
        "1-0-0",
        "set_level",
        "00-a-b-01",
    )
    assert effect["arguments"] == {"entity": "kitchen/light", "number": 40}


def test_the_same_command_again_answers_what_it_answered_and_does_nothing(client: TestClient) -> None:
    first = command(client, command="COMMAND_STEP_LEVEL", number=-10).json()
    command(client, effect_id="2-0-0")
    again = command(client, command="COMMAND_STEP_LEVEL", number=-10, expires_at_ms="1")
    assert again.json() == first | {"repeated": True}
    assert len(client.get("/homes/demo/effects").json()["effects"]) == 2


def test_an_effect_that_a_function_had_is_not_had_again_by_a_command(client: TestClient) -> None:
    act(client)
    told = command(client).json()
    assert told["repeated"] is True and '"level":80' in told["state_json"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"home": "elsewhere"}, 404),
        ({"command": "COMMAND_LOCK"}, 409),
        ({"entity": "kitchen/volcano"}, 409),
        ({"expires_at_ms": str(NOW_MS)}, 410),
        ({"fence": "4"}, 412),
        ({"number": 101}, 422),
        ({"number": "NaN"}, 422),
        ({"number": None}, 422),
        ({"command": "COMMAND_FLY"}, 422),
        ({"command": 77}, 422),
        ({"session_id": -1}, 422),
        ({"fence": str(2**64 - 1)}, 422),
        ({"effect_id": ""}, 422),
        ({"effect_id": "x" * 129}, 422),
        ({"text": "x" * 300}, 422),
        ({"entity": ["kitchen/light"]}, 422),
    ],
)
def test_a_refused_command_has_its_status_a_reason_and_no_effect(
    client: TestClient, changes: Any, status: int
) -> None:
    command(client, effect_id="first")
    answer = command(client, **changes)
    assert answer.status_code == status
    assert answer.json()["code"] and answer.json()["reason"]
    assert len(client.get("/homes/demo/effects").json()["effects"]) == 1


def test_a_field_of_a_newer_version_is_left_alone(client: TestClient) -> None:
    assert command(client, transition_ms="400").status_code == 200


@given(
    body=st.dictionaries(
        st.sampled_from(["effect_id", "entity", "command", "number", "fence", "text", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text("a1.é", max_size=9),
            lambda inner: (
                st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=4), inner, max_size=2)
            ),
            max_leaves=4,
        ),
        max_size=7,
    )
)
def test_any_json_is_a_command_or_bad_input(body: dict[str, Any]) -> None:
    with suppress(BadInput):
        assert command_request(body).action_id


@pytest.mark.parametrize("device", ["kitchen/light", "light", "set_level", "*"])
@pytest.mark.parametrize(
    ("kind", "status", "effects"),
    [("slow", 200, 1), ("hang", 503, 0), ("error", 503, 0), ("refuse", 409, 0), ("lost", 504, 1)],
)
def test_a_fault_hits_commands_too(
    client: TestClient, device: str, kind: str, status: int, effects: int
) -> None:
    client.post("/homes/demo/faults", json={"device": device, "kind": kind, "ms": 1, "times": 1})
    assert command(client).status_code == status
    assert len(client.get("/homes/demo/effects").json()["effects"]) == effects
    assert command(client).status_code == 200


def test_states_tell_every_entity_of_the_registry(client: TestClient) -> None:
    told = [ParseDict(each, EntityState()) for each in client.get("/homes/demo/states").json()]
    assert [each.entity for each in told] == [each.id for each in registry().entities]
    assert not any(each.changed_by or each.changed_at_ms for each in told)
    assert client.get("/homes/nobody/states").status_code == 404


def test_what_somebody_does_by_hand_is_no_effect(client: TestClient) -> None:
    command(client)
    told = client.put("/homes/demo/entities/kitchen/light/state", json={"level": 90, "on": False})
    state = ParseDict(told.json(), EntityState())
    assert state.state_json == '{"on":false,"level":90,"color":"warm white"}'
    assert (state.changed_at_ms, state.changed_by) == (NOW_MS, "")
    assert len(client.get("/homes/demo/effects").json()["effects"]) == 1


@pytest.mark.parametrize(
    ("entity", "given", "status"),
    [
        ("kitchen/volcano", {"on": True}, 409),
        ("weather", {"today": "sunny"}, 409),
        ("kitchen/light", {"volume": 3}, 422),
        ("kitchen/light", {"level": "much"}, 422),
        ("kitchen/light", {"on": 1}, 422),
        ("kitchen/light", [1], 422),
        ("list/shopping", {"items": ["milk", 5]}, 422),
    ],
)
def test_what_no_hand_can_do_is_refused(client: TestClient, entity: str, given: Any, status: int) -> None:
    before = client.get("/homes/demo").json()
    assert client.put(f"/homes/demo/entities/{entity}/state", json=given).status_code == status
    assert client.get("/homes/demo").json() == before


def test_a_change_is_told_of_those_that_a_scene_a_function_or_a_timer_changed(client: TestClient) -> None:
    command(client, entity="scene/movie", command="COMMAND_ACTIVATE", number=None)
    act(client, action_id="f", function="set_timer", arguments={"value": 5, "unit": "minutes"})
    by = {each["entity"]: each.get("changed_by") for each in client.get("/homes/demo/states").json()}
    changed = {"scene/movie", "living room/light", "living room/curtains", "living room/television"}
    assert {entity for entity, effect in by.items() if effect == "1-0-0"} == changed
    assert {entity for entity, effect in by.items() if effect == "f"} == {"timers"}


def test_what_changes_nothing_is_no_change(client: TestClient) -> None:
    command(client)
    told = command(client, effect_id="2-0-0").json()
    assert told["changed_by"] == "1-0-0" and "repeated" not in told
