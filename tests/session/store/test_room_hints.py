import asyncio

import pytest
from tests.support.room_hints_contract import FACTS, Fact

from duplexsla.session.store.room_hints import MemoryRoomHints


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_hints_in_memory(fact: Fact) -> None:
    async def main() -> None:
        await fact(MemoryRoomHints(), "acme/h1")

    asyncio.run(main())
