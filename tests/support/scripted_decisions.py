"""Decisions that a test has made, and an executor's dispatch with everything that it meets in memory."""

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.support.action_events import NOW_MS, Clock, ScriptedDevice, event
from tests.support.memory_broker import MemoryLog, MemorySink
from tests.support.memory_ledger import MemoryLedger

from duplexsla.enum_names import enum_name
from duplexsla.executor import messages
from duplexsla.executor.assembly import assembled
from duplexsla.executor.calls import ActionResult
from duplexsla.executor.crash_points import PassPoint, never
from duplexsla.protocol.actions import arguments_json
from duplexsla.protocol.topics import ACTIONS_TOPIC, SCHEDULES_TOPIC
from duplexsla.telemetry import setup
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.home_pb2 import COMMAND_TURN_ON, EntityCommand
from duplexsla.v1.plan_pb2 import ActionPlan, PlannedEffect
from duplexsla.v1.schedule_pb2 import Schedule

QUESTION_MS = 15_000
LATER, LATER_MS = 2, 3_000


def plan_for(*entities: str, at_most_once: bool = False) -> ActionPlan:
    """To turn these on."""
    effects = [
        PlannedEffect(
            command=EntityCommand(entity=entity, command=COMMAND_TURN_ON),
            name=entity.replace("/", " "),
            part=entity,
        )
        for entity in entities
    ]
    return ActionPlan(
        toolset="home",
        function="open_home_device",
        arguments_json='{"device":"light"}',
        at_most_once=at_most_once,
        effects=effects,
    )


def question(asked: pb.ActionEvent, plan: ActionPlan) -> pb.ActionOutcome:
    outcome = messages.outcome(asked, pb.OUTCOME_STATE_CONFIRM, "a rule wants a yes")
    outcome.plan.CopyFrom(plan)
    outcome.due_at_ms = asked.emitted_at_ms + QUESTION_MS
    return outcome


def answer(intent: pb.Intent, about: pb.ActionEvent, number: int = 900, **changes: Any) -> pb.ActionEvent:
    """A yes, a no or a retraction of the same session."""
    fields: dict[str, Any] = {
        "action": pb.Action(id=f"{about.session_id:016x}-{number}-0"),
        "intent": intent,
        "refers_to": about.action.id,
        "session_id": about.session_id,
    }
    return event(**(fields | changes))


class EveryCall:
    """Every valid call is to be done, by a device that knows functions."""

    async def decide(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any]
    ) -> ActionPlan | pb.ActionOutcome:
        return ActionPlan(
            toolset=event.toolset,
            function=event.action.function,
            arguments_json=arguments_json(arguments),
            at_most_once=event.delivery != pb.DELIVERY_IDEMPOTENT,
        )

    async def decide_again(self, event: pb.ActionEvent, plan: ActionPlan) -> pb.ActionOutcome | None:
        return None

    async def decide_due(self, event: pb.ActionEvent, schedule: Schedule) -> pb.ActionOutcome | None:
        return None


class ByNumber(EveryCall):
    """By the number in an action's id: every fifth is asked about or for three devices, and every
    tenth is for later.
    """

    async def decide(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any]
    ) -> ActionPlan | pb.ActionOutcome:
        once = event.delivery != pb.DELIVERY_IDEMPOTENT
        number = int(event.action.id.split("-")[1])
        if asks(number):
            return question(event, plan_for("door/front", at_most_once=once))
        if number % 10 == LATER:
            plan = plan_for("hall/light", at_most_once=once)
            plan.due_at_ms = event.emitted_at_ms + LATER_MS
            return plan
        if number % 5 == 4:
            return plan_for("kitchen/light", "attic/light", "office/light", at_most_once=once)
        return await super().decide(event, arguments)


def asks(number: int) -> bool:
    return number % 5 == 3


class ScriptedDecisions:
    """Each action comes to its plan, or to a question about it; `refusal`: of what a yes was said to."""

    def __init__(self, plan: ActionPlan, *, ask: bool = False) -> None:
        self.plan, self.ask = plan, ask
        self.refusal: pb.OutcomeState | None = None
        self.decided: list[str] = []

    async def decide(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any]
    ) -> ActionPlan | pb.ActionOutcome:
        await asyncio.sleep(0)
        self.decided.append(event.action.id)
        return question(event, self.plan) if self.ask else self.plan

    async def decide_again(self, event: pb.ActionEvent, plan: ActionPlan) -> pb.ActionOutcome | None:
        await asyncio.sleep(0)
        self.decided.append(event.action.id)
        return None if self.refusal is None else messages.outcome(event, self.refusal, "today's policy")

    async def decide_due(self, event: pb.ActionEvent, schedule: Schedule) -> pb.ActionOutcome | None:
        return await self.decide_again(event, schedule.plan)


class Site:
    """One executor's dispatch; a second one over the same ledger and device is its successor."""

    def __init__(
        self,
        decisions: ScriptedDecisions,
        *,
        device: ScriptedDevice | None = None,
        ledger: MemoryLedger | None = None,
        crash_point: PassPoint = never,
    ) -> None:
        self.decisions, self.clock = decisions, Clock()
        self.device, self.ledger = device or ScriptedDevice(), ledger or MemoryLedger()
        self.dispatch = assembled(
            self.ledger,
            self.device,
            setup("test"),
            sink=MemorySink(MemoryLog({ACTIONS_TOPIC: 1, SCHEDULES_TOPIC: 1})),
            decider=decisions,
            now_ms=self.clock,
            sleep=self.clock.sleep,
            crash_point=crash_point,
        ).dispatch

    def successor(self) -> "Site":
        return Site(self.decisions, device=self.device, ledger=self.ledger)

    async def run(self, each: pb.ActionEvent) -> pb.ActionOutcome:
        self.dispatch.read_ahead(each)
        result = await self.dispatch.run(each, "")
        assert isinstance(result, ActionResult)
        return result.outcome

    def states(self, *events: pb.ActionEvent) -> list[str]:
        """Of events that are taken together, one after the other."""

        async def run() -> list[str]:
            for each in events:
                self.dispatch.read_ahead(each)
            return [enum_name(pb.OutcomeState, (await self.run(each)).state) for each in events]

        return asyncio.run(run())

    @property
    def effects(self) -> list[str]:
        """Ids of the calls that reached the device."""
        return [call.event.action.id for call in self.device.calls]


__all__ = ["ByNumber", "asks", "NOW_MS", "ScriptedDecisions", "Site", "answer", "plan_for", "question"]
