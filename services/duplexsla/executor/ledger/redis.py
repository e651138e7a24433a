"""The ledger in Redis: one key per action, in the slot of its session, beside the session's fence."""

import re
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from duplexsla.executor.ledger.ledger import KEPT_MS, Claim, Claimed, ClaimLost, Fenced, Settled
from duplexsla.session.store.redis_client import answer, connect, session_key
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome
from duplexsla.v1.plan_pb2 import ActionPlan

CONNECTIONS = 8
RUNNING = b"running:"
OF_SESSION = re.compile(r"([0-9a-f]{16})-")  # how an action's id begins
# An entry is "running:CLAIM NUMBER:PLAN", the plan perhaps empty, or a serialized ActionOutcome, which begins
# with another byte. Fences are below 2^53: exact in Lua.
_ENTRY = """
local entry = redis.call('GET', KEYS[1])
local claims = entry and string.match(entry, '^running:(%d+)')
local running = claims and tonumber(claims)
local plan = running and string.sub(entry, #claims + 10) or ''
if entry and not running then return {'settled', entry} end
"""
_FENCE = """
local newest = redis.call('GET', KEYS[2])
if newest and tonumber(newest) > tonumber(ARGV[1]) then
    return {running and 'resumed, fenced' or 'fenced', newest}
end
"""
_LATE = "if running and running > tonumber(ARGV[2]) then return {'lost', ''} end"

# KEYS: action, fence. ARGV: fence, ttl ms. Returns {what, detail}: of a claim its number and its plan.
CLAIM = (
    _ENTRY
    + _FENCE
    + """
local mine = string.format('%d', (running or 0) + 1)
redis.call('SET', KEYS[1], 'running:' .. mine .. ':' .. plan, 'PX', ARGV[2])
return {running and 'resumed' or 'claimed', mine, plan}
"""
)

# KEYS: action, fence. ARGV: fence, claim number, plan, ttl ms.
HOLD = (
    _ENTRY
    + _LATE
    + _FENCE
    + """
if running and ARGV[3] ~= '' then
    redis.call('SET', KEYS[1], 'running:' .. claims .. ':' .. ARGV[3], 'PX', ARGV[4])
end
return {'held', ARGV[2]}
"""
)

# KEYS: action. ARGV: outcome, claim number, ttl ms. Returns {what, the outcome that stands}.
SETTLE = (
    _ENTRY
    + _LATE
    + """
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return {'written', ARGV[1]}
"""
)


# KEYS: fence. ARGV: the newest, ttl ms.
FENCE = """
local newest = tonumber(redis.call('GET', KEYS[1]) or '0')
if tonumber(ARGV[1]) > newest then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1
"""

SCRIPTS = (CLAIM, HOLD, SETTLE, FENCE)


class RedisLedger:
    """Shared by all executors. Awaits are shielded: a cancelled one would leave its answer to the next."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = connect(url, text=False, connections=CONNECTIONS)
        self._claim, self._hold, self._settle, self._fence = map(self._redis.register_script, SCRIPTS)

    async def open(self) -> None:
        """Connects ahead of the first action; no error when Redis is not there yet."""
        with suppress(RedisError, OSError):
            for script in SCRIPTS:
                await self._redis.script_load(script)

    async def claim(self, event: ActionEvent) -> Claim:
        return _claim(*await answer(self._claim(keys=_keys(event), args=[event.fence, KEPT_MS])))

    async def hold(
        self, event: ActionEvent, claim_number: int, plan: ActionPlan | None = None
    ) -> Claim | ClaimLost:
        arguments: list[int | bytes] = [event.fence, claim_number]
        arguments += [plan.SerializeToString() if plan else b"", KEPT_MS]
        what, detail = await answer(self._hold(keys=_keys(event), args=arguments))
        return ClaimLost() if what == b"lost" else _claim(what, detail)

    async def outcome(self, event: ActionEvent) -> ActionOutcome | None:
        entry = await answer(self._redis.get(_keys(event)[0]))
        if not isinstance(entry, bytes) or entry.startswith(RUNNING):
            return None
        return ActionOutcome.FromString(entry)

    async def settle(
        self, event: ActionEvent, outcome: ActionOutcome, claim_number: int
    ) -> ActionOutcome | ClaimLost:
        arguments: list[int | bytes] = [outcome.SerializeToString(), claim_number, KEPT_MS]
        what, standing = await answer(self._settle(keys=_keys(event)[:1], args=arguments))
        return ClaimLost() if what == b"lost" else ActionOutcome.FromString(standing)

    async def fence(self, session_id: int, newest: int) -> None:
        await answer(self._fence(keys=[session_key(session_id, "fence")], args=[newest, KEPT_MS]))

    async def time_ms(self) -> int:
        """Unix time by the clock of this Redis."""
        seconds, micros = await answer(self._redis.time())
        return int(seconds) * 1_000 + int(micros) // 1_000

    async def size(self) -> tuple[int, int]:
        """Keys of its database, which sessions share, and the bytes that this Redis uses."""
        keys: int = await answer(self._redis.dbsize())
        memory: dict[str, int] = await answer(self._redis.info("memory"))
        return keys, memory["used_memory"]

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()


def _keys(event: ActionEvent) -> list[str]:
    """The action's entry, with the session that asked for it, and the newest fence of the event's session.

    They are two only where one session takes back what another did, and for what was scheduled.
    """
    asked = OF_SESSION.match(event.action.id)
    entry = session_key(int(asked[1], 16) if asked else event.session_id, f"action:{event.action.id}")
    return [entry, session_key(event.session_id, "fence")]


def _claim(what: bytes, detail: bytes, plan: bytes = b"") -> Claim:
    if what == b"settled":
        return Settled(ActionOutcome.FromString(detail))
    if what.endswith(b"fenced"):
        return Fenced(int(detail), what.startswith(b"resumed"))
    return Claimed(what == b"resumed", int(detail), ActionPlan.FromString(plan) if plan else None)
