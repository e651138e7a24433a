"""What the gates ask of a plan, how surely things were found and which, and of an event: who is at home."""

from duplexsla.executor.planning.plans import HomePlan
from duplexsla.executor.planning.resolver import Ambiguous, NotFound
from duplexsla.gates.decision import ResolverAnswer
from duplexsla.gates.policy import Presence
from duplexsla.gates.things import MeantThing
from duplexsla.v1 import action_pb2
from duplexsla.v1 import home_pb2 as pb

_PREFIX = "ENTITY_CLASS_"
_SAID_EARLIER = (action_pb2.ORIGIN_SCHEDULE, action_pb2.ORIGIN_API)


def resolver_answer(result: HomePlan | Ambiguous | NotFound) -> ResolverAnswer:
    if isinstance(result, NotFound):
        return ResolverAnswer.NONE
    if isinstance(result, Ambiguous):
        return ResolverAnswer.SEVERAL
    return ResolverAnswer.ONE if result.exact else ResolverAnswer.FUZZY


def meant_things(plan: HomePlan) -> tuple[MeantThing, ...]:
    """One per command; the room is the area's id."""
    return tuple(
        MeantThing(
            each.entity.id,
            pb.EntityClass.Name(each.entity.entity_class).removeprefix(_PREFIX).lower(),
            each.entity.area,
            each.risk,
        )
        for each in plan.commands
    )


def presence(event: action_pb2.ActionEvent) -> Presence:
    """Whoever speaks in a room or to a satellite is at home; of a program or a schedule nobody knows."""
    speaks_at_home = bool(event.room or event.satellite) and event.origin not in _SAID_EARLIER
    return Presence.SOMEBODY if speaks_at_home else Presence.UNKNOWN
