"""What happens in a room, with several gateways and the store that they share."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from duplexsla.gateway.actions.bus import MemoryBus
from duplexsla.gateway.call.rooms import Rooms
from duplexsla.gateway.metrics import GatewayMetrics
from duplexsla.session.dialogue import Dialogue
from duplexsla.session.messages import SessionTerms
from duplexsla.session.store.room_hints import NOTICE_MS, MemoryRoomHints, SessionPlace, partitions_for
from duplexsla.v1.action_pb2 import RoomEvent
from duplexsla.v1.session_pb2 import CLOCK_LIVE

NOW_MS = 1_000_000


@dataclass
class Site:
    """One gateway in partition 3."""

    hints: MemoryRoomHints = field(default_factory=MemoryRoomHints)
    counts: GatewayMetrics = field(default_factory=GatewayMetrics)
    now_ms: int = NOW_MS

    def __post_init__(self) -> None:
        bus = MemoryBus()
        bus.partition = 3
        self.rooms = Rooms(self.hints, bus, self.counts, now_ms=lambda: self.now_ms)


def call(session: int, room: str, home: str = "h1") -> Any:
    terms = SessionTerms(home, "home", CLOCK_LIVE, room=room)
    return SimpleNamespace(session_id=session, over=False, dialogue=Dialogue(session, terms, fence=1))


def event(room: str = "kitchen", kind: str = "timer_over", **changes: Any) -> RoomEvent:
    return RoomEvent(
        **(
            {"id": "e1", "home": "h1", "room": room, "kind": kind, "about": "pasta", "at_ms": NOW_MS}
            | changes
        )
    )


def test_an_event_reaches_the_sessions_of_its_room_once() -> None:
    async def main() -> None:
        site = Site()
        there, elsewhere, other_home = call(1, "kitchen"), call(2, "bath"), call(3, "kitchen", "h2")
        for _ in range(2):
            await site.rooms.deliver(event(), [there, elsewhere, other_home])
        read = [each.dialogue.take_injected_text() for each in (there, elsewhere, other_home)]
        assert read == [" [ timer over pasta]", "", ""]
        assert site.counts.room_events == {"delivered": 1}

    asyncio.run(main())


def test_an_event_of_the_whole_home_reaches_every_room() -> None:
    async def main() -> None:
        site, calls = Site(), [call(1, "kitchen"), call(2, "bath")]
        await site.rooms.deliver(event(room="", kind="opened", about="front door"), calls)
        assert [each.dialogue.take_injected_text() for each in calls] == [" [ opened front door]"] * 2

    asyncio.run(main())


def test_where_nobody_is_the_next_session_of_that_room_is_told() -> None:
    async def main() -> None:
        site = Site()
        await site.rooms.deliver(event(), [])
        await site.rooms.enter(call(1, "bath"))
        late = call(2, "kitchen")
        await site.rooms.enter(late)
        again = call(3, "kitchen")
        await site.rooms.enter(again)
        assert late.dialogue.take_injected_text() == " [ timer over pasta]"
        assert again.dialogue.take_injected_text() == ""

    asyncio.run(main())


def test_what_waited_for_too_long_is_told_to_nobody() -> None:
    async def main() -> None:
        site = Site()
        await site.rooms.deliver(event(), [])
        site.now_ms += NOTICE_MS + 1
        late = call(1, "kitchen")
        await site.rooms.enter(late)
        assert late.dialogue.take_injected_text() == "" and site.counts.room_events["late"] == 1

    asyncio.run(main())


def test_an_event_of_a_kind_that_is_not_known_harms_nobody() -> None:
    async def main() -> None:
        site, there = Site(), call(1, "kitchen")
        await site.rooms.deliver(event(kind="earthquake"), [there])
        assert there.dialogue.take_injected_text() == "" and site.counts.room_events == {"unknown": 1}

    asyncio.run(main())


def test_a_sender_finds_the_gateway_of_a_room() -> None:
    async def main() -> None:
        site, there = Site(), call(1, "kitchen")
        await site.rooms.enter(there)
        assert await site.hints.places("h1", now_ms=NOW_MS) == [SessionPlace(3, "kitchen")]
        assert await partitions_for(site.hints, "h1", event(), now_ms=NOW_MS) == {3}
        await site.rooms.leave(there)
        assert await partitions_for(site.hints, "h1", event(), now_ms=NOW_MS) == set()
        back = call(2, "kitchen")
        await site.rooms.enter(back)
        assert back.dialogue.take_injected_text() == " [ timer over pasta]"

    asyncio.run(main())
