"""Room hints on a real Redis."""

import asyncio
import uuid

import pytest
from tests.support.room_hints_contract import FACTS, Fact

from duplexsla.session.store.room_hints import RedisRoomHints

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_hints_on_redis(redis_url: str, fact: Fact) -> None:
    async def main() -> None:
        hints = RedisRoomHints(redis_url)
        try:
            await fact(hints, f"acme/{uuid.uuid4()}")
        finally:
            await hints.close()

    asyncio.run(main())
