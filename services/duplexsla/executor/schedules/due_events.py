"""A schedule's moments, versions and events. Pure: the time is an argument.

A schedule is a session of its own, whose fence is its version: moving it, cancelling it, and each moment of
one that recurs, makes the next version, and what belongs to a version before is fenced. The event of a moment
follows from the schedule alone, so that two executors make the same one.
"""

import hashlib

from duplexsla.executor.ledger.notes import home_of
from duplexsla.executor.planning.said_clock import Recurring
from duplexsla.executor.planning.said_duration import YEAR_S
from duplexsla.executor.planning.said_time import next_due
from duplexsla.protocol.actions import due_id
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan, Recurrence
from duplexsla.v1.schedule_pb2 import Schedule

MAX_OF_HOME = 64
GRACE_MS = {"read": 600_000, "comfort": 600_000, "mess": 60_000, "entry": 30_000}
LEAST_GRACE_MS = 30_000  # of a risk that nobody knows
KEPT_CANCELLED_MS = 900_000  # at least so long nobody takes a cancelled one for one that was lost
PAST = "that time is over"
TOO_FAR = "that is more than a year away"
TOO_MANY = f"{MAX_OF_HOME} things are to happen later already"


def refusal(due_ms: int, said_ms: int, of_home: int) -> str:
    """Why nothing may be scheduled for that moment beside `of_home` others; "" if it may."""
    if due_ms <= said_ms:
        return PAST
    if due_ms > said_ms + YEAR_S * 1_000:
        return TOO_FAR
    return TOO_MANY if of_home >= MAX_OF_HOME else ""


def schedule_of(event: pb.ActionEvent, plan: ActionPlan) -> Schedule:
    """Version 1 of what an event comes to; a yes gives it as confirmed."""
    schedule = Schedule(
        id=event.action.id,
        event=event,
        plan=plan,
        due_at_ms=plan.due_at_ms,
        version=1,
        confirmed=event.intent == pb.INTENT_YES,
    )
    schedule.event.ClearField("code_proof")
    return schedule


def session_of(schedule: Schedule) -> int:
    """Its own, 64 bits: of tenant, home and id."""
    parts = (schedule.event.tenant, schedule.event.home, schedule.id)
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8)
    return int.from_bytes(digest.digest())


def grace_ms(plan: ActionPlan) -> int:
    """How late it may still be done."""
    return GRACE_MS.get(plan.risk, LEAST_GRACE_MS)


def due_event(schedule: Schedule) -> pb.ActionEvent:
    """`A@<due ms>`: the same for everybody who has this version."""
    asked, plan, due_ms = schedule.event, schedule.plan, schedule.due_at_ms
    return pb.ActionEvent(
        action=pb.Action(
            id=due_id(schedule.id, due_ms), function=plan.function, arguments_json=plan.arguments_json
        ),
        session_id=session_of(schedule),
        tenant=asked.tenant,
        home=asked.home,
        room=asked.room,
        satellite=asked.satellite,
        toolset=plan.toolset,
        fence=schedule.version,
        emitted_at_ms=due_ms,
        expires_at_ms=due_ms + grace_ms(plan),
        delivery=pb.DELIVERY_AT_MOST_ONCE if plan.at_most_once else pb.DELIVERY_IDEMPOTENT,
        intent=pb.INTENT_DO,
        refers_to=schedule.id,
        origin=pb.ORIGIN_SCHEDULE,
    )


def due_plan(schedule: Schedule) -> ActionPlan:
    """What is to be done at its moment."""
    plan = ActionPlan()
    plan.CopyFrom(schedule.plan)
    plan.ClearField("due_at_ms")
    plan.ClearField("recurrence")
    return plan


def is_of(event: pb.ActionEvent, schedule: Schedule) -> bool:
    """Whether it is the event of this version's moment."""
    return (
        not schedule.cancelled_by
        and event.fence == schedule.version
        and event.action.id == due_id(schedule.id, schedule.due_at_ms)
    )


def after(schedule: Schedule) -> Schedule | None:
    """The version of its next moment; None for what happens once.

    Each moment has its turn: those that nobody was there for are told as expired, one by one.
    """
    if not schedule.plan.HasField("recurrence"):
        return None
    due_ms = next_due(recurring_of(schedule.plan.recurrence), schedule.due_at_ms, schedule.plan.time_zone)
    if due_ms is None:
        return None
    following = _next_version(schedule)
    following.due_at_ms = due_ms
    return following


def cancelled(schedule: Schedule, by: str) -> Schedule:
    """Its last version, by the action of that id."""
    last = _next_version(schedule)
    last.cancelled_by = by
    return last


def moved(schedule: Schedule, due_ms: int) -> Schedule:
    """The version that happens then; one that recurs goes on from there."""
    following = _next_version(schedule)
    following.due_at_ms = following.plan.due_at_ms = due_ms
    return following


def turn_ms(schedule: Schedule, now_ms: int) -> int:
    """When something is to be done about it: its moment, or the end of one that was cancelled."""
    if not schedule.cancelled_by:
        return schedule.due_at_ms
    return max(schedule.due_at_ms + grace_ms(schedule.plan), now_ms + KEPT_CANCELLED_MS)


def home_key_of(schedule: Schedule) -> str:
    return home_of(schedule.event)


def recurring_of(recurrence: Recurrence) -> Recurring:
    return Recurring(frozenset(recurrence.weekdays), recurrence.hour, recurrence.minute)


def recurrence_of(recurring: Recurring) -> Recurrence:
    return Recurrence(weekdays=sorted(recurring.weekdays), hour=recurring.hour, minute=recurring.minute)


def _next_version(schedule: Schedule) -> Schedule:
    following = Schedule()
    following.CopyFrom(schedule)
    following.version += 1
    return following
