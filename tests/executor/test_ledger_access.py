"""What is said of an action while the ledger is away."""

import asyncio
from typing import Any

import pytest
from tests.executor.actions import NOW_MS, Clock, event

from duplexsla.errors import StoreLost
from duplexsla.executor import outcomes
from duplexsla.executor.ledger import Claim, Claimed, Fenced, MemoryLedger
from duplexsla.executor.ledger_access import CLAIM_MS, PROBE_MS, LedgerAccess
from duplexsla.v1 import action_pb2 as pb

ONCE = pb.DELIVERY_AT_MOST_ONCE


class Outage(MemoryLedger):
    """A ledger that can be away."""

    away = True
    asked = 0

    async def claim(self, event: pb.ActionEvent) -> Claim:
        self.asked += 1
        if self.away:
            raise StoreLost("away")
        return await super().claim(event)

    async def settle(self, event: pb.ActionEvent, outcome: pb.ActionOutcome) -> pb.ActionOutcome:
        if self.away:
            raise StoreLost("away")
        return await super().settle(event, outcome)


class Desk:
    def __init__(self) -> None:
        self.ledger, self.clock = Outage(), Clock()
        self.access = LedgerAccess(self.ledger, now_ms=self.clock, sleep=self.clock.sleep)

    def claim(self, number: int = 0, **changes: Any) -> Claim | str:
        return asyncio.run(self.access.claim(event(number, **changes)))


def test_the_first_one_waits_for_it_and_the_next_ones_do_not() -> None:
    desk = Desk()
    assert desk.claim(0, delivery=ONCE) == "away"
    waited_ms, asked = desk.clock() - NOW_MS, desk.ledger.asked
    assert CLAIM_MS <= waited_ms < 2 * CLAIM_MS
    assert [desk.claim(number, delivery=ONCE) for number in (1, 2, 3)] == ["away"] * 3
    assert (desk.clock() - NOW_MS, desk.ledger.asked) == (waited_ms, asked)


def test_it_is_asked_again_once_in_a_while_and_then_all_is_as_before() -> None:
    desk = Desk()
    desk.claim(0)
    asked = desk.ledger.asked
    desk.clock.now_ms += PROBE_MS
    assert [desk.claim(number, delivery=ONCE) for number in (1, 2)] == ["away"] * 2
    assert desk.ledger.asked == asked + 1
    desk.ledger.away = False
    desk.clock.now_ms += PROBE_MS
    assert desk.claim(1, delivery=ONCE) == Claimed(resumed=False)
    assert not desk.access.away


def test_idempotent_actions_are_done_without_it() -> None:
    assert Desk().claim(0) == Claimed(resumed=False)


@pytest.mark.parametrize("delivery", [pb.DELIVERY_IDEMPOTENT, ONCE])
def test_what_another_process_may_have_had_is_never_new(delivery: pb.Delivery) -> None:
    assert Desk().claim(0, delivery=delivery, emitted_at_ms=NOW_MS - 1) == Claimed(resumed=True)


def test_without_it_the_newest_owner_is_the_newest_one_heard_of() -> None:
    desk = Desk()
    desk.claim(0, fence=7)
    assert desk.claim(1, fence=6) == Fenced(7, resumed=False)
    assert desk.claim(2, fence=6, session_id=2) == Claimed(resumed=False)


def test_an_outcome_stands_also_if_it_cannot_be_written_down() -> None:
    desk, done = Desk(), outcomes.outcome(event(), pb.OUTCOME_STATE_DONE)
    assert asyncio.run(desk.access.settle(event(), done)) == done
