"""How this package calls Redis: few connections, short patience, no answer left to the next caller."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from duplexsla.errors import StoreLost
from duplexsla.session.store.redis_pools import pool

T = TypeVar("T")

CONNECTIONS = 4
TIMEOUT_S = 1.0


def connect(url: str, *, text: bool = True) -> Redis:
    """A client that gives up after TIMEOUT_S; `text`: answers are str, else bytes."""
    connections = pool(url, connections=CONNECTIONS, timeout_s=TIMEOUT_S, text=text)
    return Redis.from_pool(connections)


def session_key(session_id: int, part: str) -> str:
    """All keys of a session share its hash tag, and with it a slot of a cluster."""
    return f"duplexsla:{{s:{session_id:016x}}}:{part}"


async def answer(call: Awaitable[T]) -> T:
    """The answer of a call that runs to its end even when the caller is cancelled; StoreLost without one."""
    try:
        return await asyncio.shield(asyncio.ensure_future(call))
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreLost(f"the session store does not answer: {error}") from error
