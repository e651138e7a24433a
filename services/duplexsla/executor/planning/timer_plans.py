"""Plans for timers, reminders and alarms that wake.

A timer is a name (the command's text) of an entity of class TIMER: START and STEP_LEVEL take seconds, STOP,
PAUSE, RESUME and QUERY a name, or none for the only one or the latest.
"""

from collections.abc import Callable

from duplexsla.executor.planning.place import Place, place_of
from duplexsla.executor.planning.plans import CannotDo, HomeCall, HomePlan, PlanResult, always, plan_of
from duplexsla.executor.planning.property_commands import Wish
from duplexsla.executor.planning.resolver import NotFound, Resolution, SaidTarget, Situation, resolve
from duplexsla.v1 import home_pb2 as pb

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600}
SPOKEN = ("set_reminder", "set_wake_alarm")  # whose moment is something that is said
_EVERY = ("all", "every", "both")


def _set(call: HomeCall) -> PlanResult:
    return _lasting(call, pb.COMMAND_START, 1)


def _increase(call: HomeCall) -> PlanResult:
    return _lasting(call, pb.COMMAND_STEP_LEVEL, 1)


def _decrease(call: HomeCall) -> PlanResult:
    return _lasting(call, pb.COMMAND_STEP_LEVEL, -1)


def _lasting(call: HomeCall, command: pb.Command, sign: int) -> PlanResult:
    seconds = call.arguments["value"] * _SECONDS[call.text("unit")]
    if second := call.arguments.get("second_value"):
        if not call.text("second_unit"):
            return CannotDo("the second unit was not said")
        seconds += second * _SECONDS[call.text("second_unit")]
    if seconds <= 0:
        return CannotDo("a timer of no time")
    return plan_of(call, _timers(call), always(command, float(sign * seconds), call.text("name")))


def _cancel(call: HomeCall) -> PlanResult:
    """All of them one by one, as far as they are known."""
    if call.text("scope") not in _EVERY or call.text("name"):
        return _named(pb.COMMAND_STOP)(call)
    if not call.situation.timers:
        return CannotDo("no timer runs")
    wishes = [Wish(pb.COMMAND_STOP, text=name) for name in call.situation.timers]
    return plan_of(call, _timers(call), lambda entity: wishes)


def _named(command: pb.Command) -> Callable[[HomeCall], PlanResult]:
    return lambda call: plan_of(call, _timers(call), always(command, text=call.text("name")))


def _timers(call: HomeCall) -> Resolution:
    """The timers of the home, or of the room where each has its own."""
    said = SaidTarget("timer", classes=frozenset({pb.ENTITY_CLASS_TIMER}))
    room = call.text("room") or call.situation.room
    return resolve(said, call.names, Situation(room=room))


def _remind(call: HomeCall) -> PlanResult:
    """In the room that was said, or in the speaker's."""
    place = place_of(call.text("room"), "", call.situation.room, call.names)
    if isinstance(place, str):
        return NotFound(place)
    where = place if place.said else place.own or Place()
    areas = tuple(sorted(where.areas or ()))
    return HomePlan((), call.risk, place.exact, message=call.text("message"), areas=areas)


PLANNERS: dict[str, Callable[[HomeCall], PlanResult]] = {
    "set_timer": _set,
    "cancel_timer": _cancel,
    "increase_timer": _increase,
    "decrease_timer": _decrease,
    "pause_timer": _named(pb.COMMAND_PAUSE),
    "resume_timer": _named(pb.COMMAND_RESUME),
    "query_timer": _named(pb.COMMAND_QUERY),
    "set_reminder": _remind,
    "set_wake_alarm": _remind,
}
