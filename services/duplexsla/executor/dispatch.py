"""What becomes of one action: it is claimed in the ledger, decided, done, and settled."""

from collections.abc import Callable, Mapping
from typing import Any

from opentelemetry.trace import Span

from duplexsla.enum_names import enum_name
from duplexsla.errors import ActionRefused
from duplexsla.executor import messages
from duplexsla.executor.answers import Answers
from duplexsla.executor.calls import ActionResult, ClaimedAction, no_effect
from duplexsla.executor.crash_points import PassPoint, never
from duplexsla.executor.decision import Decider
from duplexsla.executor.execution import Execution, done_without_ledger, unclaimed
from duplexsla.executor.ledger.access import LedgerAccess
from duplexsla.executor.ledger.ledger import Claimed, ClaimLost, Settled
from duplexsla.executor.recent_actions import RecentActions
from duplexsla.executor.retraction import Retractions
from duplexsla.executor.room_events import RoomEvents
from duplexsla.executor.schedules.due_events import due_plan
from duplexsla.executor.schedules.scheduler import GONE, Scheduler
from duplexsla.telemetry import Telemetry, names
from duplexsla.telemetry.tracing import Attributes
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan

MAYBE_DONE = "it may have been done before: nobody knows"


class Dispatch:
    """Does actions, any number of them at once; order is the caller's concern.

    An action whose task is cancelled stays claimed: whoever reads its event next finds out what it must say.
    """

    def __init__(
        self,
        ledger: LedgerAccess,
        execution: Execution,
        decider: Decider,
        recent: RecentActions,
        telemetry: Telemetry,
        scheduler: Scheduler,
        rooms: RoomEvents,
        *,
        now_ms: Callable[[], int],
        crash_point: PassPoint = never,
    ) -> None:
        self._execution, self._decider, self._recent = execution, decider, recent
        self._telemetry, self._crash_point = telemetry, crash_point
        self._scheduler, self._rooms, self._now_ms = scheduler, rooms, now_ms
        self._answers = Answers(ledger, execution, decider)
        self._retractions = Retractions(ledger, scheduler)

    def read_ahead(self, event: pb.ActionEvent) -> None:
        """Called for each event as it is taken, long before its turn: a retraction counts from then on."""
        if messages.intent_of(event) == pb.INTENT_RETRACT:
            self._retractions.take(event)

    async def run(
        self,
        event: pb.ActionEvent,
        parent: Span | str,
        *,
        first_reader: bool = True,
        still_ours: Callable[[], bool] = lambda: True,
        partition: int = 0,
    ) -> ActionResult | ClaimLost:
        """The outcome that stands for this event; raises nothing for what devices or the ledger do.

        `first_reader`: no other process can have read it before us; `still_ours`: none reads it now;
        `partition`: the number that its home has in the topics.
        ClaimLost: another process is at it.
        """
        attributes: Attributes = {
            names.ATTR_ACTION: event.action.id,
            names.ATTR_TOOL: event.action.function,
            names.ATTR_FENCE: event.fence,
        }
        name = f"{names.SPAN_EXECUTE} {event.action.function or enum_name(pb.Intent, event.intent)}"
        with self._telemetry.span(name, parent=parent, attributes=attributes) as span:
            result = await self._settled(event, span, first_reader, still_ours, partition)
            if isinstance(result, ClaimLost):
                return result
            if event.origin == pb.ORIGIN_SCHEDULE and result.outcome.state != pb.OUTCOME_STATE_FENCED:
                await self._happened(event, result.outcome, still_ours)
            span.set_attribute(names.ATTR_STATE, messages.state_name(result.outcome.state))
            span.set_attribute(names.ATTR_ATTEMPTS, result.outcome.attempts)
            return result

    async def _happened(
        self, event: pb.ActionEvent, outcome: pb.ActionOutcome, still_ours: Callable[[], bool]
    ) -> None:
        """A schedule's moment is over. It is told before the record goes, so that a successor tells it."""
        schedule = self._scheduler.standing(event)
        if schedule is not None:
            await self._rooms.due(event, outcome, schedule.plan)
        await self._scheduler.happened(event, still_ours)

    async def _settled(
        self,
        event: pb.ActionEvent,
        span: Span,
        first_reader: bool,
        still_ours: Callable[[], bool],
        partition: int,
    ) -> ActionResult | ClaimLost:
        try:
            arguments = messages.valid_arguments(event)
        except ActionRefused as refusal:
            return no_effect(event, pb.OUTCOME_STATE_REFUSED, str(refusal))  # by whoever reads it
        self._crash_point("read")
        await self._retractions.of(event.action.id)
        claim = await self._execution.claim(event, first_reader=first_reader)
        if not isinstance(claim, Claimed):
            if isinstance(claim, Settled) and claim.outcome.state == pb.OUTCOME_STATE_SCHEDULED:
                await self._scheduler.restore(event, claim.outcome, partition, still_ours)
            return unclaimed(event, claim, first_reader)
        self._crash_point("claimed")
        action = ClaimedAction(event, claim, span, first_reader, still_ours, partition)
        result = await self._run(action, arguments)
        if isinstance(result, ClaimLost) or messages.fenced(result.outcome):
            return result  # not settled: the newest owner may have asked for the same
        return await self._execution.settle(event, result, claim.number)

    async def _run(self, action: ClaimedAction, arguments: Mapping[str, Any]) -> ActionResult | ClaimLost:
        """By what the event asks for."""
        match messages.intent_of(action.event):
            case pb.INTENT_YES:
                return await self._answers.yes(action)
            case pb.INTENT_NO:
                return await self._answers.no(action)
            case pb.INTENT_RETRACT:
                return await self._retractions.result(action)
        return await self._do(action, arguments)

    async def _do(self, action: ClaimedAction, arguments: Mapping[str, Any]) -> ActionResult | ClaimLost:
        """A plan that stands in the ledger is carried on; what was not decided yet is decided now."""
        event, claim = action.event, action.claim
        if claim.plan is not None:
            return await self._execution.run(action, claim.plan)
        if claim.resumed and event.delivery != pb.DELIVERY_IDEMPOTENT:
            return no_effect(event, pb.OUTCOME_STATE_UNKNOWN, MAYBE_DONE)
        if event.origin == pb.ORIGIN_SCHEDULE:
            decision = await self._decide_due(event)
        else:
            decision = await self._decider.decide(event, arguments)
        if isinstance(decision, ActionPlan):
            return await self._execution.run(action, decision)
        if done_without_ledger(claim) and decision.state in messages.WITHOUT_EFFECT:
            return no_effect(event, pb.OUTCOME_STATE_UNKNOWN, MAYBE_DONE)
        if decision.state == pb.OUTCOME_STATE_CONFIRM:
            await self._recent.asked(event, decision.plan)
        return ActionResult(decision)

    async def _decide_due(self, event: pb.ActionEvent) -> ActionPlan | pb.ActionOutcome:
        """What the moment of a schedule comes to, by the policy of today."""
        schedule = self._scheduler.standing(event)
        if schedule is None:
            return messages.outcome(event, pb.OUTCOME_STATE_FENCED, GONE)
        if self._now_ms() >= event.expires_at_ms:
            return messages.outcome(event, pb.OUTCOME_STATE_EXPIRED, "its time was over")
        refusal = await self._decider.decide_due(event, schedule)
        return due_plan(schedule) if refusal is None else refusal
