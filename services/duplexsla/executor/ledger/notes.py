"""What was done in a home lately: hints beside the ledger. Losing them costs a question, and no effect."""

from typing import Protocol

from duplexsla.protocol.topics import home_key
from duplexsla.session.store.redis_client import answer, connect
from duplexsla.v1.action_pb2 import ActionEvent
from duplexsla.v1.plan_pb2 import ActionNote

KEPT_MS = 600_000  # the longest that something can be undone
MAX_NOTES = 32  # of a home


class ActionNotes(Protocol):
    """Every method may raise StoreLost; one that is cancelled may have had its effect."""

    async def add(self, home: str, note: ActionNote) -> None: ...

    async def newest(self, home: str) -> list[ActionNote]:
        """The newest first."""

    async def close(self) -> None: ...


class RedisNotes:
    """A list per home. Awaits are shielded: a cancelled one would leave its answer to the next."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url, text=False)

    async def add(self, home: str, note: ActionNote) -> None:
        key = _key(home)
        pipe = self._redis.pipeline(transaction=True)
        pipe.lpush(key, note.SerializeToString())
        pipe.ltrim(key, 0, MAX_NOTES - 1)
        pipe.pexpire(key, KEPT_MS)
        await answer(pipe.execute())

    async def newest(self, home: str) -> list[ActionNote]:
        found: list[bytes] = await answer(self._redis.lrange(_key(home), 0, MAX_NOTES - 1))  # type: ignore[arg-type]
        return [ActionNote.FromString(each) for each in found]

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()


class MemoryNotes:
    """Of one process."""

    def __init__(self) -> None:
        self._notes: dict[str, list[ActionNote]] = {}

    async def add(self, home: str, note: ActionNote) -> None:
        self._notes[home] = [note, *self._notes.get(home, [])][:MAX_NOTES]

    async def newest(self, home: str) -> list[ActionNote]:
        return list(self._notes.get(home, []))

    async def close(self) -> None:
        """Nothing is held."""


def home_of(event: ActionEvent) -> str:
    """Its key, as text."""
    return home_key(event.tenant, event.home).decode()


def _key(home: str) -> str:
    return f"duplexsla:{{h:{home}}}:notes"
