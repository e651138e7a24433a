"""Taking an action back: it wins only where nothing of the action has begun.

The queue of a home is served one by one, so a retraction that waited for its turn would always be too late.
It is read when its record is taken: the action is settled as RETRACTED, if nobody has claimed it. When its
turn comes it tells what became of that.
"""

import asyncio

from duplexsla.executor import messages
from duplexsla.executor.calls import NO_LEDGER, ActionResult, ClaimedAction, no_effect
from duplexsla.executor.ledger.access import LedgerAccess
from duplexsla.executor.ledger.ledger import ClaimLost
from duplexsla.executor.schedules.scheduler import Scheduler
from duplexsla.protocol.actions import confirmed_id
from duplexsla.v1 import action_pb2 as pb

TAKEN_BACK = "the speaker took it back"
DONE_ALREADY = "it was done already: it can be undone"


class Retractions:
    """What was taken back and has not had its turn: bounded by the records that an executor takes in."""

    def __init__(self, ledger: LedgerAccess, scheduler: Scheduler) -> None:
        self._ledger, self._scheduler = ledger, scheduler
        self._taking: dict[str, asyncio.Task[None]] = {}  # by the id of the action that is taken back

    def take(self, event: pb.ActionEvent) -> None:
        """Begins to take the action back. What becomes of it is found in the ledger."""
        id = event.refers_to
        if messages.of_session(id, event.session_id) and id not in self._taking:
            task = asyncio.get_running_loop().create_task(self._take_back(event))
            self._taking[id] = task
            task.add_done_callback(lambda _: self._taking.pop(id, None))

    async def of(self, action_id: str) -> None:
        """Returns when nobody is about to take this action back. Cancelling it ends the wait alone."""
        if taking := self._taking.get(action_id):
            await asyncio.wait([taking])

    async def result(self, action: ClaimedAction) -> ActionResult:
        """What became of it."""
        event = action.event
        if not event.refers_to:
            return ActionResult(messages.outcome(event, pb.OUTCOME_STATE_DONE))
        if not messages.of_session(event.refers_to, event.session_id):
            return no_effect(event, pb.OUTCOME_STATE_NOT_FOUND, "there is nothing to take back")
        await self._take_back(event)
        standing = await self._ledger.outcome(messages.derived(event, event.refers_to))
        if standing is not None and standing != "away" and standing.state == pb.OUTCOME_STATE_CONFIRM:
            standing = await self._ledger.outcome(_confirmed(event))
        if isinstance(standing, pb.ActionOutcome) and standing.state == pb.OUTCOME_STATE_SCHEDULED:
            return await self._cancelled(action, standing)
        return self._told(event, standing)

    async def _cancelled(self, action: ClaimedAction, scheduled: pb.ActionOutcome) -> ActionResult:
        """What is to happen later has not begun before its time."""
        event = action.event
        if await self._scheduler.cancel(event, [scheduled.action_id], action.still_ours):
            result = ActionResult(messages.outcome(event, pb.OUTCOME_STATE_RETRACTED, TAKEN_BACK))
        else:
            result = no_effect(event, pb.OUTCOME_STATE_FAILED, DONE_ALREADY)
        result.outcome.refers_to = event.refers_to
        return result

    async def _take_back(self, event: pb.ActionEvent) -> None:
        """Settles the action, and what a yes to a question about it would do, where nobody has begun."""
        for target in (messages.derived(event, event.refers_to), _confirmed(event)):
            back = messages.outcome(target, pb.OUTCOME_STATE_RETRACTED, TAKEN_BACK)
            standing = await self._ledger.settle_unclaimed(target, back)
            if isinstance(standing, ClaimLost) or standing == "away":
                return

    def _told(self, event: pb.ActionEvent, standing: pb.ActionOutcome | None | str) -> ActionResult:
        if standing == "away":
            result = no_effect(event, pb.OUTCOME_STATE_UNAVAILABLE, NO_LEDGER)
        elif not isinstance(standing, pb.ActionOutcome):
            result = no_effect(event, pb.OUTCOME_STATE_FAILED, "it is under way: it can be undone")
        elif standing.state in messages.WITHOUT_EFFECT:
            result = ActionResult(messages.outcome(event, pb.OUTCOME_STATE_RETRACTED, standing.reason))
        else:
            result = no_effect(event, pb.OUTCOME_STATE_FAILED, DONE_ALREADY)
        result.outcome.refers_to = event.refers_to
        return result


def _confirmed(event: pb.ActionEvent) -> pb.ActionEvent:
    return messages.derived(event, confirmed_id(event.refers_to))
