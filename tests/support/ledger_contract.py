"""What every ledger promises. Subclasses say how one is opened and how a fence is raised."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from tests.support.action_events import event

from duplexsla.executor import messages
from duplexsla.executor.ledger.ledger import (
    MOVES,
    Asked,
    Claim,
    Claimed,
    ClaimLost,
    Fenced,
    Known,
    Ledger,
    Settled,
)
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan

RaiseFence = Callable[[int, int], Awaitable[None]]  # session, fence

NEWEST = 1_795_000_000_000 << 10  # as large as they get
FIRST = messages.outcome(event(), pb.OUTCOME_STATE_DONE, "first")
SECOND = messages.outcome(event(), pb.OUTCOME_STATE_FAILED, "second")


async def answered(ledger: Ledger, asked: Asked, claim_number: int) -> str:
    """The ledger's answer, in the table's words."""
    match asked:
        case Asked.SETTLE:
            standing = await ledger.settle(event(), SECOND, claim_number)
            return "written" if standing == SECOND else "settled"
        case Asked.HOLD:
            found = await ledger.hold(event(fence=NEWEST), claim_number)
            return "held" if isinstance(found, Claimed) else word(found)
        case Asked.LATE:
            found = await ledger.hold(event(fence=NEWEST), claim_number - 1)
            standing = await ledger.settle(event(), SECOND, claim_number - 1)
            assert isinstance(found, ClaimLost) == isinstance(standing, ClaimLost)
            return word(found)
        case _:
            return word(await ledger.claim(event(fence=NEWEST if asked is Asked.CLAIM else NEWEST - 1)))


def word(found: Claim | ClaimLost) -> str:
    match found:
        case Settled():
            return "settled"
        case Fenced():
            return "resumed, fenced" if found.resumed else "fenced"
        case ClaimLost():
            return "lost"
    return "resumed" if found.resumed else "claimed"


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
            claim_number = 1
            if known is not Known.NOTHING:
                for _ in range(2):
                    claim = await ledger.claim(event(fence=NEWEST))
                    assert isinstance(claim, Claimed)
                    claim_number = claim.number
            if known is Known.SETTLED:
                await ledger.settle(event(), FIRST, claim_number)
            await raise_fence(1, NEWEST)
            move = MOVES[known, asked]
            assert await answered(ledger, asked, claim_number) == move.answer
            assert await known_of(ledger) is move.to

        self.with_ledger(test)

    def test_actions_have_entries_of_their_own(self) -> None:
        async def test(ledger: Ledger, _: RaiseFence) -> None:
            await ledger.claim(event())
            assert await ledger.claim(event(1)) == Claimed(resumed=False)

        self.with_ledger(test)

    def test_the_first_outcome_stands(self) -> None:
        async def test(ledger: Ledger, _: RaiseFence) -> None:
            await ledger.claim(event())
            assert await ledger.settle(event(), FIRST, 1) == FIRST
            assert await ledger.settle(event(), SECOND, 1) == FIRST
            assert await ledger.claim(event()) == Settled(FIRST)

        self.with_ledger(test)

    def test_the_outcome_is_that_of_the_last_claim(self) -> None:
        async def test(ledger: Ledger, _: RaiseFence) -> None:
            assert await ledger.claim(event()) == Claimed(resumed=False, number=1)
            assert await ledger.claim(event()) == Claimed(resumed=True, number=2)
            assert await ledger.settle(event(), FIRST, 1) == ClaimLost()
            assert await ledger.settle(event(), SECOND, 2) == SECOND

        self.with_ledger(test)

    def test_a_claim_that_is_held_is_told_of_a_new_owner(self) -> None:
        async def test(ledger: Ledger, raise_fence: RaiseFence) -> None:
            await ledger.claim(event())
            await raise_fence(1, NEWEST)
            assert await ledger.hold(event(), 1) == Fenced(NEWEST, resumed=True)

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

    def test_a_plan_is_found_by_whoever_claims_the_action_next_and_by_nobody_else(self) -> None:
        plan = ActionPlan(function="open_home_device", at_most_once=True, undoes="\n:7")

        async def test(ledger: Ledger, _: RaiseFence) -> None:
            assert await ledger.claim(event()) == Claimed(resumed=False, number=1)
            assert isinstance(await ledger.hold(event(), 1, plan), Claimed)
            assert isinstance(await ledger.hold(event(), 1), Claimed)
            assert await ledger.claim(event()) == Claimed(resumed=True, number=2, plan=plan)
            assert await ledger.hold(event(), 1, ActionPlan(function="late")) == ClaimLost()
            assert await ledger.claim(event()) == Claimed(resumed=True, number=3, plan=plan)
            assert await ledger.settle(event(), FIRST, 3) == FIRST

        self.with_ledger(test)

    def test_a_plan_of_a_former_owner_is_not_written(self) -> None:
        async def test(ledger: Ledger, raise_fence: RaiseFence) -> None:
            await ledger.claim(event())
            await raise_fence(1, NEWEST)
            assert isinstance(await ledger.hold(event(), 1, ActionPlan(function="late")), Fenced)
            assert await ledger.claim(event(fence=NEWEST)) == Claimed(resumed=True, number=2)

        self.with_ledger(test)

    def test_the_outcome_can_be_asked_for_without_a_claim(self) -> None:
        async def test(ledger: Ledger, _: RaiseFence) -> None:
            assert await ledger.outcome(event()) is None
            await ledger.claim(event())
            assert await ledger.outcome(event()) is None
            await ledger.settle(event(), FIRST, 1)
            assert await ledger.outcome(event()) == FIRST

        self.with_ledger(test)

    def test_what_nobody_has_claimed_can_be_settled_ahead_and_nothing_else(self) -> None:
        async def test(ledger: Ledger, _: RaiseFence) -> None:
            assert await ledger.settle(event(), FIRST, 0) == FIRST
            assert await ledger.claim(event()) == Settled(FIRST)
            await ledger.claim(event(1))
            assert await ledger.settle(event(1), FIRST, 0) == ClaimLost()

        self.with_ledger(test)
