"""The store on Redis: leases and journals. One hash tag per session and per decoder, so that each script
touches one slot of a cluster.

Of a script the last argument of all is the time: Unix ms, or "" for the server's own clock. string.format
keeps all digits: fences stay below 2^53, which Lua's numbers hold exactly.
"""

from collections import defaultdict
from collections.abc import Sequence

from redis.asyncio import Redis

from duplexsla.session.store.archive import Archived, Saved, Saving
from duplexsla.session.store.leases import (
    FENCE_MS,
    LEASE_MS,
    PREFILL_MS,
    DecoderAddress,
    Lease,
    exhausted,
    preference,
    taken_over,
)
from duplexsla.session.store.redis_client import answer, connect, session_key

_NUMBER = "local function number(key) return tonumber(redis.call('GET', key) or '0') end"
_NOW = f"""{_NUMBER}
local function now_ms()
    if ARGV[#ARGV] ~= '' then return tonumber(ARGV[#ARGV]) end
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function above(stored) return string.format('%.0f', math.max(stored + 1, now_ms() * 1024)) end
"""

# KEYS: lease, fence, placement. ARGV: owner, decoder, lease ms, fence ms, now. Returns the new fence.
TAKE = (
    _NOW
    + """
local fence = above(math.max(number(KEYS[2]), number(KEYS[3])))
redis.call('SET', KEYS[2], fence, 'PX', ARGV[4])
redis.call('SET', KEYS[3], fence, 'PX', ARGV[4])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'decoder', ARGV[2], 'fence', fence)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return fence
"""
)

# KEYS: lease, fence, placement. ARGV: owner, decoder, fence, placement, lease ms, fence ms, now.
# Returns the new placement; "" when a newer owner exists.
MOVE = (
    _NOW
    + """
if number(KEYS[2]) > tonumber(ARGV[3]) then return '' end
local placement = above(math.max(number(KEYS[3]), tonumber(ARGV[4])))
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[6])
redis.call('SET', KEYS[3], placement, 'PX', ARGV[6])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'decoder', ARGV[2], 'fence', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return placement
"""
)

# KEYS: lease, fence, placement. ARGV: owner, decoder, fence, placement, lease ms, fence ms.
# Returns 0 when a newer owner exists.
RENEW = (
    _NUMBER
    + """
if number(KEYS[2]) > tonumber(ARGV[3]) then return 0 end
local placement = math.max(number(KEYS[3]), tonumber(ARGV[4]))
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[6])
redis.call('SET', KEYS[3], string.format('%.0f', placement), 'PX', ARGV[6])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'decoder', ARGV[2], 'fence', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
"""
)

# KEYS: lease. ARGV: fence. Returns 0 when a newer owner exists or the lease has run out.
RELEASE = "return redis.call('HGET', KEYS[1], 'fence') == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"

# KEYS: slots of a decoder (sorted set, session -> lease end). ARGV: session, slots, lease ms, now.
# Returns 1 when the session holds a slot.
CLAIM = (
    _NOW
    + """
local now = now_ms()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not held and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
)

# KEYS: slots of a decoder. ARGV: lease ms, session..., now. Keeps the slots of these sessions.
HOLD = (
    _NOW
    + """
local till = string.format('%.0f', now_ms() + ARGV[1])
for i = 2, #ARGV - 1 do redis.call('ZADD', KEYS[1], till, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""
)

# KEYS: slots of a decoder. ARGV: now. Returns the number of slots held.
HELD = _NOW + "return redis.call('ZCOUNT', KEYS[1], string.format('%.0f', now_ms()), '+inf')"

# KEYS: prefill permit. ARGV: who, permit ms, now. Returns 1 for the one who has it.
ACQUIRE_PREFILL = (
    _NOW
    + """
if tonumber(redis.call('HGET', KEYS[1], 'until') or '0') > now_ms() then return 0 end
redis.call('HSET', KEYS[1], 'who', ARGV[1], 'until', string.format('%.0f', now_ms() + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
)

# KEYS: prefill permit. ARGV: who.
RELEASE_PREFILL = "if redis.call('HGET', KEYS[1], 'who') == ARGV[1] then redis.call('DEL', KEYS[1]) end"

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


class RedisStore:
    """Store shared by all gateways. Awaits are shielded: a cancelled one would leave its answer to the
    next.
    """

    def __init__(self, url: str, *, servers_clock: bool = False) -> None:
        """With `servers_clock`, Redis's own clock stands in for the callers' `now_ms`: one for all."""
        self._redis: Redis = connect(url, text=True)
        self._servers_clock = servers_clock
        self._take = self._redis.register_script(TAKE)
        self._move = self._redis.register_script(MOVE)
        self._renew = self._redis.register_script(RENEW)
        self._release = self._redis.register_script(RELEASE)
        self._claim = self._redis.register_script(CLAIM)
        self._hold = self._redis.register_script(HOLD)
        self._held = self._redis.register_script(HELD)
        self._acquire_prefill = self._redis.register_script(ACQUIRE_PREFILL)
        self._release_prefill = self._redis.register_script(RELEASE_PREFILL)

    async def take(
        self, session_id: int, owner: str, decoders: Sequence[DecoderAddress], *, now_ms: int
    ) -> Lease:
        now = self._now(now_ms)
        decoder = await answer(self._place(session_id, decoders, now, stay=True))
        arguments: list[str | int] = [owner, decoder, LEASE_MS, FENCE_MS, now]
        fence = int(await answer(self._take(keys=_session_keys(session_id), args=arguments)))
        return Lease(session_id, owner, fence, decoder, fence)

    async def move(self, lease: Lease, decoders: Sequence[DecoderAddress], *, now_ms: int) -> Lease:
        now = self._now(now_ms)
        decoder = await answer(self._place(lease.session_id, decoders, now, stay=False))
        numbers = [lease.fence, lease.placement, LEASE_MS, FENCE_MS]
        arguments: list[str | int] = [lease.owner, decoder, *numbers, now]
        placement = await answer(self._move(keys=_session_keys(lease.session_id), args=arguments))
        if not placement:
            raise taken_over(lease)
        return lease._replace(decoder=decoder, placement=int(placement))

    async def renew(self, leases: Sequence[Lease], *, now_ms: int) -> list[Lease]:
        if not leases:
            return []
        owned = await answer(self._renew_all(leases, self._now(now_ms)))
        return [lease for lease, kept in zip(leases, owned, strict=True) if not kept]

    async def release(self, lease: Lease) -> None:
        await answer(self._release_all(lease))

    async def acquire_prefill(self, decoder: str, who: str, *, now_ms: int) -> bool:
        arguments: list[str | int] = [who, PREFILL_MS, self._now(now_ms)]
        return bool(
            await answer(self._acquire_prefill(keys=[_decoder_key(decoder, "prefill")], args=arguments))
        )

    async def release_prefill(self, decoder: str, who: str) -> None:
        await answer(self._release_prefill(keys=[_decoder_key(decoder, "prefill")], args=[who]))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    def _now(self, now_ms: int) -> str:
        return "" if self._servers_clock else str(now_ms)

    async def _place(
        self, session_id: int, decoders: Sequence[DecoderAddress], now: str, *, stay: bool
    ) -> str:
        """Holds a slot: where the session is already if it may `stay`, else on the emptiest decoder."""
        member = f"{session_id:016x}"
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hget(_session_keys(session_id)[0], "decoder")
            for decoder in decoders:
                await self._held(keys=[_decoder_key(decoder.address, "slots")], args=[now], client=pipe)
            former, *held = await pipe.execute()
        counted = [
            decoder._replace(held=count - (decoder.address == former))
            for decoder, count in zip(decoders, held, strict=True)
        ]
        wanted = preference(counted, first=former if stay else "")
        for decoder in wanted:
            arguments: list[str | int] = [member, decoder.slots, LEASE_MS, now]
            if await self._claim(keys=[_decoder_key(decoder.address, "slots")], args=arguments):
                if former is not None and former != decoder.address:
                    await self._redis.zrem(_decoder_key(former, "slots"), member)
                return decoder.address
        raise exhausted(decoders)

    async def _renew_all(self, leases: Sequence[Lease], now: str) -> list[int]:
        members: dict[str, list[str]] = defaultdict(list)
        async with self._redis.pipeline(transaction=False) as pipe:
            for lease in leases:
                numbers = [lease.fence, lease.placement, LEASE_MS, FENCE_MS]
                arguments: list[str | int] = [lease.owner, lease.decoder, *numbers]
                await self._renew(keys=_session_keys(lease.session_id), args=arguments, client=pipe)
                members[lease.decoder].append(f"{lease.session_id:016x}")
            for decoder, sessions in members.items():
                await self._hold(
                    keys=[_decoder_key(decoder, "slots")], args=[LEASE_MS, *sessions, now], client=pipe
                )
            return (await pipe.execute())[: len(leases)]

    async def _release_all(self, lease: Lease) -> None:
        keys = _session_keys(lease.session_id)[:1]
        if await self._release(keys=keys, args=[lease.fence]):
            await self._redis.zrem(_decoder_key(lease.decoder, "slots"), f"{lease.session_id:016x}")


def _session_keys(session_id: int) -> list[str]:
    return [session_key(session_id, part) for part in ("lease", "fence", "placement")]


def _decoder_key(decoder: str, part: str) -> str:
    """All keys of a decoder share its hash tag."""
    return f"duplexsla:{{d:{decoder}}}:{part}"


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
