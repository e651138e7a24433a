"""The ledger in Redis: one key per action, in the slot of its session, beside the session's fence."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from duplexsla.errors import StoreLost
from duplexsla.executor.ledger.ledger import KEPT_MS, Claim, Claimed, Fenced, Settled, Superseded
from duplexsla.session.store.redis_pools import pool
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome

T = TypeVar("T")

CONNECTIONS = 8
TIMEOUT_S = 1.0
# An entry is "running:TURN" or a serialized ActionOutcome. Fences are below 2^53, which Lua holds exactly.
_ENTRY = """
local entry = redis.call('GET', KEYS[1])
local turn = entry and tonumber(string.match(entry, '^running:(%d+)$'))
if entry and not turn then return {'settled', entry} end
"""
_FENCE = """
local newest = redis.call('GET', KEYS[2])
if newest and tonumber(newest) > tonumber(ARGV[1]) then
    return {turn and 'resumed, fenced' or 'fenced', newest}
end
"""
_LATE = "if turn and turn > tonumber(ARGV[2]) then return {'superseded', ''} end"

# KEYS: action, fence. ARGV: fence, ttl ms. Returns {what, detail}: of a claim its turn.
CLAIM = (
    _ENTRY
    + _FENCE
    + """
local mine = string.format('%d', (turn or 0) + 1)
redis.call('SET', KEYS[1], 'running:' .. mine, 'PX', ARGV[2])
return {turn and 'resumed' or 'claimed', mine}
"""
)

# KEYS: action, fence. ARGV: fence, turn.
HOLD = _ENTRY + _LATE + _FENCE + "return {'held', ARGV[2]}"

# KEYS: action. ARGV: outcome, turn, ttl ms. Returns {what, the outcome that stands}.
SETTLE = (
    _ENTRY
    + _LATE
    + """
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return {'written', ARGV[1]}
"""
)


SCRIPTS = (CLAIM, HOLD, SETTLE)


class RedisLedger:
    """Shared by all executors. Awaits are shielded: a cancelled one would leave its answer to the next."""

    def __init__(self, url: str) -> None:
        connections = pool(url, connections=CONNECTIONS, timeout_s=TIMEOUT_S)
        self._redis: Redis = Redis.from_pool(connections)
        self._claim, self._hold, self._settle = map(self._redis.register_script, SCRIPTS)

    async def open(self) -> None:
        """Connects ahead of the first action; no error when Redis is not there yet."""
        with suppress(RedisError, OSError):
            for script in SCRIPTS:
                await self._redis.script_load(script)

    async def claim(self, event: ActionEvent) -> Claim:
        return _claim(*await _answer(self._claim(keys=_keys(event), args=[event.fence, KEPT_MS])))

    async def hold(self, event: ActionEvent, turn: int) -> Claim | Superseded:
        what, detail = await _answer(self._hold(keys=_keys(event), args=[event.fence, turn]))
        return Superseded() if what == b"superseded" else _claim(what, detail)

    async def settle(
        self, event: ActionEvent, outcome: ActionOutcome, turn: int
    ) -> ActionOutcome | Superseded:
        arguments: list[int | bytes] = [outcome.SerializeToString(), turn, KEPT_MS]
        what, standing = await _answer(self._settle(keys=_keys(event)[:1], args=arguments))
        return Superseded() if what == b"superseded" else ActionOutcome.FromString(standing)

    async def size(self) -> tuple[int, int]:
        """Keys of its database, which sessions share, and the bytes that this Redis uses."""
        keys: int = await _answer(self._redis.dbsize())
        memory: dict[str, int] = await _answer(self._redis.info("memory"))
        return keys, memory["used_memory"]

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()


def _keys(event: ActionEvent) -> list[str]:
    """The action's entry, and the newest fence as the session store keeps it."""
    tag = f"duplexsla:{{s:{event.session_id:016x}}}"
    return [f"{tag}:action:{event.action.id}", f"{tag}:fence"]


def _claim(what: bytes, detail: bytes) -> Claim:
    if what == b"settled":
        return Settled(ActionOutcome.FromString(detail))
    if what.endswith(b"fenced"):
        return Fenced(int(detail), what.startswith(b"resumed"))
    return Claimed(what == b"resumed", int(detail))


async def _answer(call: Awaitable[T]) -> T:
    """The answer of a call that runs to its end even when we are cancelled; StoreLost without one."""
    try:
        return await asyncio.shield(asyncio.ensure_future(call))
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreLost(f"the ledger does not answer: {error}") from error
