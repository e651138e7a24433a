"""Which gateways have sessions in which rooms, and what nobody was there to be told. Hints: bounded in time.

Whoever has something to tell to a room asks `partitions_for` and writes one record for each gateway. One that
finds nobody in the room any more keeps the event for the next session there.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from duplexsla.session.store.memory import round_trip
from duplexsla.session.store.redis_client import answer, connect
from duplexsla.v1.action_pb2 import RoomEvent

HINT_MS = 15_000  # how long a session is believed to be in its room; gateways tell it again
NOTICE_MS = 600_000  # how long an event waits for somebody
MAX_NOTICES = 16  # of one home; the oldest goes


class SessionPlace(NamedTuple):
    """Where a session is: its gateway's partition, and its room."""

    partition: int
    room: str


class RoomHints(Protocol):
    """`home` is "tenant/home"; times are Unix ms. Every method may raise StoreLost."""

    async def enter(self, home: str, places: Mapping[int, SessionPlace], *, now_ms: int) -> None:
        """These sessions, by id, are there for another HINT_MS."""

    async def leave(self, home: str, session_id: int) -> None: ...

    async def places(self, home: str, *, now_ms: int) -> list[SessionPlace]: ...

    async def keep(self, home: str, event: bytes) -> None:
        """A serialized RoomEvent, for the next session."""

    async def take(self, home: str) -> list[bytes]:
        """What was kept, oldest first; nobody else gets it."""

    async def is_told(self, home: str, event: str) -> bool:
        """Whether the event of this id was marked lately."""

    async def mark_told(self, home: str, event: str) -> None:
        """It need not be told again, for NOTICE_MS."""

    async def close(self) -> None: ...


def is_in(event: RoomEvent, room: str) -> bool:
    """Whether it is for whoever is in this room, as a session names it."""
    names = (event.room, *event.room_names)
    return not event.room or room.casefold().strip() in {name.casefold() for name in names}


async def partitions_for(hints: RoomHints, home: str, event: RoomEvent, *, now_ms: int) -> set[int]:
    """Where the event must be written, one record each; empty: it is kept for the next session there."""
    places = await hints.places(home, now_ms=now_ms)
    found = {place.partition for place in places if is_in(event, place.room)}
    if not found:
        await hints.keep(home, event.SerializeToString())
    return found


class MemoryRoomHints:
    """Of a single gateway, or of a test."""

    def __init__(self) -> None:
        self._places: dict[str, dict[int, tuple[SessionPlace, int]]] = {}
        self._kept: dict[str, list[bytes]] = {}
        self._told: set[tuple[str, str]] = set()

    async def enter(self, home: str, places: Mapping[int, SessionPlace], *, now_ms: int) -> None:
        async with round_trip():
            of_home = self._places.setdefault(home, {})
            of_home |= {session: (place, now_ms + HINT_MS) for session, place in places.items()}

    async def leave(self, home: str, session_id: int) -> None:
        async with round_trip():
            self._places.get(home, {}).pop(session_id, None)

    async def places(self, home: str, *, now_ms: int) -> list[SessionPlace]:
        async with round_trip():
            return [place for place, until in self._places.get(home, {}).values() if until > now_ms]

    async def keep(self, home: str, event: bytes) -> None:
        async with round_trip():
            self._kept[home] = [*self._kept.get(home, []), event][-MAX_NOTICES:]

    async def take(self, home: str) -> list[bytes]:
        async with round_trip():
            return self._kept.pop(home, [])

    async def is_told(self, home: str, event: str) -> bool:
        async with round_trip():
            return (home, event) in self._told

    async def mark_told(self, home: str, event: str) -> None:
        async with round_trip():
            self._told.add((home, event))

    async def close(self) -> None:
        pass


class RedisRoomHints:
    """Shared by all gateways and executors. Of a home: a hash of its sessions, and a list of events."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url, text=False)

    async def enter(self, home: str, places: Mapping[int, SessionPlace], *, now_ms: int) -> None:
        key = _key(home, "sessions")
        until = now_ms + HINT_MS
        fields: dict[Any, Any] = {
            f"{id:016x}": f"{place.partition} {until} {place.room}" for id, place in places.items()
        }
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hset(key, mapping=fields)
            pipe.pexpire(key, HINT_MS)
            await answer(pipe.execute())

    async def leave(self, home: str, session_id: int) -> None:
        await self._one("hdel", _key(home, "sessions"), f"{session_id:016x}")

    async def places(self, home: str, *, now_ms: int) -> list[SessionPlace]:
        found = await self._one("hvals", _key(home, "sessions"))
        rows = [value.decode().split(" ", 2) for value in found]
        return [SessionPlace(int(partition), room) for partition, until, room in rows if int(until) > now_ms]

    async def keep(self, home: str, event: bytes) -> None:
        key = _key(home, "notices")
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.rpush(key, event)
            pipe.ltrim(key, -MAX_NOTICES, -1)
            pipe.pexpire(key, NOTICE_MS)
            await answer(pipe.execute())

    async def take(self, home: str) -> list[bytes]:
        key = _key(home, "notices")
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.lrange(key, 0, -1)
            pipe.delete(key)
            found: list[bytes] = (await answer(pipe.execute()))[0]
            return found

    async def is_told(self, home: str, event: str) -> bool:
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.exists(_key(home, f"told:{event}"))
            return bool((await answer(pipe.execute()))[0])

    async def mark_told(self, home: str, event: str) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.set(_key(home, f"told:{event}"), b"", px=NOTICE_MS)
            await answer(pipe.execute())

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def _one(self, command: str, *arguments: str) -> list[bytes]:
        async with self._redis.pipeline(transaction=False) as pipe:
            getattr(pipe, command)(*arguments)
            found = (await answer(pipe.execute()))[0]
            return found if isinstance(found, list) else []


def _key(home: str, part: str) -> str:
    return f"duplexsla:{{h:{home}}}:{part}"
