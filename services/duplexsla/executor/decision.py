"""What an action comes to: what is meant by it, and whether it may be done. Nothing is changed."""

from collections.abc import Mapping
from typing import Any, Protocol

from duplexsla.executor import messages
from duplexsla.protocol.actions import arguments_json
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan


class Decider(Protocol):
    async def decide(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any]
    ) -> ActionPlan | pb.ActionOutcome:
        """What is to be done, or the outcome of an action that is not to be done. Changes nothing."""

    async def decide_again(self, event: pb.ActionEvent, plan: ActionPlan) -> pb.ActionOutcome | None:
        """Whether what was asked about may be done now that `event` says yes to it: None, or the refusal."""


class Decisions:
    """Every valid call is to be done, by a backend that knows functions."""

    async def decide(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any]
    ) -> ActionPlan | pb.ActionOutcome:
        return ActionPlan(
            toolset=event.toolset,
            function=event.action.function,
            arguments_json=arguments_json(arguments),
            at_most_once=event.delivery != pb.DELIVERY_IDEMPOTENT,
            risk=messages.NEWEST[event.toolset].function(event.action.function).risk,
        )

    async def decide_again(self, event: pb.ActionEvent, plan: ActionPlan) -> pb.ActionOutcome | None:
        return None
