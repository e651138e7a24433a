"""Undo: the newest thing that was done, taken back if its devices are still as it left them.

The undo is an action of its own, with an id of its own, and its effects pass the gates by their own risk:
taking back a lock is an unlock. What it takes back, X, is claimed by `X/undone`: whoever settles that first
has it.
"""

from collections.abc import Callable, Sequence

from duplexsla.executor import messages
from duplexsla.executor.calls import NO_LEDGER, ActionResult, no_effect
from duplexsla.executor.home_plans import Meant, names_of, things_of
from duplexsla.executor.ledger.access import LedgerAccess
from duplexsla.executor.recent_actions import RecentActions
from duplexsla.protocol.actions import undone_id
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionNote, ActionPlan

OWN_MS = 600_000  # how long a session can undo what it did
ROOM_MS = 120_000  # how long anybody in the room can


class Undo:
    def __init__(self, ledger: LedgerAccess, recent: RecentActions, *, now_ms: Callable[[], int]) -> None:
        self._ledger, self._recent, self._now_ms = ledger, recent, now_ms

    async def meant(self, event: pb.ActionEvent, notes: Sequence[ActionNote]) -> Meant | pb.ActionOutcome:
        """The plan that takes back what is meant by "undo" now."""
        for note in self._undoable(event, notes):
            undone = await self._ledger.outcome(messages.derived(event, undone_id(note.action_id)))
            if undone == "away":
                return messages.outcome(event, pb.OUTCOME_STATE_UNAVAILABLE, NO_LEDGER)
            if undone is None or undone.refers_to == event.action.id:
                return await self._back(event, note)
        return messages.outcome(event, pb.OUTCOME_STATE_FAILED, "nothing was done lately")

    def _undoable(self, event: pb.ActionEvent, notes: Sequence[ActionNote]) -> list[ActionNote]:
        """Of this session first, then of the room; the newest first. What undid something is left out."""
        now_ms = self._now_ms()
        done = [note for note in notes if note.done_at_ms and note.plan.effects and not note.plan.undoes]
        own = [
            note
            for note in done
            if note.session_id == event.session_id and now_ms - note.done_at_ms <= OWN_MS
        ]
        of_room = [
            note
            for note in done
            if event.room and note.room == event.room and now_ms - note.done_at_ms <= ROOM_MS
        ]
        return own or of_room

    async def _back(self, event: pb.ActionEvent, note: ActionNote) -> Meant | pb.ActionOutcome:
        if not note.HasField("inverse"):
            return messages.outcome(event, pb.OUTCOME_STATE_FAILED, "that cannot be taken back")
        plan = ActionPlan()
        plan.CopyFrom(note.inverse)
        plan.undoes = note.action_id
        plan.at_most_once = event.delivery != pb.DELIVERY_IDEMPOTENT
        states = await self._recent.states(event, plan)
        moved = {each.command.entity for each in plan.effects}
        for left in (each for each in note.left if each.entity in moved):
            now = states.get(left.entity)
            if now is None or (now.changed_by, now.changed_at_ms) != (left.changed_by, left.changed_at_ms):
                return messages.outcome(event, pb.OUTCOME_STATE_FAILED, "it was changed since")
        return Meant(plan, things=things_of(plan), names=names_of(plan))


async def claim_undone(ledger: LedgerAccess, event: pb.ActionEvent, plan: ActionPlan) -> ActionResult | None:
    """None when the plan takes back nothing, or what is its to take back; else the end of it."""
    if not plan.undoes:
        return None
    owner = event.refers_to or event.action.id  # an undo that was asked about is one, whoever says yes
    target = messages.derived(event, undone_id(plan.undoes))
    claim = messages.outcome(target, pb.OUTCOME_STATE_DONE)
    claim.refers_to = owner
    standing = await ledger.settle_unclaimed(target, claim)
    if standing == "away":
        return no_effect(event, pb.OUTCOME_STATE_UNAVAILABLE, NO_LEDGER)
    if isinstance(standing, pb.ActionOutcome) and standing.refers_to == owner:
        return None
    return no_effect(event, pb.OUTCOME_STATE_FAILED, "it was taken back already")
