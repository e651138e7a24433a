"""Journals in a real Redis."""

import asyncio
import random

import pytest
from redis import Redis
from tests.support.archive_contract import FACTS, Fact

from duplexsla.errors import StoreLost
from duplexsla.session.store.archive import Saving
from duplexsla.session.store.redis import RedisArchive
from duplexsla.session.store.redis_client import session_key

pytestmark = pytest.mark.integration


def _id() -> int:
    return random.SystemRandom().randrange(1, 1 << 62)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_the_redis_archive_holds_the_contract(fact: Fact, redis_url: str) -> None:
    async def raise_fence(session: int, fence: int) -> None:
        with Redis.from_url(redis_url) as client:
            client.set(session_key(session, "fence"), fence)

    async def scenario() -> None:
        archive = RedisArchive(redis_url)
        try:
            await fact(archive, _id(), raise_fence)
        finally:
            await archive.close()

    asyncio.run(scenario())


def test_what_is_stored_expires_with_the_session(redis_url: str) -> None:
    session = _id()

    async def scenario() -> None:
        archive = RedisArchive(redis_url)
        await archive.save([Saving(session, 1, b"r", [b"c"], 0)], keep=9, ttl_ms=60_000)
        await archive.close()

    asyncio.run(scenario())
    with Redis.from_url(redis_url) as client:
        for part in ("record", "chunks"):
            assert 50_000 < client.pttl(session_key(session, part)) <= 60_000


def test_without_redis_the_archive_is_lost() -> None:
    async def scenario() -> None:
        archive = RedisArchive("redis://127.0.0.1:1/0")
        with pytest.raises(StoreLost):
            await archive.save([Saving(1, 1, b"", [], 0)], keep=1, ttl_ms=1)
        with pytest.raises(StoreLost):
            await archive.load(1)
        await archive.close()

    asyncio.run(scenario())
