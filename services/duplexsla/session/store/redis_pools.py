"""Connections to Redis by URL: to one server, or to whichever one Redis Sentinel names the master.

redis://127.0.0.1:6379/0
redis+sentinel://10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/duplexsla/0     name of the master, database
"""

from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

SCHEME = "redis+sentinel"
SENTINEL_S = 0.5  # for one sentinel to name the master


class MasterPool(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to the present master; whoever finds none free waits for one."""


def pool(url: str, *, connections: int, timeout_s: float, text: bool = False) -> BlockingConnectionPool:
    """At most `connections`; nothing takes longer than `timeout_s`. `text`: answers are str, else bytes.

    Raises ValueError for a URL that names no master.
    """
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
    return MasterPool(name, asked, db=int(database or 0), **options)


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)
