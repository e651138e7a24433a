"""What every store of room hints must do: each fact is a coroutine that takes a home that nobody else has."""

from collections.abc import Awaitable, Callable

from duplexsla.session.store.room_hints import HINT_MS, MAX_NOTICES, RoomHints, SessionPlace, partitions_for
from duplexsla.v1.action_pb2 import RoomEvent

Fact = Callable[[RoomHints, str], Awaitable[None]]
NOW_MS = 1_760_000_000_000


async def sessions_are_where_they_are_until_they_leave_or_are_silent(hints: RoomHints, home: str) -> None:
    await hints.enter(home, {1: SessionPlace(3, "living room"), 2: SessionPlace(5, "")}, now_ms=NOW_MS)
    assert sorted(await hints.places(home, now_ms=NOW_MS)) == [
        SessionPlace(3, "living room"),
        SessionPlace(5, ""),
    ]
    event = RoomEvent(room="living room")
    assert await partitions_for(hints, home, event, now_ms=NOW_MS) == {3}
    assert await partitions_for(hints, home, RoomEvent(), now_ms=NOW_MS) == {3, 5}
    lounge = RoomEvent(room="lounge", room_names=["Living Room"])
    assert await partitions_for(hints, home, lounge, now_ms=NOW_MS) == {3}
    await hints.leave(home, 2)
    assert await hints.places(home, now_ms=NOW_MS) == [SessionPlace(3, "living room")]
    assert await hints.places(home, now_ms=NOW_MS + HINT_MS) == []
    assert await hints.take(home) == []


async def what_nobody_hears_is_kept_for_one_and_bounded(hints: RoomHints, home: str) -> None:
    for number in range(MAX_NOTICES + 3):
        assert not await partitions_for(hints, home, RoomEvent(id=str(number)), now_ms=NOW_MS)
    kept = [RoomEvent.FromString(raw).id for raw in await hints.take(home)]
    assert kept == [str(number) for number in range(3, MAX_NOTICES + 3)]
    assert await hints.take(home) == []


async def what_was_told_is_known_in_its_home_alone(hints: RoomHints, home: str) -> None:
    await hints.mark_told(home, "a door")
    found = [await hints.is_told(home, "a door"), await hints.is_told(home, "b")]
    assert [*found, await hints.is_told(f"{home}-next", "a door")] == [True, False, False]


FACTS: tuple[Fact, ...] = (
    sessions_are_where_they_are_until_they_leave_or_are_silent,
    what_nobody_hears_is_kept_for_one_and_bounded,
    what_was_told_is_known_in_its_home_alone,
)
