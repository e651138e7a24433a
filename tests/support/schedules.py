"""Schedules for tests."""

from tests.support.action_events import NOW_MS, event
from tests.support.scripted_decisions import plan_for

from duplexsla.executor.planning.said_clock import Recurring
from duplexsla.executor.schedules.due_events import recurrence_of
from duplexsla.v1.schedule_pb2 import Schedule

DUE_MS = NOW_MS + 60_000


def schedule(
    number: int = 0,
    *,
    due_ms: int = DUE_MS,
    version: int = 1,
    risk: str = "comfort",
    tenant: str = "",
    home: str = "demo",
    recurring: Recurring | None = None,
    cancelled_by: str = "",
) -> Schedule:
    """To turn the kitchen's light on; `number` makes its id."""
    asked = event(number, tenant=tenant, home=home)
    plan = plan_for("kitchen/light")
    plan.risk, plan.due_at_ms, plan.time_zone = risk, due_ms, "Europe/Berlin"
    if recurring is not None:
        plan.recurrence.CopyFrom(recurrence_of(recurring))
    return Schedule(
        id=asked.action.id,
        event=asked,
        plan=plan,
        due_at_ms=due_ms,
        version=version,
        cancelled_by=cancelled_by,
    )
