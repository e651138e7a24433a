"""What every ledger promises. Subclasses say how one is opened and how a fence is raised."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from tests.executor.actions import event

from duplexsla.executor import outcomes
from duplexsla.executor.ledger import Claimed, Fenced, Ledger, Settled
from duplexsla.v1 import action_pb2 as pb

RaiseFence = Callable[[int, int], Awaitable[None]]  # session, fence


class LedgerContract:
    def open(self) -> AbstractAsyncContextManager[tuple[Ledger, RaiseFence]]:
        raise NotImplementedError

    def with_ledger(self, test: Callable[[Ledger, RaiseFence], Awaitable[Any]]) -> None:
        async def run() -> None:
            async with self.open() as (ledger, raise_fence):
                await test(ledger, raise_fence)

        asyncio.run(run())

    def test_the_first_claim_is_new_and_the_next_one_resumes(self) -> None:
        async def test(ledger: Ledger, _: RaiseFence) -> None:
            assert await ledger.claim(event()) == Claimed(resumed=False)
            assert await ledger.claim(event()) == Claimed(resumed=True)
            assert await ledger.claim(event(1)) == Claimed(resumed=False)

        self.with_ledger(test)

    def test_the_first_outcome_stands(self) -> None:
        async def test(ledger: Ledger, _: RaiseFence) -> None:
            done = outcomes.outcome(event(), pb.OUTCOME_STATE_DONE, "first", attempts=3)
            late = outcomes.outcome(event(), pb.OUTCOME_STATE_UNKNOWN, "second")
            await ledger.claim(event())
            assert await ledger.settle(event(), done) == done
            assert await ledger.settle(event(), late) == done
            assert await ledger.claim(event()) == Settled(done)

        self.with_ledger(test)

    def test_an_outcome_needs_no_claim(self) -> None:
        async def test(ledger: Ledger, _: RaiseFence) -> None:
            refused = outcomes.outcome(event(), pb.OUTCOME_STATE_REFUSED, "no")
            assert await ledger.settle(event(), refused) == refused
            assert await ledger.claim(event()) == Settled(refused)

        self.with_ledger(test)

    def test_an_older_fence_is_told_and_claims_nothing(self) -> None:
        async def test(ledger: Ledger, raise_fence: RaiseFence) -> None:
            newest = 1_795_000_000_000 << 10  # as large as they get
            await raise_fence(1, newest)
            assert await ledger.claim(event(fence=newest - 1)) == Fenced(newest, resumed=False)
            assert await ledger.claim(event(fence=newest)) == Claimed(resumed=False)
            assert await ledger.claim(event(fence=newest - 1)) == Fenced(newest, resumed=True)

        self.with_ledger(test)

    def test_an_outcome_stands_whatever_the_fence(self) -> None:
        async def test(ledger: Ledger, raise_fence: RaiseFence) -> None:
            done = outcomes.outcome(event(), pb.OUTCOME_STATE_DONE)
            await ledger.settle(event(), done)
            await raise_fence(1, 9)
            assert await ledger.claim(event()) == Settled(done)

        self.with_ledger(test)

    def test_sessions_have_fences_of_their_own(self) -> None:
        async def test(ledger: Ledger, raise_fence: RaiseFence) -> None:
            await raise_fence(2, 9)
            assert await ledger.claim(event()) == Claimed(resumed=False)

        self.with_ledger(test)
