"""What every ledger promises. Subclasses say how one is opened and how a fence is raised."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from tests.executor.actions import event

from duplexsla.executor import outcomes
from duplexsla.executor.ledger import Claimed, Fenced, Ledger, Settled
from duplexsla.executor.transitions import MOVES, Asked, Known
from duplexsla.v1 import action_pb2 as pb

RaiseFence = Callable[[int, int], Awaitable[None]]  # session, fence

NEWEST = 1_795_000_000_000 << 10  # as large as they get
FIRST = outcomes.outcome(event(), pb.OUTCOME_STATE_DONE, "first")
SECOND = outcomes.outcome(event(), pb.OUTCOME_STATE_FAILED, "second")


async def answered(ledger: Ledger, asked: Asked) -> str:
    """The ledger's answer, in the table's words."""
    if asked is Asked.SETTLE:
        return "written" if await ledger.settle(event(), SECOND) == SECOND else "settled"
    claim = await ledger.claim(event(fence=NEWEST if asked is Asked.CLAIM else NEWEST - 1))
    if isinstance(claim, Settled):
        return "settled"
    if isinstance(claim, Fenced):
        return "resumed, fenced" if claim.resumed else "fenced"
    return "resumed" if claim.resumed else "claimed"


async def known_of(ledger: Ledger) -> Known:
    """What is known of the action, seen by one more claim."""
    claim = await ledger.claim(event(fence=NEWEST))
    if isinstance(claim, Settled):
        return Known.SETTLED
    assert isinstance(claim, Claimed)
    return Known.RUNNING if claim.resumed else Known.NOTHING


class LedgerContract:
    def open(self) -> AbstractAsyncContextManager[tuple[Ledger, RaiseFence]]:
        raise NotImplementedError

    def with_ledger(self, test: Callable[[Ledger, RaiseFence], Awaitable[Any]]) -> None:
        async def run() -> None:
            async with self.open() as (ledger, raise_fence):
                await test(ledger, raise_fence)

        asyncio.run(run())

    @pytest.mark.parametrize(("known", "asked"), list(MOVES))
    def test_every_row_of_the_table_is_kept(self, known: Known, asked: Asked) -> None:
        async def test(ledger: Ledger, raise_fence: RaiseFence) -> None:
            if known is not Known.NOTHING:
                await ledger.claim(event(fence=NEWEST))
            if known is Known.SETTLED:
                await ledger.settle(event(), FIRST)
            await raise_fence(1, NEWEST)
            move = MOVES[known, asked]
            assert await answered(ledger, asked) == move.answer
            assert await known_of(ledger) is move.to

        self.with_ledger(test)

    def test_actions_have_entries_of_their_own(self) -> None:
        async def test(ledger: Ledger, _: RaiseFence) -> None:
            await ledger.claim(event())
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

    def test_an_older_fence_is_told_and_claims_nothing(self) -> None:
        async def test(ledger: Ledger, raise_fence: RaiseFence) -> None:
            await raise_fence(1, NEWEST)
            assert await ledger.claim(event(fence=NEWEST - 1)) == Fenced(NEWEST, resumed=False)
            assert await ledger.claim(event(fence=NEWEST)) == Claimed(resumed=False)

        self.with_ledger(test)

    def test_sessions_have_fences_of_their_own(self) -> None:
        async def test(ledger: Ledger, raise_fence: RaiseFence) -> None:
            await raise_fence(2, 9)
            assert await ledger.claim(event()) == Claimed(resumed=False)

        self.with_ledger(test)
