"""Counters of quotas in Redis, shared by all gateways and executors: `QuotaCounters` of security/quotas.py.

Of a rate: one number, until when its share is used up. Of what is held: a sorted set, member -> until when,
by the server's clock, so that what a dead gateway held comes back.
"""

from collections import defaultdict
from collections.abc import Iterable

from duplexsla.session.store.redis_client import answer, connect

HOLD_MS = 30_000

# KEYS: rate. ARGV: limit a minute, 1 to count it, now in ms or "". Returns ms to wait, as a text; "0": none.
TAKE = """
local now = tonumber(ARGV[3])
if not now then local time = redis.call('TIME') now = time[1] * 1000 + time[2] / 1000 end
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + 60000 / tonumber(ARGV[1])
local wait = full - now - 60000
if wait > 0.001 then return string.format('%.3f', wait) end
if ARGV[2] == '1' then
    redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(full - now) + 1)
end
return '0'
"""

# KEYS: held. ARGV: limit, hold ms, member. Returns 1 when the member holds one.
HOLD = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZSCORE', KEYS[1], ARGV[3])
if not held and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""

# KEYS: held. ARGV: hold ms, member... These go on.
RENEW = """
local time = redis.call('TIME')
local till = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1])
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], till, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""


class RedisQuotaCounters:
    """Every method may raise StoreLost."""

    def __init__(self, url: str, *, servers_clock: bool = False) -> None:
        """`servers_clock`: rates go by it, and not by the callers' `now`."""
        self._redis, self._servers_clock = connect(url, text=True), servers_clock
        self._take = self._redis.register_script(TAKE)
        self._hold, self._renew = self._redis.register_script(HOLD), self._redis.register_script(RENEW)

    async def take(self, key: str, limit: int, *, now: float) -> float:
        return await self._wait_s(key, limit, now, counted=1)

    async def left(self, key: str, limit: int, *, now: float) -> float:
        return await self._wait_s(key, limit, now, counted=0)

    async def hold(self, key: str, member: str, limit: int) -> bool:
        return bool(await answer(self._hold(keys=[_key(key)], args=[limit, HOLD_MS, member])))

    async def renew(self, holds: Iterable[tuple[str, str]]) -> None:
        by_key: defaultdict[str, list[str]] = defaultdict(list)
        for key, member in holds:
            by_key[key].append(member)
        async with self._redis.pipeline(transaction=False) as pipe:
            for key, members in by_key.items():
                await self._renew(keys=[_key(key)], args=[HOLD_MS, *members], client=pipe)
            await answer(pipe.execute())

    async def release(self, key: str, member: str) -> None:
        await answer(self._redis.zrem(_key(key), member))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def _wait_s(self, key: str, limit: int, now: float, *, counted: int) -> float:
        at = "" if self._servers_clock else f"{now * 1e3:.3f}"
        return float(await answer(self._take(keys=[_key(key)], args=[limit, counted, at]))) / 1e3


def _key(key: str) -> str:
    return f"duplexsla:quota:{key}"
