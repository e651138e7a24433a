"""Homes of several backends: whose home it is, whose entity it is, and that one home is never another's."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from tests.support.action_events import NOW_MS, event
from tests.support.device_contract import LEFT_S
from tests.support.fake_hub import TOKEN, FakeHub

from duplexsla.clock import unix_ms
from duplexsla.errors import DeviceRefused, DeviceUnavailable, HubTokenRefused
from duplexsla.executor.backends import kept_hub
from duplexsla.executor.backends.configured_homes import ConfiguredHomes
from duplexsla.executor.backends.device import DeviceCall, Effect
from duplexsla.executor.backends.homes_file import LOOK_MS, HomesFile
from duplexsla.executor.backends.simulated import SimulatedHomes
from duplexsla.home.app import create_app
from duplexsla.home.store import HomeStore
from duplexsla.v1 import home_pb2 as pb


class Site:
    """A hub of "acme/villa", whose timers and lists the simulated home service holds."""

    def __init__(self, folder: Path) -> None:
        self.hub, self.folder = FakeHub(), folder
        (folder / "token").write_text(f"{TOKEN}\n")
        store = HomeStore(":memory:")
        store.create("acme~villa", NOW_MS)
        self.simulation = SimulatedHomes(
            "http://homes", transport=httpx.ASGITransport(create_app(store, clock_ms=unix_ms))
        )
        self.later_ms = 0  # how far the clock of the file is ahead

    def write(self, url: str) -> None:
        hub = {"kind": "home_assistant", "name": "hub", "url": url, "token_file": str(self.folder / "token")}
        parts = {"kind": "simulation", "name": "service", "entities": ["timers", "list/*"]}
        (self.folder / "new").write_text(
            json.dumps({"homes": {"acme/villa": {"backends": [hub, parts]}}, "otherwise": "none"})
        )
        os.replace(self.folder / "new", self.folder / "homes.json")

    async def do(self, homes: ConfiguredHomes, entity: str, *, tenant: str = "acme") -> Effect:
        told = pb.EntityCommand(entity=entity, command=pb.COMMAND_TURN_ON)
        made = event(home="villa", tenant=tenant, expires_at_ms=unix_ms() + 5_000)
        return await homes.call(DeviceCall(made, {}, told), timeout_s=LEFT_S)


def run(folder: Path, scene: Callable[[Site, ConfiguredHomes], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        site = Site(folder)
        async with site.hub.running_at() as url:
            site.write(url)
            file = HomesFile(folder / "homes.json", now_ms=lambda: unix_ms() + site.later_ms)
            homes = ConfiguredHomes(file, site.simulation, now_ms=unix_ms)
            try:
                await scene(site, homes)
            finally:
                await homes.close()

    asyncio.run(all_of_it())


def test_a_home_of_two_backends_is_one_and_each_entity_is_its_backends(tmp_path: Path) -> None:
    async def scene(site: Site, homes: ConfiguredHomes) -> None:
        registry = await homes.registry("acme/villa", timeout_s=LEFT_S)
        ids = {each.id for each in registry.entities}
        assert {"hub:light.kitchen", "service:timers", "service:list/shopping"} <= ids
        assert not any(
            each.startswith("service:kitchen") for each in ids
        )  # the simulated house is not theirs
        [kitchen] = [each for each in registry.areas if each.name.casefold() == "kitchen"]
        [light] = [each for each in registry.entities if each.id == "hub:light.kitchen"]
        assert light.area == kitchen.id
        effect = await site.do(homes, "hub:light.kitchen")
        assert effect.state is not None and effect.state.entity == "hub:light.kitchen"
        states = await homes.states("acme/villa", ["hub:light.kitchen", "service:timers"], timeout_s=LEFT_S)
        assert [each.entity for each in states] == ["hub:light.kitchen", "service:timers"]
        for nobodys in ("service:kitchen/light", "light.kitchen", "other:light.kitchen"):
            with pytest.raises(DeviceRefused):
                await site.do(homes, nobodys)

    run(tmp_path, scene)


def test_the_home_of_another_tenant_is_another_home(tmp_path: Path) -> None:
    async def scene(site: Site, homes: ConfiguredHomes) -> None:
        for tenant in ("", "other"):
            with pytest.raises(DeviceRefused):
                await site.do(homes, "hub:light.kitchen", tenant=tenant)
        with pytest.raises(DeviceRefused):
            await homes.registry("other/villa", timeout_s=LEFT_S)
        assert site.hub.told == []

    run(tmp_path, scene)


def test_a_home_whose_hub_is_away_is_unknown_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_hub, "READY_S", 0.2)

    async def scene(site: Site, homes: ConfiguredHomes) -> None:
        (site.folder / "token").write_text("revoked")
        with pytest.raises(HubTokenRefused):
            await homes.registry("acme/villa", timeout_s=LEFT_S)
        (site.folder / "token").unlink()
        with pytest.raises(DeviceUnavailable):
            await homes.registry("acme/villa", timeout_s=LEFT_S)

    run(tmp_path, scene)


def test_a_hub_that_moved_is_found_when_the_file_was_read_again(tmp_path: Path) -> None:
    async def scene(site: Site, homes: ConfiguredHomes) -> None:
        await site.do(homes, "hub:light.kitchen")
        other = FakeHub()
        async with other.running_at() as url:
            site.write(url)
            site.later_ms += LOOK_MS
            await site.do(homes, "hub:light.kitchen")
            assert len(other.told) == 1
            await homes.close()

    run(tmp_path, scene)


def test_what_happens_at_a_hub_by_hand_is_told_with_its_home_and_our_own_effects_are_not(
    tmp_path: Path,
) -> None:
    async def scene(site: Site, homes: ConfiguredHomes) -> None:
        await site.do(homes, "hub:light.kitchen")
        before = await homes.changes("", wait_s=0.0)
        assert not [each for each in before.changes if each.entity.startswith("hub:")]
        await site.hub.change("light.bedroom", "on")
        [change] = (await homes.changes(before.next, wait_s=LEFT_S)).changes
        assert (change.tenant, change.home, change.kind) == ("acme", "villa", "turned_on")
        assert change.entity == "hub:light.bedroom"

    run(tmp_path, scene)
