"""What a plan comes to: each effect is claimed, called and settled under an id that follows from its cause.

One device: the effect has the id of what caused it. Several: `<id>/<entity>` each, with entries of their own
in the ledger, so that a successor does what is left and nothing twice; the whole is DONE if all are, else
PARTIAL.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

from duplexsla.executor import messages
from duplexsla.executor.breaker import Target
from duplexsla.executor.calls import NO_LEDGER, ActionResult, ClaimedAction, DeviceCalls, no_effect, older
from duplexsla.executor.crash_points import PassPoint, never
from duplexsla.executor.ledger.access import UNRECORDED, Away, LedgerAccess
from duplexsla.executor.ledger.ledger import Claim, Claimed, ClaimLost, Fenced, Settled
from duplexsla.executor.planning.timer_plans import SPOKEN
from duplexsla.executor.recent_actions import RecentActions
from duplexsla.executor.room_events import RoomEvents
from duplexsla.executor.schedules.scheduler import Scheduler
from duplexsla.executor.undo import claim_undone
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.protocol.actions import device_id
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.home_pb2 import EntityState
from duplexsla.v1.plan_pb2 import ActionPlan, PlannedEffect

T = TypeVar("T")

_DONE = (pb.OUTCOME_STATE_DONE, pb.OUTCOME_STATE_PARTIAL)
AT_ONCE = 8  # devices of one action that are called at the same time


class Execution:
    """Plans of claimed actions. What is cancelled stays claimed."""

    def __init__(
        self,
        ledger: LedgerAccess,
        calls: DeviceCalls,
        recent: RecentActions,
        scheduler: Scheduler,
        rooms: RoomEvents,
        *,
        now_ms: Callable[[], int],
        crash_point: PassPoint = never,
        history: HistoryLog = NO_HISTORY,
    ) -> None:
        self._ledger, self._calls, self._recent = ledger, calls, recent
        self._scheduler, self._rooms, self._now_ms = scheduler, rooms, now_ms
        self._history, self._crash_point = history, crash_point

    async def claim(self, event: pb.ActionEvent, *, first_reader: bool) -> Claim | Away:
        claim = await self._ledger.claim(event, first_reader=first_reader)
        self._history.write(
            events.action_claimed(
                event.action.id, session=event.session_id, fence=event.fence, how=_claim_name(claim)
            )
        )
        return claim

    async def settle(
        self, event: pb.ActionEvent, result: ActionResult, claim_number: int
    ) -> ActionResult | ClaimLost:
        """Settles the action in the ledger; one that is away keeps no outcome from being published."""
        standing = await self._ledger.settle(event, result.outcome, claim_number)
        if isinstance(standing, ClaimLost):
            return standing
        self._history.write(
            events.action_settled(
                event.action.id,
                state=messages.state_name(result.outcome.state),
                standing=messages.state_name(standing.state),
            )
        )
        self._crash_point("settled")
        return replace(result, outcome=standing)

    async def run(self, action: ClaimedAction, plan: ActionPlan) -> ActionResult | ClaimLost:
        """Does what a claimed action was decided to be. The result is not settled."""
        ended = await self.write_down(action, plan)
        if ended is not None:
            return ended
        before = await self._before(action.event, plan)
        result = await self._carry_out(action, plan)
        await self._note(action.event, plan, result, before)
        return result

    async def run_as(
        self, action: ClaimedAction, event: pb.ActionEvent, plan: ActionPlan
    ) -> ActionResult | ClaimLost:
        """Does a plan under the id of `event`, which `action` decided and wrote down."""
        before = await self._before(event, plan)
        result = await self._run_as(action, event, plan)
        await self._note(event, plan, result, before)
        return result

    async def _run_as(
        self, action: ClaimedAction, event: pb.ActionEvent, plan: ActionPlan
    ) -> ActionResult | ClaimLost:
        """A plan, or a part of one: claimed and settled of its own."""
        id = event.action.id
        self._history.write(events.effect_decided(id, decided_by=action.event.action.id))
        claim = await self.claim(event, first_reader=action.first_reader)
        if not isinstance(claim, Claimed):
            return unclaimed(event, claim, action.first_reader)
        self._crash_point("claimed")
        result = await self._carry_out(replace(action, event=event, claim=claim), plan)
        if isinstance(result, ClaimLost) or messages.fenced(result.outcome):
            return result
        return await self.settle(event, result, claim.number)

    async def write_down(self, action: ClaimedAction, plan: ActionPlan) -> ActionResult | ClaimLost | None:
        """None when the plan stands in the action's entry, or may be done without the ledger.

        Else the end of the action.
        """
        if action.claim.plan is not None:
            return await claim_undone(self._ledger, action.event, plan)
        claim = await self._ledger.hold(action.event, action.claim.number, plan)
        if isinstance(claim, Settled):
            return ActionResult(claim.outcome)
        if isinstance(claim, Fenced):
            return no_effect(action.event, pb.OUTCOME_STATE_FENCED, older(action.event, claim))
        if claim == "away":
            return no_effect(action.event, pb.OUTCOME_STATE_EXPIRED, NO_LEDGER)
        if isinstance(claim, ClaimLost):
            return claim
        self._crash_point("decided")
        return await claim_undone(self._ledger, action.event, plan)

    async def _before(self, event: pb.ActionEvent, plan: ActionPlan) -> dict[str, EntityState]:
        return {} if plan.due_at_ms else await self._recent.states(event, plan)

    async def _note(
        self,
        event: pb.ActionEvent,
        plan: ActionPlan,
        result: ActionResult | ClaimLost,
        before: dict[str, EntityState],
    ) -> None:
        if isinstance(result, ActionResult) and result.outcome.state in _DONE:
            await self._recent.done(event, plan, result.left, before)
        elif isinstance(result, ActionResult) and result.outcome.state == pb.OUTCOME_STATE_SCHEDULED:
            await self._recent.asked(event, plan)

    async def _carry_out(self, action: ClaimedAction, plan: ActionPlan) -> ActionResult | ClaimLost:
        if plan.due_at_ms or plan.cancels:
            result = await self._scheduler.carry_out(action, plan)
            self._crash_point("called")
            return result
        if plan.message or plan.function in SPOKEN:
            return await self._say(action.event, plan)
        if len(plan.effects) > 1:
            return await self._carry_out_several(action, plan)
        arguments: Mapping[str, Any] = json.loads(plan.arguments_json or "{}")
        target, command = messages.target_of(action.event, arguments), None
        for effect in plan.effects:
            target, command = Target(target.home, effect.name or effect.command.entity), effect.command
        result = await self._calls.attempt(action, arguments, command, target)
        self._crash_point("called")
        return result

    async def _say(self, event: pb.ActionEvent, plan: ActionPlan) -> ActionResult:
        """A message, or the moment of a reminder: it is told in its rooms."""
        if self._now_ms() >= event.expires_at_ms:
            return no_effect(event, pb.OUTCOME_STATE_EXPIRED, "its time was over")
        await self._rooms.spoken(event, plan)
        outcome = messages.outcome(event, pb.OUTCOME_STATE_DONE)
        if plan.function in SPOKEN:
            outcome.result_json = json.dumps({"value": plan.message})
        return ActionResult(outcome)

    async def _carry_out_several(self, action: ClaimedAction, plan: ActionPlan) -> ActionResult | ClaimLost:
        """Each device by itself. One that hangs holds none of the others up."""
        permits = asyncio.Semaphore(AT_ONCE)

        async def run(effect: PlannedEffect) -> ActionResult | ClaimLost:
            part = ActionPlan()
            part.CopyFrom(plan)
            del part.effects[:]
            part.effects.append(effect)
            event = messages.derived(action.event, device_id(action.event.action.id, effect.part))
            async with permits:
                return await self._run_as(action, event, part)

        async def run_in_order(effects: Sequence[PlannedEffect]) -> list[ActionResult | ClaimLost]:
            return [await run(effect) for effect in effects]

        by_entity = sorted(plan.effects, key=_entity_of)  # stable: what one entity is told keeps its order
        runs = [run_in_order(list(effects)) for _, effects in groupby(by_entity, key=_entity_of)]
        results = [result for each in await gathered(runs) for result in each]
        known = [result for result in results if isinstance(result, ActionResult)]
        return _whole(action.event, by_entity, known) if len(known) == len(results) else ClaimLost()


async def gathered(runs: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """All results in order. An error ends the others and is raised as it is."""
    tasks = [asyncio.get_running_loop().create_task(run) for run in runs]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


def unclaimed(event: pb.ActionEvent, claim: Settled | Fenced | Away, first_reader: bool) -> ActionResult:
    """The result of an action that is not ours to do."""
    if claim == "away":
        state = pb.OUTCOME_STATE_UNAVAILABLE if first_reader else pb.OUTCOME_STATE_UNKNOWN
        return no_effect(event, state, NO_LEDGER)
    if isinstance(claim, Settled):
        return ActionResult(claim.outcome)
    state = pb.OUTCOME_STATE_UNKNOWN if claim.resumed else pb.OUTCOME_STATE_FENCED
    return no_effect(event, state, older(event, claim))


def done_without_ledger(claim: Claimed) -> bool:
    """Somebody before us may have done it while the ledger was away: nothing in it would tell."""
    return claim.resumed and claim.number == UNRECORDED


def _whole(
    event: pb.ActionEvent, effects: Sequence[PlannedEffect], parts: Sequence[ActionResult]
) -> ActionResult:
    """What became of an action for several devices."""
    states = [part.outcome.state for part in parts]
    devices = [
        pb.DeviceOutcome(
            entity=effect.command.entity,
            name=effect.name,
            state=part.outcome.state,
            reason=part.outcome.reason,
        )
        for effect, part in zip(effects, parts, strict=True)
    ]
    outcome = messages.outcome(
        event,
        _state_of_whole(states),
        "; ".join(f"{each.name}: {each.reason}" for each in devices if each.reason),
        attempts=max(part.outcome.attempts for part in parts),
    )
    outcome.devices.extend(devices)
    if outcome.state in (pb.OUTCOME_STATE_DONE, pb.OUTCOME_STATE_PARTIAL):
        outcome.effect_at_ms = max(part.outcome.effect_at_ms for part in parts)
        outcome.effect_ms = outcome.effect_at_ms - event.emitted_at_ms
        outcome.result_json = messages.result_of_several([part.outcome for part in parts])
    left = tuple(state for part in parts for state in part.left)
    return ActionResult(outcome, any(part.dead_letter for part in parts), left)


def _entity_of(effect: PlannedEffect) -> str:
    return effect.command.entity


def _state_of_whole(states: Sequence[pb.OutcomeState]) -> pb.OutcomeState:
    """Without any DONE: FENCED if any is, as the newest owner goes on with it, else the worst that can be."""
    if pb.OUTCOME_STATE_DONE in states:
        return pb.OUTCOME_STATE_DONE if set(states) == {pb.OUTCOME_STATE_DONE} else pb.OUTCOME_STATE_PARTIAL
    if pb.OUTCOME_STATE_FENCED in states:
        return pb.OUTCOME_STATE_FENCED
    return pb.OUTCOME_STATE_UNKNOWN if pb.OUTCOME_STATE_UNKNOWN in states else states[0]


def _claim_name(claim: Claim | Away) -> str:
    if claim == "away":
        return "away"
    if isinstance(claim, Settled):
        return "settled"
    if isinstance(claim, Fenced):
        return "fenced"
    return "resumed" if claim.resumed else "claimed"
