"""The calls about what is to happen later, and which of a home's schedules they mean. Changes nothing."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from duplexsla.executor import messages
from duplexsla.executor.home_plans import Meant, things_of
from duplexsla.executor.ledger.notes import home_of
from duplexsla.executor.schedules import what_was_said
from duplexsla.executor.schedules.scheduler import GONE, NOTHING_LATER, Scheduler
from duplexsla.gates.decision import ResolverAnswer
from duplexsla.protocol.actions import arguments_json
from duplexsla.tools import NEWEST
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan
from duplexsla.v1.schedule_pb2 import Schedule

FUNCTIONS = ("cancel_later", "query_later")


class LaterCalls:
    def __init__(self, scheduler: Scheduler, *, now_ms: Callable[[], int]) -> None:
        self._scheduler, self._now_ms = scheduler, now_ms

    def meant(self, event: pb.ActionEvent, arguments: Mapping[str, Any]) -> Meant | pb.ActionOutcome:
        """Arguments are valid for the event's function, which is one of FUNCTIONS."""
        if event.action.function == "query_later":
            return self._listed(event)
        return self._to_cancel(event, arguments)

    def named(self, event: pb.ActionEvent) -> Meant | pb.ActionOutcome:
        """What a program cancels or moves, by its id. To move something has the risk of what it does."""
        held = self._scheduler.find(home_of(event), event.refers_to)
        if event.origin != pb.ORIGIN_API:
            return messages.outcome(event, pb.OUTCOME_STATE_REFUSED, "nobody but a program has the ids")
        if held is None:
            return messages.outcome(event, pb.OUTCOME_STATE_FAILED, GONE)
        schedule, plan = held.schedule, _plan("home", "cancel_later", {"id": event.refers_to})
        names = (what_was_said.told(schedule, self._now_ms()),)
        if event.intent == pb.INTENT_CANCEL:
            plan.cancels.append(schedule.id)
            return Meant(plan, names=names)
        plan.moves, plan.due_at_ms = schedule.id, event.due_at_ms
        zone = schedule.plan.time_zone
        return Meant(
            plan, things=things_of(schedule.plan), names=names, time_zone=zone, confirmed=schedule.confirmed
        )

    def _listed(self, event: pb.ActionEvent) -> pb.ActionOutcome:
        """The soonest first; the model's line has room for the first ones, a program is given the ids."""
        schedules = self._scheduler.of_home(home_of(event))
        told = [what_was_said.told(each, self._now_ms()) for each in schedules]
        later: list[Any] = list(told)
        if event.origin == pb.ORIGIN_API:
            later = [_row(each, words) for each, words in zip(schedules, told, strict=True)]
        outcome = messages.outcome(event, pb.OUTCOME_STATE_DONE)
        outcome.result_json = json.dumps({"value": told[0] if told else "nothing", "later": later})
        return outcome

    def _to_cancel(self, event: pb.ActionEvent, arguments: Mapping[str, Any]) -> Meant | pb.ActionOutcome:
        what = str(arguments.get("what", ""))
        schedules = self._scheduler.of_home(home_of(event))
        if not schedules:
            return messages.outcome(event, pb.OUTCOME_STATE_FAILED, NOTHING_LATER)
        meant = what_was_said.meant(what, schedules)
        plan = _plan(event.toolset, event.action.function, arguments)
        plan.cancels.extend(each.id for each in meant)
        names = tuple(what_was_said.told(each, self._now_ms()) for each in meant)
        if not meant:
            return Meant(plan, ResolverAnswer.NONE, names=(what,), arguments=arguments)
        several = len(meant) > 1 and not what_was_said.means_all(what)
        answer = ResolverAnswer.SEVERAL if several else ResolverAnswer.ONE
        return Meant(plan, answer, names=names, arguments=arguments)


def _plan(toolset: str, function: str, arguments: Mapping[str, Any]) -> ActionPlan:
    return ActionPlan(
        toolset=toolset,
        function=function,
        arguments_json=arguments_json(arguments),
        risk=NEWEST[toolset].function(function).risk,
    )


def _row(schedule: Schedule, words: str) -> dict[str, Any]:
    return {
        "id": schedule.id,
        "what": words,
        "due_at_ms": schedule.due_at_ms,
        "recurs": schedule.plan.HasField("recurrence"),
        "risk": schedule.plan.risk,
        "confirmed": schedule.confirmed,
    }
