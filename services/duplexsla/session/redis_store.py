"""The store on Redis. One hash tag per session and per decoder, so that each script touches one slot of a
cluster.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from duplexsla.errors import StoreLost
from duplexsla.session.placement import Decoder, preference
from duplexsla.session.store import FENCE_MS, LEASE_MS, Lease, exhausted, fence_floor

T = TypeVar("T")

CONNECTIONS = 4
TIMEOUT_S = 1.0

# KEYS: lease, fence. ARGV: owner, decoder, floor, lease ms, fence ms. Returns the new fence.
# string.format keeps all digits: fences stay below 2^53, which Lua's numbers hold exactly.
TAKE = """
local fence = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, tonumber(ARGV[3]))
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[2], text, 'PX', ARGV[5])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'decoder', ARGV[2], 'fence', text)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return text
"""

# KEYS: lease, fence. ARGV: owner, decoder, fence, lease ms, fence ms. Returns 0 when a newer owner exists.
RENEW = """
if tonumber(redis.call('GET', KEYS[2]) or '0') > tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[5])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'decoder', ARGV[2], 'fence', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""

# KEYS: lease. ARGV: fence. Returns 0 when a newer owner exists or the lease has run out.
RELEASE = "return redis.call('HGET', KEYS[1], 'fence') == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"

# KEYS: slots of a decoder (sorted set, session -> lease end). ARGV: session, slots, now ms, lease ms.
# Returns 1 when the session holds a slot.
CLAIM = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not held and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', ARGV[3] + ARGV[4]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""


class RedisStore:
    """Store shared by all gateways. Awaits are shielded: a cancelled one would leave its answer to the
    next.
    """

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
            decode_responses=True,
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._take = self._redis.register_script(TAKE)
        self._renew = self._redis.register_script(RENEW)
        self._release = self._redis.register_script(RELEASE)
        self._claim = self._redis.register_script(CLAIM)

    async def take(self, session_id: int, owner: str, decoders: Sequence[Decoder], *, now_ms: int) -> Lease:
        decoder = await _answer(self._place(session_id, decoders, now_ms))
        arguments: list[str | int] = [owner, decoder, fence_floor(now_ms), LEASE_MS, FENCE_MS]
        fence = await _answer(self._take(keys=_session_keys(session_id), args=arguments))
        return Lease(session_id, owner, int(fence), decoder)

    async def renew(self, leases: Sequence[Lease], *, now_ms: int) -> list[Lease]:
        if not leases:
            return []
        owned = await _answer(self._renew_all(leases, now_ms))
        return [lease for lease, kept in zip(leases, owned, strict=True) if not kept]

    async def release(self, lease: Lease) -> None:
        await _answer(self._release_all(lease))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def _place(self, session_id: int, decoders: Sequence[Decoder], now_ms: int) -> str:
        member = f"{session_id:016x}"
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hget(_session_keys(session_id)[0], "decoder")
            for decoder in decoders:
                pipe.zcount(_decoder_key(decoder.address), now_ms, "+inf")
            former, *held = await pipe.execute()
        if former is not None:
            await self._redis.zrem(_decoder_key(former), member)
        counted = [
            decoder._replace(held=count - (decoder.address == former))
            for decoder, count in zip(decoders, held, strict=True)
        ]
        for decoder in preference(counted):
            arguments: list[str | int] = [member, decoder.slots, now_ms, LEASE_MS]
            if await self._claim(keys=[_decoder_key(decoder.address)], args=arguments):
                return decoder.address
        raise exhausted(decoders)

    async def _renew_all(self, leases: Sequence[Lease], now_ms: int) -> list[int]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for lease in leases:
                arguments: list[str | int] = [lease.owner, lease.decoder, lease.fence, LEASE_MS, FENCE_MS]
                await self._renew(keys=_session_keys(lease.session_id), args=arguments, client=pipe)
            for lease in leases:
                pipe.zadd(_decoder_key(lease.decoder), {f"{lease.session_id:016x}": now_ms + LEASE_MS})
            for decoder in {lease.decoder for lease in leases}:
                pipe.pexpire(_decoder_key(decoder), LEASE_MS)
            return (await pipe.execute())[: len(leases)]

    async def _release_all(self, lease: Lease) -> None:
        keys = _session_keys(lease.session_id)[:1]
        if await self._release(keys=keys, args=[lease.fence]):
            await self._redis.zrem(_decoder_key(lease.decoder), f"{lease.session_id:016x}")


def _session_keys(session_id: int) -> list[str]:
    tag = f"duplexsla:{{s:{session_id:016x}}}"
    return [f"{tag}:lease", f"{tag}:fence"]


def _decoder_key(decoder: str) -> str:
    return f"duplexsla:{{d:{decoder}}}:slots"


async def _answer(call: Awaitable[T]) -> T:
    """The answer of a call that runs to its end even when the caller is cancelled; StoreLost without one."""
    try:
        return await asyncio.shield(asyncio.ensure_future(call))
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreLost(f"the session store does not answer: {error}") from error
