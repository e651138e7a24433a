"""Under every fault at once: one effect, in time, in order, for the newest owner, and the truth about it."""

import asyncio
from functools import cache

import pytest
from tests.support.executor_simulation import FlakyLedger, World, story
from tests.support.virtual_time import run

from duplexsla.executor.ledger.ledger import Claim, Claimed, ClaimLost
from duplexsla.history.invariants import CheckReport, check_invariants
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan


@cache
def told(seed: int, *, seconds: float = 20.0, ledger: FlakyLedger | None = None) -> tuple[World, CheckReport]:
    async def main() -> World:
        world = World(seed, ledger)
        await story(world, seconds=seconds)
        return world

    world = run(main())
    return world, check_invariants(world.lines())


SEEDS = [pytest.param(seed, marks=[pytest.mark.slow] * (seed >= 4)) for seed in range(12)]


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_dies_moves_or_hangs_no_invariant_is_broken(seed: int) -> None:
    _, report = told(seed)
    assert report.findings == []
    assert report.odd_rows == 0


def test_the_stories_hold_what_they_are_about() -> None:
    rows = [row for seed in range(4) for _, _, row in told(seed)[0].rows]
    states = {row["state"] for row in rows if row["kind"] == "outcome.published"}
    assert states >= {"done", "failed", "expired", "fenced", "unknown", "unavailable"}
    assert states >= {"confirm", "retracted", "partial", "not_found"}
    claims = {row["how"] for row in rows if row["kind"] == "action.claimed"}
    assert claims == {"claimed", "resumed", "settled", "fenced", "away"}
    assert {"action.moved", "breaker", "action.dead_lettered", "effect.decided"} <= {
        row["kind"] for row in rows
    }


class Forgetful(FlakyLedger):
    """A ledger that never knows an action."""

    async def claim(self, event: pb.ActionEvent) -> Claim:
        await asyncio.sleep(0)
        return Claimed(resumed=False)

    async def hold(
        self, event: pb.ActionEvent, claim_number: int, plan: ActionPlan | None = None
    ) -> Claim | ClaimLost:
        await asyncio.sleep(0)
        return Claimed(resumed=False)


def test_without_a_memory_of_claims_devices_move_twice_and_the_checker_sees_it() -> None:
    broken = [told(seed, ledger=Forgetful())[1].broken for seed in range(2)]
    assert all(each["I1"] for each in broken)
