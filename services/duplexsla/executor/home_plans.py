"""From a call to what is meant: a plan of effects with what the gates judge it by, or why there is none."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from duplexsla.errors import DeviceRefused, DeviceUnavailable
from duplexsla.executor import messages
from duplexsla.executor.backends.device import Device
from duplexsla.executor.ledger.notes import home_of
from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.executor.planning.planning import plan as planned
from duplexsla.executor.planning.plans import CannotDo, HomePlan, PlannedCommand, PlanResult
from duplexsla.executor.planning.resolver import Ambiguous, NotFound, Situation
from duplexsla.executor.planning.said_clock import Due, Recurring
from duplexsla.executor.planning.said_time import NotUnderstood, next_due
from duplexsla.executor.registries import Registries
from duplexsla.executor.schedules.due_events import recurrence_of
from duplexsla.gates.decision import ResolverAnswer
from duplexsla.gates.policy import Driving
from duplexsla.gates.things import MeantThing, car_things
from duplexsla.protocol.actions import arguments_json
from duplexsla.tools import NEWEST, Risk
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.home_pb2 import EntityClass, EntityState
from duplexsla.v1.plan_pb2 import ActionNote, ActionPlan, PlannedEffect

STATES_S = 1.0
RESOLVE_IN_THREAD = 1_000  # entities; a fuzzy search among more would hold others up
LIVE_STATE = ("timer", "home_media", "home_track")  # functions that are about what runs or plays now
MAX_RECENT = 8
VEHICLE = "vehicle"


@dataclass(frozen=True)
class Meant:
    """`names`: what it is about, or which could be meant, for people; `confirmed`: by a yes of before."""

    plan: ActionPlan
    answer: ResolverAnswer = ResolverAnswer.ONE
    things: tuple[MeantThing, ...] = ()
    names: tuple[str, ...] = ()
    time_zone: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    confirmed: bool = False


class HomePlans:
    def __init__(self, registries: Registries, device: Device) -> None:
        self._registries, self._device = registries, device

    async def meant(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any], notes: Sequence[ActionNote]
    ) -> Meant | pb.ActionOutcome:
        """`arguments` are valid for the event's function, `notes` are those of the home."""
        if event.toolset != "home":
            things = car_things(event.action.function, arguments)
            names = tuple(thing.entity for thing in things)
            return Meant(_plan(event, arguments), things=things, names=names, arguments=arguments)
        try:
            names_of_home, result = await self._planned(event, arguments, notes)
        except DeviceRefused as refusal:
            return messages.outcome(event, pb.OUTCOME_STATE_FAILED, str(refusal))
        except DeviceUnavailable as error:
            return messages.outcome(event, pb.OUTCOME_STATE_UNAVAILABLE, str(error))
        return _meant(event, arguments, result, names_of_home)

    async def _planned(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any], notes: Sequence[ActionNote]
    ) -> tuple[HomeNames, PlanResult]:
        """What is not found is looked for in the newest registry, too."""
        names = await self._registries.names(home_of(event), until_ms=event.expires_at_ms)
        situation = await self._situation(event, notes)
        result = await _resolved(event, arguments, names, situation)
        if not isinstance(result, NotFound):
            return names, result
        newer = await self._registries.names(home_of(event), until_ms=event.expires_at_ms, newer=True)
        if newer.version == names.version:
            return names, result
        return newer, await _resolved(event, arguments, newer, situation)

    async def _situation(self, event: pb.ActionEvent, notes: Sequence[ActionNote]) -> Situation:
        recent = [
            effect.command.entity
            for note in notes
            if note.session_id == event.session_id
            for effect in note.plan.effects
        ]
        playing, timers = await self._live(event)
        return Situation(event.room, list(dict.fromkeys(recent))[:MAX_RECENT], playing, timers)

    async def driving(self, event: pb.ActionEvent, toolset: str) -> Driving:
        """What the car says of itself, as the property `driving` of the entity VEHICLE."""
        if toolset != "car":
            return Driving.UNKNOWN
        try:
            states = await self._device.states(home_of(event), (VEHICLE,), timeout_s=STATES_S)
        except (DeviceRefused, DeviceUnavailable):
            return Driving.UNKNOWN
        said = {state.entity: _properties(state).get("driving") for state in states}.get(VEHICLE)
        if not isinstance(said, bool):
            return Driving.UNKNOWN
        return Driving.YES if said else Driving.NO

    async def _live(self, event: pb.ActionEvent) -> tuple[list[str], list[str]]:
        """Players that play and timers that live, where the call is about such; unknown ones are none."""
        if not any(part in event.action.function for part in LIVE_STATE):
            return [], []
        try:
            states = await self._device.states(home_of(event), timeout_s=STATES_S)
        except (DeviceRefused, DeviceUnavailable):
            return [], []
        properties = {state.entity: _properties(state) for state in states}
        playing = [entity for entity, each in properties.items() if each.get("playback") == "playing"]
        timers = [
            str(timer.get("name", ""))
            for each in properties.values()
            for timer in each.get("timers", ())
            if isinstance(timer, dict)
        ]
        return playing, timers


def things_of(plan: ActionPlan) -> tuple[MeantThing, ...]:
    """What a plan would move, as gates see it."""
    if plan.toolset != "home":
        return car_things(plan.function, json.loads(plan.arguments_json or "{}"))
    return tuple(
        MeantThing(each.command.entity, each.entity_class, each.area, _risk(each.risk))
        for each in plan.effects
    )


def effect_of(command: PlannedCommand) -> PlannedEffect:
    entity = command.entity
    return PlannedEffect(
        command=command.message(),
        name=entity.spoken,
        part=command.part,
        entity_class=EntityClass.Name(entity.entity_class).removeprefix("ENTITY_CLASS_").lower(),
        area=entity.area,
        risk=command.risk,
    )


def names_of(plan: ActionPlan) -> tuple[str, ...]:
    """Each device once."""
    return tuple(dict.fromkeys(each.name for each in plan.effects))


async def _resolved(
    event: pb.ActionEvent, arguments: Mapping[str, Any], names: HomeNames, situation: Situation
) -> PlanResult:
    call = (event.action.function, arguments, names, situation, event.emitted_at_ms)
    if len(names.entities) > RESOLVE_IN_THREAD:
        return await asyncio.to_thread(planned, *call)
    return planned(*call)


def _meant(
    event: pb.ActionEvent, arguments: Mapping[str, Any], result: PlanResult, names: HomeNames
) -> Meant | pb.ActionOutcome:
    plan = _plan(event, arguments)
    match result:
        case NotFound():
            return Meant(plan, ResolverAnswer.NONE, names=(result.word,), arguments=arguments)
        case Ambiguous():
            candidates = tuple(each.spoken for each in result.candidates)
            return Meant(plan, ResolverAnswer.SEVERAL, names=candidates, arguments=arguments)
        case NotUnderstood():
            return messages.outcome(event, pb.OUTCOME_STATE_REFUSED, "the time is not understood")
        case CannotDo():
            return messages.outcome(event, pb.OUTCOME_STATE_FAILED, result.reason)
    return _of_plan(event, plan, result, arguments, names)


def _of_plan(
    event: pb.ActionEvent,
    plan: ActionPlan,
    found: HomePlan,
    arguments: Mapping[str, Any],
    names: HomeNames,
) -> Meant:
    plan.effects.extend(map(effect_of, found.commands))
    plan.risk = found.risk
    if found.answer:
        plan.answer_json = arguments_json(found.answer)
    plan.message, plan.time_zone = found.message, names.time_zone
    plan.areas.extend(found.areas)
    _plan_time(plan, found.when, event)
    return Meant(
        plan,
        ResolverAnswer.ONE if found.exact else ResolverAnswer.FUZZY,
        things_of(plan),
        names_of(plan),
        names.time_zone,
        arguments,
    )


def _plan_time(plan: ActionPlan, when: Due | Recurring | None, event: pb.ActionEvent) -> None:
    """Words of a time are of the moment at which they were said."""
    if isinstance(when, Due):
        plan.due_at_ms = when.at_ms
    elif when is not None:
        plan.due_at_ms = next_due(when, event.emitted_at_ms, plan.time_zone) or 0
        plan.recurrence.CopyFrom(recurrence_of(when))


def _plan(event: pb.ActionEvent, arguments: Mapping[str, Any]) -> ActionPlan:
    return ActionPlan(
        toolset=event.toolset,
        function=event.action.function,
        arguments_json=arguments_json(arguments),
        at_most_once=event.delivery != pb.DELIVERY_IDEMPOTENT,
        risk=NEWEST[event.toolset].function(event.action.function).risk,
    )


def _risk(name: str) -> Risk | None:
    """None for one that nobody knows."""
    known: dict[str, Risk] = {"read": "read", "comfort": "comfort", "mess": "mess", "entry": "entry"}
    return known.get(name)


def _properties(state: EntityState) -> dict[str, Any]:
    try:
        found = json.loads(state.state_json or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
