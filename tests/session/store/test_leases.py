import asyncio

import pytest
from tests.support.store_contract import FACTS, Fact

from duplexsla.session.store.memory import MemoryStore


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_the_memory_store_holds_the_contract(fact: Fact) -> None:
    asyncio.run(fact(MemoryStore(), "d"))  # type: ignore[arg-type]
