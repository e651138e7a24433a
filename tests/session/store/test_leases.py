import asyncio

import pytest
from tests.support.store_contract import FACTS, Fact

from duplexsla.session.store.leases import DecoderAddress, preference
from duplexsla.session.store.memory import MemoryStore


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_the_memory_store_holds_the_contract(fact: Fact) -> None:
    asyncio.run(fact(MemoryStore(), "d"))  # type: ignore[arg-type]


def test_the_emptiest_decoder_comes_first_and_a_full_one_not_at_all() -> None:
    full, half, empty, other = (
        DecoderAddress("full", 4, 4),
        DecoderAddress("half", 4, 2),
        DecoderAddress("empty", 8, 0),
        DecoderAddress("a", 2, 0),
    )
    assert preference([full, half, empty, other]) == [empty, other, half]
    assert preference([full, half, empty, other], first="half") == [half, empty, other]
    assert preference([full, half], first="full") == [half]
