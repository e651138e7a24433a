"""Verbs and devices: for this machine, or for those who show a key; a neighbour is refused and counted."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from duplexsla.errors import SettingError
from duplexsla.home.app import create_app
from duplexsla.home.store import HomeStore
from duplexsla.runtime.control import ControlPages, Drain
from duplexsla.security.access import AccessControl
from duplexsla.security.api_keys import ApiKeys, new_api_key
from duplexsla.security.doors import TicketDoor, VerbDoor, keyed_access, shown, verb_door
from duplexsla.security.tickets import Tickets

NEIGHBOUR = "10.0.0.9"
ADMIN, ADMIN_ENTRY = new_api_key("operator", "acme", ["*"], scopes=["admin"])
CALLER, CALLER_ENTRY = new_api_key("kitchen", "acme", ["h1"], scopes=["converse", "act"])


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [ADMIN_ENTRY, CALLER_ENTRY]}))
    return path


def _pages(drain: Drain, door: VerbDoor) -> ControlPages:
    return ControlPages(lambda: (True, {}), drain, lambda accept: ("", b""), may_do=door)


@pytest.mark.parametrize(
    ("peer", "authorization", "status"),
    [
        (NEIGHBOUR, "", 403),
        (NEIGHBOUR, f"Bearer {CALLER}", 403),
        (NEIGHBOUR, "Bearer dsla_operator_guess", 403),
        ("", f"Basic {ADMIN}", 403),
        ("::ffff:10.0.0.9", "", 403),
        (NEIGHBOUR, f"Bearer {ADMIN}", 200),
        ("127.0.0.1", "", 200),
        ("::1", "", 200),
    ],
    # A key is random, and every worker must name its tests alike.
    ids=["nothing", "a caller's", "a guess", "no bearer", "mapped", "an administrator's", "here", "IPv6"],
)
def test_a_drain_is_for_this_machine_and_for_administrators(
    keys: Path, peer: str, authorization: str, status: int
) -> None:
    async def scenario() -> None:
        drain, door = Drain(1.0), verb_door(str(keys))
        drain.done(0)
        pages = _pages(drain, door)
        answer = await pages.answer("POST", "/drain", peer=peer, authorization=authorization)
        assert answer.status == status
        assert drain.draining is (status == 200) and door.refused == (status != 200)
        for page in ("/livez", "/metrics"):
            assert (await pages.answer("GET", page, peer=peer)).status == 200

    asyncio.run(scenario())


def test_without_keys_nobody_elsewhere_drains() -> None:
    assert not asyncio.run(verb_door("")(NEIGHBOUR, f"Bearer {ADMIN}"))


def test_a_ticket_is_for_somebody_and_opens_once(keys: Path) -> None:
    async def scenario() -> None:
        tickets = Tickets()
        access = AccessControl([ApiKeys(keys), tickets])
        door = TicketDoor(access, tickets)
        ticket = await door(NEIGHBOUR, f"Bearer {CALLER}")
        assert not await door(NEIGHBOUR, "") and not await door(NEIGHBOUR, f"Bearer {ticket}")
        assert (await access.identify(f"Bearer {ticket}", NEIGHBOUR)).subject == "key:kitchen"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("key", "home", "status"),
    [
        ("", "acme~h1", 401),
        ("dsla_kitchen_guess", "acme~h1", 401),
        (CALLER, "acme~h2", 403),
        (CALLER, "globex~h1", 403),
        (CALLER, "h1", 403),
        (CALLER, "acme~h1", 200),
        (ADMIN, "globex~h1", 200),
    ],
    ids=["none", "a guess", "another home", "another tenant", "no tenant", "its own", "an administrator's"],
)
def test_devices_are_for_those_who_show_a_key_of_their_tenant(
    keys: Path, key: str, home: str, status: int
) -> None:
    async def scenario() -> None:
        store = HomeStore(":memory:")
        app = create_app(store, clock_ms=lambda: 0, access=keyed_access(str(keys), "0.0.0.0:1"))
        for each in ("acme~h1", "acme~h2", "globex~h1", "h1"):
            app.state.service.create(each)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://homes", headers=shown(key)) as ask:
            assert (await ask.get(f"/homes/{home}")).status_code == status
            assert (await ask.get(f"//homes/{home}")).status_code in (401, 403, 404)
        store.close()

    asyncio.run(scenario())


def test_devices_are_open_to_all_on_a_loopback_address_alone() -> None:
    assert keyed_access("", "127.0.0.1:8070").open_to_all
    with pytest.raises(SettingError):
        keyed_access("", "0.0.0.0:8070")
