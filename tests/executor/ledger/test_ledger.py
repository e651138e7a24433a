"""The ledger in memory keeps the contract."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.ledger_contract import LedgerContract, RaiseFence
from tests.support.memory_ledger import MemoryLedger

from duplexsla.executor.ledger.ledger import Ledger


class TestMemoryLedger(LedgerContract):
    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[Ledger, RaiseFence]]:
        ledger = MemoryLedger()

        async def raise_fence(session_id: int, fence: int) -> None:
            ledger.fences[session_id] = fence

        yield ledger, raise_fence
        await ledger.close()
