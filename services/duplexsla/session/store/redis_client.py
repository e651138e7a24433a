"""Clients of Redis by URL, of one server or of whichever one Redis Sentinel names the master.

Few connections, short timeouts, no answer left to the next caller.

redis://127.0.0.1:6379/0
redis+sentinel://10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/duplexsla/0     name of the master, database
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from duplexsla.errors import StoreLost

T = TypeVar("T")

SCHEME = "redis+sentinel"
SENTINEL_S = 0.5  # for one sentinel to name the master
CONNECTIONS = 4
TIMEOUT_S = 1.0  # for a connection to be free, to be made, and to answer


class MasterPool(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to the present master; whoever finds none free waits for one."""


def connect(url: str, *, text: bool, connections: int = CONNECTIONS, timeout_s: float = TIMEOUT_S) -> Redis:
    """A client with at most so many connections. `text`: answers are str, else bytes.

    Raises ValueError for a URL that names no master.
    """
    return Redis.from_pool(_pool(url, connections=connections, timeout_s=timeout_s, text=text))


def session_key(session_id: int, part: str) -> str:
    """All keys of a session share its hash tag, and with it a slot of a cluster."""
    return f"duplexsla:{{s:{session_id:016x}}}:{part}"


async def answer(call: Awaitable[T]) -> T:
    """The answer of a call; StoreLost without one.

    The call runs to its end even when the caller is cancelled: a connection that was left in the middle of an
    answer would give it to whoever uses it next.
    """
    try:
        return await asyncio.shield(asyncio.ensure_future(call))
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreLost(f"Redis does not answer: {error}") from error


def _pool(url: str, *, connections: int, timeout_s: float, text: bool) -> BlockingConnectionPool:
    options: dict[str, Any] = {
        "max_connections": connections,
        "timeout": timeout_s,
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 1),
        "decode_responses": text,
    }
    if not url.startswith(f"{SCHEME}://"):
        return BlockingConnectionPool.from_url(url, **options)
    return _master_pool(url, options)


def _master_pool(url: str, options: dict[str, Any]) -> MasterPool:
    parts = urlsplit(url)
    name, _, database = parts.path.strip("/").partition("/")
    credentials, _, hosts = parts.netloc.rpartition("@")
    sentinels = [_host_port(each) for each in hosts.split(",")]
    if not name:
        raise ValueError(f"{SCHEME}:// needs the name of its master after the addresses")
    if credentials:
        user, _, password = credentials.rpartition(":")
        options |= {"username": unquote(user) or None, "password": unquote(password)}
    asked = Sentinel(sentinels, socket_timeout=SENTINEL_S, socket_connect_timeout=SENTINEL_S)
    return MasterPool(name, asked, db=int(database or 0), **options)  # type: ignore[no-untyped-call]


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)
