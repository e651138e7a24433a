"""Writes schedules to their topic and, when their time has come, their events to the topic of actions.

The topic is the truth: a schedule is told as SCHEDULED once its record is there, and its record goes once
what became of its moment is settled. Whoever dies in between leaves the record, and the successor produces
the same event again, which the ledger knows.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

from duplexsla.clock import unix_ms
from duplexsla.errors import BrokerLost
from duplexsla.executor import messages
from duplexsla.executor.broker.ports import BrokerRecord, OutcomeSink
from duplexsla.executor.calls import ActionResult, ClaimedAction, no_effect
from duplexsla.executor.ledger.access import LedgerAccess
from duplexsla.executor.ledger.ledger import ClaimLost
from duplexsla.executor.ledger.notes import home_of
from duplexsla.executor.schedules import due_events, what_was_said
from duplexsla.executor.schedules.held_schedules import HeldSchedule, HeldSchedules
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.protocol.topics import ACTIONS_TOPIC, SCHEDULES_TOPIC, home_key
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan
from duplexsla.v1.schedule_pb2 import Schedule

logger = logging.getLogger(__name__)

TICK_S = 0.2
WRITE_RETRY_S = 0.5
RETRY_MS = 1_000  # a due event that no broker took is produced again
RECENT_MS = 600_000  # what was asked for within it and is in no record was written where we did not read it
GONE = "it was moved or cancelled, or it has happened"
NOTHING_LATER = "nothing is to happen later"


class Scheduler:
    """Used by one event loop. What is cancelled may have been written."""

    def __init__(
        self,
        sink: OutcomeSink,
        ledger: LedgerAccess,
        *,
        now_ms: Callable[[], int] = unix_ms,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        history: HistoryLog = NO_HISTORY,
    ) -> None:
        """`now_ms` is Unix time that no step of a wall clock moves; `sleep` takes seconds."""
        self._sink, self._ledger, self._history = sink, ledger, history
        self._now_ms, self._sleep = now_ms, sleep
        self._held = HeldSchedules()
        self.produced = 0

    @property
    def held(self) -> int:
        """Schedules of the homes that are ours."""
        return len(self._held)

    def load(self, partitions: Collection[int], records: Iterable[BrokerRecord]) -> None:
        """These partitions are ours from now on, and this is all that lies in them."""
        self._held.load(partitions, records, self._now_ms())

    def forget(self, partitions: Collection[int]) -> None:
        self._held.forget(partitions)

    def find(self, home: str, id: str) -> HeldSchedule | None:
        """One that is still to happen."""
        held = self._held.find(home, id)
        return None if held is None or held.schedule.cancelled_by else held

    def of_home(self, home: str) -> list[Schedule]:
        return self._held.of_home(home)

    async def run(self) -> None:
        """Produces what is due, for ever. Cancelling is safe."""
        while True:
            await self.produce_due()
            await self._sleep(TICK_S)

    async def produce_due(self) -> None:
        """The events of all that is due now; what was cancelled and is over goes."""
        for held in self._held.take_turns(self._now_ms()):
            try:
                await self._take_turn(held)
            except BrokerLost as error:
                logger.warning("due_event_not_written schedule=%s error=%s", held.schedule.id, error)
                self._held.again(held, self._now_ms() + RETRY_MS)

    def standing(self, event: pb.ActionEvent) -> Schedule | None:
        """The schedule of which this is the event now."""
        held = self._held.find(home_of(event), event.refers_to)
        return held.schedule if held is not None and due_events.is_of(event, held.schedule) else None

    async def carry_out(self, action: ClaimedAction, plan: ActionPlan) -> ActionResult | ClaimLost:
        """Writes a schedule, moves one, or cancels some: what a plan with a time, or about them, comes to."""
        if plan.cancels:
            return await self._cancel_planned(action, plan)
        if plan.moves:
            return await self._move(action, plan)
        return await self._add(action, plan)

    async def cancel(self, event: pb.ActionEvent, ids: Sequence[str], still_ours: Callable[[], bool]) -> int:
        """How many of them will not happen because of this event."""
        count = 0
        for id in ids:
            held = self._held.find(home_of(event), id)
            if held is None or held.schedule.cancelled_by not in ("", event.action.id):
                continue
            if not held.schedule.cancelled_by:
                last = due_events.cancelled(held.schedule, event.action.id)
                if not await self._write(HeldSchedule(held.partition, last), still_ours):
                    break
            count += 1
        return count

    async def happened(self, event: pb.ActionEvent, still_ours: Callable[[], bool]) -> None:
        """What became of a due event is settled: the next moment, or the end of the schedule."""
        schedule = self.standing(event)
        held = None if schedule is None else self._held.find(home_of(event), event.refers_to)
        if schedule is None or held is None:
            return
        following = due_events.after(schedule)
        if following is not None:
            await self._write(HeldSchedule(held.partition, following), still_ours)
        else:
            await self._delete(held, still_ours)

    async def restore(
        self,
        event: pb.ActionEvent,
        outcome: pb.ActionOutcome,
        partition: int,
        still_ours: Callable[[], bool],
    ) -> None:
        """A schedule that the ledger knows and we do not: written by somebody else after we had read them."""
        recent = event.emitted_at_ms > self._now_ms() - RECENT_MS
        if recent and self._held.find(home_of(event), outcome.action_id) is None and outcome.plan.due_at_ms:
            schedule = due_events.schedule_of(messages.derived(event, outcome.action_id), outcome.plan)
            await self._write(HeldSchedule(partition, schedule), still_ours)

    async def _add(self, action: ClaimedAction, plan: ActionPlan) -> ActionResult | ClaimLost:
        event = action.event
        home, now_ms = home_of(event), self._now_ms()
        if self._held.find(home, event.action.id) is None:  # else somebody died after it was written
            count = len(self._held.of_home(home))
            if count >= due_events.MAX_OF_HOME:
                return no_effect(event, pb.OUTCOME_STATE_REFUSED, due_events.TOO_MANY)
            held = HeldSchedule(action.partition, due_events.schedule_of(event, plan))
            if not await self._write(held, action.still_ours):
                return ClaimLost()
        outcome = messages.outcome(event, pb.OUTCOME_STATE_SCHEDULED)
        outcome.due_at_ms = plan.due_at_ms
        outcome.result_json = json.dumps({"value": what_was_said.when(plan, plan.due_at_ms, now_ms)})
        outcome.plan.CopyFrom(plan)
        return ActionResult(outcome)

    async def _move(self, action: ClaimedAction, plan: ActionPlan) -> ActionResult | ClaimLost:
        """Its due event of before is fenced: it has the old version."""
        held = self.find(home_of(action.event), plan.moves)
        if held is None:
            return no_effect(action.event, pb.OUTCOME_STATE_FAILED, GONE)
        if held.schedule.due_at_ms != plan.due_at_ms:  # else somebody died after it was written
            moved = HeldSchedule(held.partition, due_events.moved(held.schedule, plan.due_at_ms))
            if not await self._write(moved, action.still_ours):
                return ClaimLost()
        outcome = messages.outcome(action.event, pb.OUTCOME_STATE_DONE)
        outcome.due_at_ms, outcome.refers_to = plan.due_at_ms, plan.moves
        outcome.result_json = json.dumps(
            {"value": what_was_said.when(held.schedule.plan, plan.due_at_ms, self._now_ms())}
        )
        return ActionResult(outcome)

    async def _cancel_planned(self, action: ClaimedAction, plan: ActionPlan) -> ActionResult | ClaimLost:
        count = await self.cancel(action.event, plan.cancels, action.still_ours)
        if not action.still_ours():
            return ClaimLost()
        if not count:
            return no_effect(action.event, pb.OUTCOME_STATE_FAILED, GONE)
        return ActionResult(messages.outcome(action.event, pb.OUTCOME_STATE_DONE))

    async def _take_turn(self, held: HeldSchedule) -> None:
        if held.schedule.cancelled_by:
            await self._delete(held, _always)
            return
        event = due_events.due_event(held.schedule)
        key, value = home_key(event.tenant, event.home), event.SerializeToString(deterministic=True)
        self._history.write(
            events.action_published(
                event.action.id,
                session=event.session_id,
                home=event.home,
                fence=event.fence,
                delivery=messages.delivery_name(event),
                expires_at_ms=event.expires_at_ms,
            )
        )
        await self._sink.write(ACTIONS_TOPIC, key, value, {}, partition=held.partition)
        self._history.write(events.action_acknowledged(event.action.id))
        self.produced += 1

    async def _write(self, held: HeldSchedule, still_ours: Callable[[], bool]) -> bool:
        """False when its partition went to somebody else meanwhile, who does it."""
        value = held.schedule.SerializeToString(deterministic=True)
        if not await self._written(held, value, still_ours):
            return False
        self._held.put(held, self._now_ms())
        if held.schedule.version > 1:
            await self._ledger.fence(due_events.session_of(held.schedule), held.schedule.version)
        return True

    async def _delete(self, held: HeldSchedule, still_ours: Callable[[], bool]) -> None:
        if await self._written(held, None, still_ours):
            self._held.remove(due_events.home_key_of(held.schedule), held.schedule.id)

    async def _written(self, held: HeldSchedule, value: bytes | None, still_ours: Callable[[], bool]) -> bool:
        """Goes on until the brokers have it, or it is not ours to write."""
        while still_ours():
            try:
                await self._sink.write(SCHEDULES_TOPIC, held.key, value, {}, partition=held.partition)
                return True
            except BrokerLost as error:
                logger.warning("schedule_not_written retry_s=%g error=%s", WRITE_RETRY_S, error)
                await self._sleep(WRITE_RETRY_S)
        return False


def _always() -> bool:
    return True
