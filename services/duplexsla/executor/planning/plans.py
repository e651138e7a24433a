"""What a call comes to in one home: commands on entities, their risk and their time, or why there is none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from duplexsla.executor.planning.entity_risk import risk_of
from duplexsla.executor.planning.home_names import HomeEntity, HomeNames
from duplexsla.executor.planning.property_commands import CannotBeDone, Wish
from duplexsla.executor.planning.resolver import (
    Ambiguous,
    NotFound,
    Resolution,
    Resolved,
    Situation,
    ambiguous,
)
from duplexsla.executor.planning.said_clock import Due, Recurring
from duplexsla.executor.planning.said_time import NotUnderstood
from duplexsla.gates.risk import CAREFUL, highest
from duplexsla.tools import Risk
from duplexsla.tools.home2 import HOME_2
from duplexsla.v1 import home_pb2 as pb


@dataclass(frozen=True)
class PlannedCommand:
    """One command on one entity. `part` tells it from the plan's others: "<entity>", then "<entity>/2"."""

    entity: HomeEntity
    command: pb.Command
    number: float | None = None
    text: str = ""
    risk: Risk = "mess"
    part: str = ""

    def message(self) -> pb.EntityCommand:
        """Without effect id, session, fence and expiry."""
        message = pb.EntityCommand(entity=self.entity.id, command=self.command, text=self.text)
        if self.number is not None:
            message.number = self.number
        return message


@dataclass(frozen=True)
class HomePlan:
    """What is to be done, all of it, at `when` or at once.

    `answer` needs no device (time, date). `message` is to be said in `areas` (ids; empty: all of the home).
    `left_out` are names of what was said, too, and stays as it is: it cannot do this, or it would be a risk.
    """

    commands: tuple[PlannedCommand, ...]
    risk: Risk
    exact: bool = True
    when: Due | Recurring | None = None
    answer: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    areas: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class CannotDo:
    """What is meant is clear, and cannot be done; `reason` is for the speaker."""

    reason: str


PlanResult = HomePlan | Ambiguous | NotFound | NotUnderstood | CannotDo


@dataclass(frozen=True)
class HomeCall:
    """One valid call, and where and when it is said."""

    function: str
    arguments: Mapping[str, Any]
    names: HomeNames
    situation: Situation
    now_ms: int

    def text(self, name: str) -> str:
        return str(self.arguments.get(name, ""))

    @property
    def risk(self) -> Risk:
        return HOME_2.function(self.function).risk


# Commands on one of the entities that are meant; raises CannotBeDone.
WishesOf = Callable[[HomeEntity], Sequence[Wish]]


def plan_of(call: HomeCall, found: Resolution, wishes_of: WishesOf) -> PlanResult:
    """Each wish on each entity that has it. Of several entities none that is a risk."""
    if not isinstance(found, Resolved):
        return found
    commands: list[PlannedCommand] = []
    left_out: list[str] = []
    risky: list[HomeEntity] = []
    reasons: list[str] = []
    for entity in found.entities:
        try:
            wished = _wished(entity, wishes_of)
        except CannotBeDone as refusal:
            reasons.append(str(refusal))
            left_out.append(entity.spoken)
            continue
        if found.several and len(found.entities) > 1 and any(each.risk in CAREFUL for each in wished):
            risky.append(entity)
            left_out.append(entity.spoken)
            continue
        commands += wished
    if not commands:
        return ambiguous(found.entities[0].name, risky, exact=found.exact) if risky else CannotDo(reasons[0])
    return HomePlan(
        told_apart(commands),
        highest((call.risk, *(each.risk for each in commands))),
        found.exact,
        left_out=tuple(left_out),
    )


def one_wish(wish_of: Callable[[HomeEntity], Wish]) -> WishesOf:
    return lambda entity: (wish_of(entity),)


def always(command: pb.Command, number: float | None = None, text: str = "") -> WishesOf:
    return lambda entity: (Wish(command, number, text),)


def first_of(*commands: pb.Command, text: str = "") -> WishesOf:
    """The first of the commands that the entity has."""
    return lambda entity: (
        Wish(next((each for each in commands if each in entity.commands), commands[0]), None, text),
    )


def _wished(entity: HomeEntity, wishes_of: WishesOf) -> list[PlannedCommand]:
    found = []
    for wish in wishes_of(entity):
        if wish.command not in entity.commands:
            verb = pb.Command.Name(wish.command).removeprefix("COMMAND_").lower().replace("_", " ")
            raise CannotBeDone(f"{entity.spoken} cannot {verb}")
        risk = risk_of(entity, wish.command)
        found.append(PlannedCommand(entity, wish.command, wish.number, wish.text, risk))
    return found


def told_apart(commands: Sequence[PlannedCommand]) -> tuple[PlannedCommand, ...]:
    """Each with its part."""
    seen: dict[str, int] = {}
    parts = []
    for each in commands:
        count = seen[each.entity.id] = seen.get(each.entity.id, 0) + 1
        id = each.entity.id if count == 1 else f"{each.entity.id}/{count}"
        parts.append(PlannedCommand(each.entity, each.command, each.number, each.text, each.risk, id))
    return tuple(parts)
