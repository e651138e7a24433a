import asyncio

import pytest
from tests.support.archive_contract import FACTS, Fact

from duplexsla.session.store.archive import Saving
from duplexsla.session.store.memory import MemoryArchive


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_the_memory_archive_holds_the_contract(fact: Fact) -> None:
    async def nothing(session: int, fence: int) -> None:
        pass  # it learns of a fence by what is saved

    asyncio.run(fact(MemoryArchive(), 1_000, nothing))  # type: ignore[arg-type]


def test_memory_is_bounded_and_the_longest_unsaved_go_first() -> None:
    async def scenario() -> None:
        archive = MemoryArchive(capacity=2)
        for session in (1, 2, 1, 3):
            await archive.save([Saving(session, 1, b"", [], 0)], keep=1, ttl_ms=1)
        assert [await archive.load(session) is None for session in (1, 2, 3)] == [False, True, False]

    asyncio.run(scenario())
