"""Counters of quotas on a real Redis."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable

import pytest
from tests.support.quota_contract import CONTRACT

from duplexsla.errors import StoreLost
from duplexsla.security.quotas import QuotaCounters
from duplexsla.session.store.quota_counters import RedisQuotaCounters

pytestmark = pytest.mark.integration


class Apart(RedisQuotaCounters):
    """With keys of its own."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._mark = uuid.uuid4()

    async def take(self, key: str, limit: int, *, now: float) -> float:
        return await super().take(f"{self._mark}:{key}", limit, now=now)

    async def left(self, key: str, limit: int, *, now: float) -> float:
        return await super().left(f"{self._mark}:{key}", limit, now=now)

    async def hold(self, key: str, member: str, limit: int) -> bool:
        return await super().hold(f"{self._mark}:{key}", member, limit)

    async def renew(self, holds: Iterable[tuple[str, str]]) -> None:
        await super().renew([(f"{self._mark}:{key}", member) for key, member in holds])

    async def release(self, key: str, member: str) -> None:
        await super().release(f"{self._mark}:{key}", member)


@pytest.mark.parametrize("promise", CONTRACT)
def test_counters_on_redis(redis_url: str, promise: Callable[[QuotaCounters], Awaitable[None]]) -> None:
    async def main() -> None:
        counters = Apart(redis_url)
        try:
            await promise(counters)
        finally:
            await counters.close()

    asyncio.run(main())


def test_two_gateways_share_a_limit_and_the_servers_clock(redis_url: str) -> None:
    async def main() -> None:
        one, other = (RedisQuotaCounters(redis_url, servers_clock=True) for _ in range(2))
        key = str(uuid.uuid4())
        try:
            assert await one.take(key, 1, now=0.0) == 0.0
            assert await other.take(key, 1, now=0.0) > 50.0
            assert await one.hold(key + "h", "a", 1) and not await other.hold(key + "h", "b", 1)
        finally:
            await one.close()
            await other.close()

    asyncio.run(main())


def test_a_redis_that_is_away_is_a_lost_store() -> None:
    async def main() -> None:
        counters = RedisQuotaCounters("redis://127.0.0.1:9/0")
        with pytest.raises(StoreLost):
            await counters.hold("k", "a", 1)
        await counters.close()

    asyncio.run(main())
