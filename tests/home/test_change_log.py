"""What happens of its own accord is told once to whoever asks on, and all of it to whoever asks anew."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from duplexsla.history import NO_HISTORY
from duplexsla.home.app import HomeService
from duplexsla.home.change_log import KEPT, MOST_AT_ONCE
from duplexsla.home.homes import CommandRequest, Homes
from duplexsla.home.store import HomeStore
from duplexsla.v1 import home_pb2 as pb

NOW_MS = 1_700_000_000_000


class Site:
    def __init__(self, store: HomeStore | None = None, now_ms: int = NOW_MS) -> None:
        self.now_ms, self.store = now_ms, store or HomeStore(":memory:")
        self.service = HomeService(Homes(self.store), lambda: self.now_ms, NO_HISTORY)
        self.service.create("demo")
        self.after, self._effects = "", 0

    async def told(self, wait_s: float = 0) -> list[tuple[str, str, str]]:
        """Entity, kind and about of what is new."""
        found = await self.service.changes.since(self.after, wait_s)
        self.after = found.next
        return [(each.entity, each.kind, each.about) for each in found.changes]

    async def timer(self, command: pb.Command, name: str, seconds: float | None = None) -> None:
        self._effects += 1
        request = CommandRequest(
            action_id=f"a{self._effects}",
            session_id=1,
            fence=1,
            expires_at_ms=self.now_ms + 1_000,
            entity="timers",
            command=command,
            number=seconds,
            text=name,
        )
        await self.service.command("demo", request)

    def by_hand(self, entity: str, **given: Any) -> None:
        self.now_ms += 1
        self.service.set_by_hand("demo", entity, given)


def run(scenario: Callable[[Site], Awaitable[None]]) -> None:
    async def main() -> None:
        await scenario(Site())

    asyncio.run(main())


@pytest.mark.parametrize(
    ("entity", "given", "kind", "about"),
    [
        ("kitchen/light", {"on": True}, "turned_on", ""),
        ("living room/thermostat", {"on": False}, "turned_off", ""),
        ("bedroom/window", {"open": True}, "opened", ""),
        ("living room/curtains", {"open": False}, "closed", ""),
        ("door/front door", {"open": True}, "opened", ""),
        ("alarm", {"triggered": "smoke kitchen"}, "alarm", "smoke kitchen"),
    ],
)
def test_what_a_hand_does_is_told_once(entity: str, given: dict[str, Any], kind: str, about: str) -> None:
    async def scenario(site: Site) -> None:
        site.by_hand(entity, **given)
        site.by_hand(entity, **given)  # it is so already
        assert await site.told() == [(entity, kind, about)] and await site.told() == []

    run(scenario)


def test_whoever_waits_hears_at_once() -> None:
    async def scenario(site: Site) -> None:
        waiting = asyncio.create_task(site.told(wait_s=30))
        await asyncio.sleep(0)
        site.by_hand("kitchen/light", on=True)
        async with asyncio.timeout(5):
            assert await waiting == [("kitchen/light", "turned_on", "")]

    run(scenario)


def test_a_timer_is_over_at_its_time_and_none_that_was_cancelled_paused_or_set_again() -> None:
    async def scenario(site: Site) -> None:
        for name, seconds in (("pasta", 10), ("tea", 10), ("eggs", 10), ("rice", 10), ("", 10)):
            await site.timer(pb.COMMAND_START, name, seconds)
        await site.timer(pb.COMMAND_STOP, "tea")
        await site.timer(pb.COMMAND_PAUSE, "eggs")
        await site.timer(pb.COMMAND_START, "rice", 20)
        site.now_ms += 9_999
        assert await site.told() == []
        site.now_ms += 1
        assert sorted(await site.told()) == [("", "timer_over", ""), ("", "timer_over", "pasta")]
        await site.timer(pb.COMMAND_RESUME, "eggs")
        site.now_ms += 10_000
        assert sorted(await site.told()) == [("", "timer_over", "eggs"), ("", "timer_over", "rice")]

    run(scenario)


def test_after_a_restart_a_timer_is_over_all_the_same_and_an_old_position_begins_anew() -> None:
    async def scenario(site: Site) -> None:
        await site.timer(pb.COMMAND_START, "pasta", 10)
        await site.timer(pb.COMMAND_START, "tea", 3_600)
        site.by_hand("kitchen/light", on=True)
        await site.told()
        other = Site(site.store, site.now_ms + 20_000)
        other.after = site.after
        assert await other.told() == [("", "timer_over", "pasta")]

    run(scenario)


def test_what_is_kept_is_bounded_and_given_in_parts() -> None:
    async def scenario(site: Site) -> None:
        for number in range(KEPT + 10):
            site.by_hand("kitchen/light", on=number % 2 == 0)
        parts = []
        while part := await site.told():
            parts.append(len(part))
        assert sum(parts) == KEPT and max(parts) == MOST_AT_ONCE

    run(scenario)
