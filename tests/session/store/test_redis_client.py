"""URLs of Redis, and of the sentinels that name it."""

import asyncio
from typing import Any

import pytest
from redis.exceptions import RedisError

from duplexsla.errors import StoreLost
from duplexsla.session.store.redis_client import MasterPool, answer, connect


def _pool(url: str) -> Any:
    return connect(url, text=False).connection_pool


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


def test_a_call_runs_to_its_end_when_its_caller_is_cancelled() -> None:
    async def main() -> None:
        asked, may_answer, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def call() -> None:
            asked.set()
            await may_answer.wait()
            answered.set()

        caller = asyncio.create_task(answer(call()))
        await asked.wait()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        may_answer.set()
        await asyncio.wait_for(answered.wait(), 10.0)

    asyncio.run(main())


@pytest.mark.parametrize("error", [RedisError("busy"), ConnectionResetError(), TimeoutError()])
def test_no_answer_is_a_lost_store(error: Exception) -> None:
    async def call() -> None:
        raise error

    with pytest.raises(StoreLost):
        asyncio.run(answer(call()))
