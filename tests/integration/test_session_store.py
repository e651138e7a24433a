import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from redis import Redis
from tests.support.store_contract import DAY_0, FACTS, Fact

from duplexsla.errors import StoreLost
from duplexsla.local import redis as local_redis
from duplexsla.session.store.leases import DecoderAddress
from duplexsla.session.store.redis import RedisStore

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
        store, decoders = RedisStore(redis_url), [DecoderAddress(uuid.uuid4().hex, 500)]
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
                await store.take(1, "g", [DecoderAddress("d", 1)], now_ms=DAY_0)
        finally:
            await store.close()

    asyncio.run(scenario())


Taken = Callable[[RedisStore], Awaitable[int]]


def test_fences_do_not_go_backwards_when_redis_is_restored_from_an_older_snapshot(tmp_path: Path) -> None:
    """Neither for a session that the snapshot knows, nor for one that it has never heard of."""
    decoders, hour_ms = [DecoderAddress("d:1", 8)], 3_600_000
    known, unknown, lagging = 1, 2, DAY_0 - hour_ms  # a gateway whose clock is an hour slow

    async def taken(store: RedisStore, session: int) -> int:
        lease = await store.take(session, "g", decoders, now_ms=lagging)
        return (await store.move(lease, decoders, now_ms=lagging)).placement

    server = local_redis.start(tmp_path)
    port = int(server.address.rpartition(":")[2])
    try:
        before = [asyncio.run(_with_store(port, lambda store: taken(store, known)))]
        with Redis(port=port) as client:
            client.save()
        for session in (known, known, unknown):
            before.append(asyncio.run(_with_store(port, lambda store, s=session: taken(store, s))))
        server.stop()
        server = local_redis.start(tmp_path, port=port)
        with Redis(port=port) as client:
            assert sorted(client.keys("*:fence")) == [b"duplexsla:{s:%016x}:fence" % known]
        after = [asyncio.run(_with_store(port, lambda store, s=s: taken(store, s))) for s in (known, unknown)]
        assert min(after) > max(before)
    finally:
        server.stop()


async def _with_store(port: int, use: Taken) -> int:
    store = RedisStore(f"redis://127.0.0.1:{port}/0", servers_clock=True)
    try:
        return await use(store)
    finally:
        await store.close()
