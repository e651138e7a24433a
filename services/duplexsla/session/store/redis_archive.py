"""The archive on Redis: a record and a list of chunks per session, beside its fence."""

from collections.abc import Sequence

from redis.asyncio import Redis

from duplexsla.session.store.archive import Archived, Saved, Saving
from duplexsla.session.store.redis_client import answer, connect, session_key

BATCH = 64  # sessions in one round trip

# KEYS: fence, record, chunks. ARGV: fence, ttl ms, keep, stored, record, chunk...
SAVE = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > tonumber(ARGV[1]) then return 'fenced' end
if ARGV[4] == '0' then redis.call('DEL', KEYS[3])
elseif redis.call('LLEN', KEYS[3]) ~= tonumber(ARGV[4]) then return 'torn' end
redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[2])
if #ARGV > 5 then
    redis.call('RPUSH', KEYS[3], unpack(ARGV, 6))
    redis.call('LTRIM', KEYS[3], -ARGV[3], -1)
end
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return 'kept'
"""

# KEYS: fence, record, chunks. ARGV: fence.
DROP = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > tonumber(ARGV[1]) then return end
redis.call('DEL', KEYS[2], KEYS[3])
"""


class RedisArchive:
    """Shared by all gateways, over connections of its own: a batch never makes a lease wait."""

    shared = True

    def __init__(self, url: str) -> None:
        self._redis: Redis = connect(url, text=False)
        self._save = self._redis.register_script(SAVE)
        self._drop = self._redis.register_script(DROP)

    async def save(self, savings: Sequence[Saving], *, keep: int, ttl_ms: int) -> list[Saved]:
        saved: list[Saved] = []
        for start in range(0, len(savings), BATCH):
            saved += await answer(self._save_some(savings[start : start + BATCH], keep, ttl_ms))
        return saved

    async def load(self, session_id: int) -> Archived | None:
        _, record, chunks = _keys(session_id)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.get(record)
            pipe.lrange(chunks, 0, -1)
            found, stored = await answer(pipe.execute())
        return None if found is None else Archived(found, stored)

    async def peek(self, session_id: int) -> bytes | None:
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.get(_keys(session_id)[1])
            record: bytes | None = (await answer(pipe.execute()))[0]
            return record

    async def drop(self, session_id: int, fence: int) -> None:
        await answer(self._drop(keys=_keys(session_id), args=[fence]))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def _save_some(self, savings: Sequence[Saving], keep: int, ttl_ms: int) -> list[Saved]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for each in savings:
                numbers = (each.fence, ttl_ms, keep, each.stored)
                arguments: list[int | bytes] = [*numbers, each.record, *each.chunks]
                await self._save(keys=_keys(each.session_id), args=arguments, client=pipe)
            return [Saved(said.decode()) for said in await pipe.execute()]


def _keys(session_id: int) -> list[str]:
    return [session_key(session_id, part) for part in ("fence", "record", "chunks")]
