import asyncio
import uuid

import pytest
from tests.session.store_contract import DAY_0, FACTS, Fact

from duplexsla.errors import StoreLost
from duplexsla.session.placement import Decoder
from duplexsla.session.redis_store import RedisStore

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_the_redis_store_holds_the_contract(fact: Fact, redis_url: str) -> None:
    async def scenario() -> None:
        store = RedisStore(redis_url)
        try:
            await fact(store, uuid.uuid4().hex)
        finally:
            await store.close()

    asyncio.run(scenario())


def test_a_cancelled_call_leaves_its_answer_to_nobody(redis_url: str) -> None:
    async def scenario() -> None:
        store, decoders = RedisStore(redis_url), [Decoder(uuid.uuid4().hex, 500)]
        try:
            for session in range(1, 200):
                call = asyncio.ensure_future(store.take(session, "g", decoders, now_ms=DAY_0))
                await asyncio.sleep(0)
                call.cancel()
                other = await store.take(session + 1_000, "g", decoders, now_ms=DAY_0)
                assert other.session_id == session + 1_000 and other.decoder == decoders[0].address
        finally:
            await store.close()

    asyncio.run(scenario())


def test_without_redis_the_store_is_lost() -> None:
    async def scenario() -> None:
        store = RedisStore("redis://127.0.0.1:1/0")
        try:
            with pytest.raises(StoreLost):
                await store.take(1, "g", [Decoder("d", 1)], now_ms=DAY_0)
        finally:
            await store.close()

    asyncio.run(scenario())
