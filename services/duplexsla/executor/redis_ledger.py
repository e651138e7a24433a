"""The ledger in Redis: one key per action, in the slot of its session, beside the session's fence."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from duplexsla.errors import StoreLost
from duplexsla.executor.ledger import KEPT_MS, Claim, Claimed, Fenced, Settled
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome

T = TypeVar("T")

CONNECTIONS = 8
TIMEOUT_S = 1.0
RUNNING = b"running"  # every other value is a serialized ActionOutcome

# KEYS: action, fence. ARGV: fence, running, ttl ms. Returns {what, detail}. Fences are below 2^53.
CLAIM = """
local entry = redis.call('GET', KEYS[1])
if entry and entry ~= ARGV[2] then return {'settled', entry} end
local newest = redis.call('GET', KEYS[2])
if newest and tonumber(newest) > tonumber(ARGV[1]) then
    return {entry and 'resumed, fenced' or 'fenced', newest}
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return {entry and 'resumed' or 'claimed', ''}
"""

# KEYS: action. ARGV: running, outcome, ttl ms. Returns the outcome that stands.
SETTLE = """
local entry = redis.call('GET', KEYS[1])
if entry and entry ~= ARGV[1] then return entry end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return ARGV[2]
"""


class RedisLedger:
    """Shared by all executors. Awaits are shielded: a cancelled one would leave its answer to the next."""

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._claim = self._redis.register_script(CLAIM)
        self._settle = self._redis.register_script(SETTLE)

    async def open(self) -> None:
        """Connects ahead of the first action; no error when Redis is not there yet."""
        with suppress(RedisError, OSError):
            await self._redis.script_load(CLAIM)
            await self._redis.script_load(SETTLE)

    async def claim(self, event: ActionEvent) -> Claim:
        arguments: list[int | bytes] = [event.fence, RUNNING, KEPT_MS]
        what, detail = await _answer(self._claim(keys=_keys(event), args=arguments))
        if what == b"settled":
            return Settled(ActionOutcome.FromString(detail))
        resumed = what.startswith(b"resumed")
        return Fenced(int(detail), resumed) if what.endswith(b"fenced") else Claimed(resumed)

    async def settle(self, event: ActionEvent, outcome: ActionOutcome) -> ActionOutcome:
        arguments: list[int | bytes] = [RUNNING, outcome.SerializeToString(), KEPT_MS]
        return ActionOutcome.FromString(await _answer(self._settle(keys=_keys(event)[:1], args=arguments)))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()


def _keys(event: ActionEvent) -> list[str]:
    """The action's entry, and the newest fence as the session store keeps it."""
    tag = f"duplexsla:{{s:{event.session_id:016x}}}"
    return [f"{tag}:action:{event.action.id}", f"{tag}:fence"]


async def _answer(call: Awaitable[T]) -> T:
    """The answer of a call that runs to its end even when we are cancelled; StoreLost without one."""
    try:
        return await asyncio.shield(asyncio.ensure_future(call))
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreLost(f"the ledger does not answer: {error}") from error
