"""The calls about what is to happen later, and which of a home's schedules they mean. Changes nothing."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from duplexsla.executor import messages
from duplexsla.executor.home_plans import Meant
from duplexsla.executor.ledger.notes import home_of
from duplexsla.executor.schedules import what_was_said
from duplexsla.executor.schedules.scheduler import NOTHING_LATER, Scheduler
from duplexsla.gates.decision import ResolverAnswer
from duplexsla.protocol.actions import arguments_json
from duplexsla.tools import NEWEST
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan

FUNCTIONS = ("cancel_later", "query_later")


class LaterCalls:
    def __init__(self, scheduler: Scheduler, *, now_ms: Callable[[], int]) -> None:
        self._scheduler, self._now_ms = scheduler, now_ms

    def meant(self, event: pb.ActionEvent, arguments: Mapping[str, Any]) -> Meant | pb.ActionOutcome:
        """Arguments are valid for the event's function, which is one of FUNCTIONS."""
        if event.action.function == "query_later":
            return self._listed(event)
        return self._to_cancel(event, arguments)

    def _listed(self, event: pb.ActionEvent) -> pb.ActionOutcome:
        """The soonest first; the line of the model has room for the first ones."""
        schedules = self._scheduler.of_home(home_of(event))
        told = [what_was_said.told(each, self._now_ms()) for each in schedules]
        outcome = messages.outcome(event, pb.OUTCOME_STATE_DONE)
        outcome.result_json = json.dumps({"value": told[0] if told else "nothing", "later": told})
        return outcome

    def _to_cancel(self, event: pb.ActionEvent, arguments: Mapping[str, Any]) -> Meant | pb.ActionOutcome:
        what = str(arguments.get("what", ""))
        schedules = self._scheduler.of_home(home_of(event))
        if not schedules:
            return messages.outcome(event, pb.OUTCOME_STATE_FAILED, NOTHING_LATER)
        meant = what_was_said.meant(what, schedules)
        plan = ActionPlan(
            toolset=event.toolset,
            function=event.action.function,
            arguments_json=arguments_json(arguments),
            risk=NEWEST[event.toolset].function(event.action.function).risk,
            cancels=[each.id for each in meant],
        )
        names = tuple(what_was_said.told(each, self._now_ms()) for each in meant)
        if not meant:
            return Meant(plan, ResolverAnswer.NONE, names=(what,), arguments=arguments)
        several = len(meant) > 1 and not what_was_said.means_all(what)
        answer = ResolverAnswer.SEVERAL if several else ResolverAnswer.ONE
        return Meant(plan, answer, names=names, arguments=arguments)
