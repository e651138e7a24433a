"""URLs of Redis, and of the sentinels that name it."""

import pytest
from redis.asyncio import BlockingConnectionPool

from duplexsla.session.store.redis_pools import MasterPool, pool


def _pool(url: str) -> BlockingConnectionPool:
    return pool(url, connections=4, timeout_s=1.0)


def test_a_server_is_asked_directly() -> None:
    made = _pool("redis://127.0.0.1:7001/3")
    assert not isinstance(made, MasterPool)
    assert (made.connection_kwargs["port"], made.connection_kwargs["db"]) == (7001, 3)


def test_all_sentinels_are_known_with_the_name_of_their_master() -> None:
    made = _pool("redis+sentinel://a:1,b:2,c:3/home-fleet/5")
    assert isinstance(made, MasterPool)
    asked = [each.connection_pool.connection_kwargs for each in made.sentinel_manager.sentinels]
    assert [(each["host"], each["port"]) for each in asked] == [("a", 1), ("b", 2), ("c", 3)]
    assert (made.service_name, made.connection_kwargs["db"]) == ("home-fleet", 5)


def test_a_master_s_password_stays_with_the_master() -> None:
    made = _pool("redis+sentinel://us%40er:pass%3Aword@a:1/fleet")
    assert made.connection_kwargs["username"] == "us@er"
    assert made.connection_kwargs["password"] == "pass:word"


def test_sentinels_without_a_name_are_refused() -> None:
    with pytest.raises(ValueError, match="name of its master"):
        _pool("redis+sentinel://a:1")
