"""A yes or a no to a question that the service asked.

A question is nothing that waits: it is the outcome CONFIRM of an action, which stands in the ledger with what
a yes would do, and dies by being answered too late. Its effect has an id of its own, `<action>/yes`: a second
yes, a redelivery and another executor all meet that one. A no settles it, and so does taking the action back.
"""

from typing import TypeGuard

from duplexsla.executor import messages
from duplexsla.executor.calls import NO_LEDGER, ActionResult, ClaimedAction, no_effect
from duplexsla.executor.decision import Decider
from duplexsla.executor.execution import Execution
from duplexsla.executor.ledger.access import LedgerAccess
from duplexsla.executor.ledger.ledger import ClaimLost
from duplexsla.protocol.actions import confirmed_id
from duplexsla.v1 import action_pb2 as pb

NOTHING_ASKED = "nothing was asked"
TOO_LATE = "the question's time was over: it must be asked again"


class Answers:
    def __init__(self, ledger: LedgerAccess, execution: Execution, decider: Decider) -> None:
        self._ledger, self._execution, self._decider = ledger, execution, decider

    async def yes(self, action: ClaimedAction) -> ActionResult | ClaimLost:
        """Does what was asked about, under the answer's fence and expiry, if it may be done today."""
        event = action.event
        asked = await self._asked(event)
        if isinstance(asked, ActionResult):
            return asked
        confirmed = messages.derived(event, confirmed_id(event.refers_to), plan=asked.plan)
        standing = await self._ledger.outcome(confirmed)
        if standing == "away":
            return _about(event, no_effect(event, pb.OUTCOME_STATE_UNAVAILABLE, NO_LEDGER))
        if standing is not None:
            return _about(event, ActionResult(standing))
        if action.claim.plan is None:
            refusal = await self._decider.decide_again(event, asked.plan)
            if refusal is not None:
                return _about(event, ActionResult(refusal))
        ended = await self._execution.write_down(action, asked.plan)
        if ended is not None:
            return ended if isinstance(ended, ClaimLost) else _about(event, ended)
        result = await self._execution.run_as(action, confirmed, asked.plan)
        return result if isinstance(result, ClaimLost) else _about(event, result)

    async def no(self, action: ClaimedAction) -> ActionResult:
        """Nothing happens, nor will a later yes do anything."""
        event = action.event
        asked = await self._asked(event)
        if isinstance(asked, ActionResult):
            return asked
        refused = messages.derived(event, confirmed_id(event.refers_to), plan=asked.plan)
        closing = messages.outcome(refused, pb.OUTCOME_STATE_RETRACTED, "the answer was no")
        standing = await self._ledger.settle_unclaimed(refused, closing)
        if standing == "away":
            return no_effect(event, pb.OUTCOME_STATE_UNAVAILABLE, NO_LEDGER)
        if isinstance(standing, ClaimLost) or standing.state != pb.OUTCOME_STATE_RETRACTED:
            return _about(event, no_effect(event, pb.OUTCOME_STATE_FAILED, "the answer before was yes"))
        return _about(event, ActionResult(messages.outcome(event, pb.OUTCOME_STATE_DONE)))

    async def _asked(self, event: pb.ActionEvent) -> pb.ActionOutcome | ActionResult:
        """The question that the event answers, or why there is none."""
        if not messages.of_session(event.refers_to, event.session_id):
            return no_effect(event, pb.OUTCOME_STATE_NOT_FOUND, NOTHING_ASKED)
        asked = await self._ledger.outcome(messages.derived(event, event.refers_to))
        if asked == "away":
            return no_effect(event, pb.OUTCOME_STATE_UNAVAILABLE, NO_LEDGER)
        if not _is_question(asked) or asked.home != event.home:
            return no_effect(event, pb.OUTCOME_STATE_NOT_FOUND, NOTHING_ASKED)
        if event.emitted_at_ms > asked.due_at_ms:
            return _about(event, no_effect(event, pb.OUTCOME_STATE_EXPIRED, TOO_LATE))
        return asked


def _is_question(outcome: pb.ActionOutcome | None) -> TypeGuard[pb.ActionOutcome]:
    """A yes that needs a code is answered with CONFIRM, too, and is no question of its own."""
    return outcome is not None and outcome.state == pb.OUTCOME_STATE_CONFIRM and outcome.HasField("plan")


def _about(event: pb.ActionEvent, result: ActionResult) -> ActionResult:
    """The result as the answer's own: under its id, and about the action that was asked about."""
    told = pb.ActionOutcome()
    told.CopyFrom(result.outcome)
    told.action_id, told.session_id, told.refers_to = event.action.id, event.session_id, event.refers_to
    return ActionResult(told, result.dead_letter, result.left)
