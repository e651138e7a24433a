"""A home's registry is fetched once, again at intervals, and missed for a while without harm."""

import asyncio

import pytest
from tests.support.action_events import NOW_MS, Clock, ScriptedDevice
from tests.support.family_home import family_registry

from duplexsla.errors import DeviceRefused, DeviceUnavailable
from duplexsla.executor.registries import FRESH_MS, STALE_MS, Registries
from duplexsla.v1.home_pb2 import HomeRegistry

UNTIL_MS = NOW_MS + 5_000


class Registered(ScriptedDevice):
    """Tells one registry; `error` is raised in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.told = family_registry()
        self.asked = 0
        self.error: Exception | None = None

    async def registry(self, home: str, *, timeout_s: float) -> HomeRegistry:
        self.asked += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return self.told


class Desk:
    def __init__(self) -> None:
        self.clock, self.device = Clock(), Registered()
        self.registries = Registries(self.device, now_ms=self.clock, sleep=self.clock.sleep)

    def version(self, *, newer: bool = False) -> str:
        names = self.registries.names("demo", until_ms=self.clock() + 5_000, newer=newer)
        return asyncio.run(names).version


def test_it_is_fetched_once_and_again_when_it_is_old() -> None:
    desk = Desk()
    assert [desk.version() for _ in range(5)] == ["1"] * 5
    assert desk.device.asked == 1
    desk.clock.now_ms += FRESH_MS + 1
    desk.device.told.version = "2"
    assert desk.version() == "2"
    assert desk.device.asked == 2


def test_an_index_is_made_once_per_version() -> None:
    desk = Desk()

    async def twice() -> bool:
        first = await desk.registries.names("demo", until_ms=UNTIL_MS)
        desk.clock.now_ms += 10
        return first is await desk.registries.names("demo", until_ms=UNTIL_MS, newer=True)

    assert asyncio.run(twice())
    assert desk.device.asked == 2


def test_one_that_cannot_be_fetched_is_used_for_a_while() -> None:
    desk = Desk()
    desk.version()
    desk.device.error = DeviceUnavailable("gone")
    desk.clock.now_ms += FRESH_MS + 1
    assert desk.version() == "1"
    desk.clock.now_ms += STALE_MS
    with pytest.raises(DeviceUnavailable):
        desk.version()


def test_a_home_whose_backend_comes_back_in_time_is_waited_for() -> None:
    desk = Desk()
    desk.device.error = DeviceUnavailable("gone")

    async def back(seconds: float) -> None:
        desk.clock.now_ms += seconds * 1_000
        if desk.device.asked == 3:
            desk.device.error = None

    desk.registries = Registries(desk.device, now_ms=desk.clock, sleep=back)
    assert desk.version() == "1"


def test_a_home_without_one_is_told_at_once() -> None:
    desk = Desk()
    desk.device.error = DeviceRefused("no home 'demo'")
    with pytest.raises(DeviceRefused):
        desk.version()
    assert desk.device.asked == 1
