"""What is said of an action while the ledger is away."""

import asyncio
from typing import Any

from tests.support.action_events import NOW_MS, Clock, event
from tests.support.memory_ledger import MemoryLedger

from duplexsla.errors import StoreLost
from duplexsla.executor import messages
from duplexsla.executor.ledger.access import PROBE_MS, UNRECORDED, LedgerAccess
from duplexsla.executor.ledger.ledger import Claim, Claimed, ClaimLost, Fenced
from duplexsla.v1 import action_pb2 as pb

ONCE = pb.DELIVERY_AT_MOST_ONCE
NEW = Claimed(resumed=False)
NEW_UNRECORDED = Claimed(resumed=False, number=UNRECORDED)


class Outage(MemoryLedger):
    """A ledger that is away until some time."""

    back_at_ms = float("inf")
    asked = 0

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    async def claim(self, event: pb.ActionEvent) -> Claim:
        self.asked += 1
        self._reach()
        return await super().claim(event)

    async def settle(
        self, event: pb.ActionEvent, outcome: pb.ActionOutcome, claim_number: int
    ) -> pb.ActionOutcome | ClaimLost:
        self._reach()
        return await super().settle(event, outcome, claim_number)

    def _reach(self) -> None:
        if self._clock() < self.back_at_ms:
            raise StoreLost("away")


class Desk:
    def __init__(self) -> None:
        self.clock = Clock()
        self.ledger = Outage(self.clock)
        self.access = LedgerAccess(self.ledger, now_ms=self.clock, sleep=self.clock.sleep)

    def claim(self, number: int = 0, *, first_reader: bool = True, **changes: Any) -> Claim | str:
        return asyncio.run(self.access.claim(event(number, **changes), first_reader=first_reader))


def test_what_must_not_happen_twice_waits_until_it_expires() -> None:
    desk = Desk()
    assert desk.claim(0, delivery=ONCE) == "away"
    assert desk.clock() >= NOW_MS + 5_000
    assert desk.access.away


def test_an_idempotent_action_does_not_wait_once_the_ledger_is_known_to_be_away() -> None:
    desk = Desk()
    desk.claim(0, delivery=ONCE)
    before_ms, asked = desk.clock(), desk.ledger.asked
    for number in range(1, 20):
        assert desk.claim(number, emitted_at_ms=before_ms, expires_at_ms=before_ms + 5_000) == NEW_UNRECORDED
    assert (desk.clock(), desk.ledger.asked) == (before_ms, asked)


def test_one_that_was_asked_for_before_waits_since_its_owner_may_be_a_former_one() -> None:
    desk = Desk()
    assert desk.claim(0, emitted_at_ms=NOW_MS) == "away"
    assert desk.clock() >= NOW_MS + 5_000


def test_a_ledger_that_comes_back_is_found_and_answers_whoever_waits() -> None:
    desk = Desk()
    desk.ledger.back_at_ms = NOW_MS + 3_000
    assert desk.claim(0, delivery=ONCE) == NEW
    assert NOW_MS + 3_000 <= desk.clock() <= NOW_MS + 3_000 + 2 * PROBE_MS
    assert not desk.access.away


def test_what_another_process_may_have_had_is_never_new() -> None:
    desk = Desk()
    desk.claim(0)
    later = {"emitted_at_ms": desk.clock(), "expires_at_ms": desk.clock() + 5_000}
    assert desk.claim(1, first_reader=False, **later) == Claimed(resumed=True, number=UNRECORDED)


def test_without_it_the_newest_owner_is_the_newest_one_heard_of() -> None:
    desk = Desk()
    desk.claim(0, fence=7)
    later = {"emitted_at_ms": desk.clock(), "expires_at_ms": desk.clock() + 5_000}
    assert desk.claim(1, fence=6, **later) == Fenced(7, resumed=False)
    assert desk.claim(2, fence=6, session_id=2, **later) == NEW_UNRECORDED


def test_an_outcome_stands_also_if_it_cannot_be_written_down() -> None:
    desk, done = Desk(), messages.outcome(event(), pb.OUTCOME_STATE_DONE)
    assert asyncio.run(desk.access.settle(event(), done, 1)) == done
