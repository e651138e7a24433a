"""Plans for devices, doors, the alarm, scenes and lists."""

from collections.abc import Callable

from duplexsla.executor.planning.home_names import EVERYTHING
from duplexsla.executor.planning.plans import (
    HomeCall,
    PlanResult,
    always,
    first_of,
    one_wish,
    plan_of,
)
from duplexsla.executor.planning.property_commands import (
    LEVEL_NAMES,
    OFF,
    ON,
    SWITCHES,
    Wish,
    set_to,
    stepped,
    switched,
)
from duplexsla.executor.planning.resolver import NotFound, Resolution, Resolved, SaidTarget, resolve
from duplexsla.executor.planning.spoken_words import singular, words_of
from duplexsla.v1 import home_pb2 as pb

Wanted = tuple[frozenset[pb.Command], ...]


def _each(*commands: pb.Command) -> Wanted:
    return tuple(frozenset({command}) for command in commands)


_TO_TURN_ON = _each(
    pb.COMMAND_TURN_ON, pb.COMMAND_OPEN, pb.COMMAND_START, pb.COMMAND_UNLOCK, pb.COMMAND_ACTIVATE
)
_TO_TURN_OFF = _each(pb.COMMAND_TURN_OFF, pb.COMMAND_CLOSE, pb.COMMAND_DOCK, pb.COMMAND_LOCK)
_TO_SET: dict[str, Wanted] = {
    **dict.fromkeys(LEVEL_NAMES, _each(pb.COMMAND_SET_LEVEL)),
    "temperature": _each(pb.COMMAND_SET_TEMPERATURE, pb.COMMAND_SET_COLOR_TEMPERATURE),
    "color": _each(pb.COMMAND_SET_COLOR, pb.COMMAND_SET_COLOR_TEMPERATURE),
    "color temperature": _each(pb.COMMAND_SET_COLOR_TEMPERATURE, pb.COMMAND_SET_COLOR),
    "mode": _each(pb.COMMAND_SET_MODE, pb.COMMAND_ARM),
    "fan mode": _each(pb.COMMAND_SET_MODE),
    **dict.fromkeys(SWITCHES, (frozenset({*ON, *OFF}),)),
}
# A question is about what can be operated before it is about a lock or a sensor of the same name.
_ASKED: Wanted = (
    frozenset({pb.COMMAND_TURN_ON, pb.COMMAND_OPEN, pb.COMMAND_SET_TEMPERATURE}),
    frozenset({pb.COMMAND_QUERY}),
)
_ASKED_LOCK = _each(pb.COMMAND_LOCK, pb.COMMAND_QUERY)
_RESTING = (pb.COMMAND_STOP, pb.COMMAND_PAUSE, pb.COMMAND_TURN_OFF)


def target(call: HomeCall, name: str, wanted: Wanted = (), *classes: pb.EntityClass) -> SaidTarget:
    """What a call says of the things it is about."""
    return SaidTarget(
        call.text(name),
        call.text("room"),
        call.text("floor"),
        call.text("scope"),
        call.text("except"),
        wanted,
        frozenset(classes),
    )


def _device(call: HomeCall, wanted: Wanted = ()) -> Resolution:
    return resolve(target(call, "device", wanted), call.names, call.situation)


def _open(call: HomeCall) -> PlanResult:
    return _switch(call, on=True)


def _close(call: HomeCall) -> PlanResult:
    return _switch(call, on=False)


def _switch(call: HomeCall, *, on: bool) -> PlanResult:
    """Everything is turned on or off, and nothing of it opened or closed."""
    found = _device(call, _TO_TURN_ON if on else _TO_TURN_OFF)
    if singular(words_of(call.text("device"))) in EVERYTHING:
        return plan_of(call, found, always(pb.COMMAND_TURN_ON if on else pb.COMMAND_TURN_OFF))
    return plan_of(call, found, one_wish(lambda entity: switched(entity, on=on)))


def _set(call: HomeCall) -> PlanResult:
    name, value, unit = call.text("property"), call.arguments["value"], call.text("unit")
    found = _device(call, _TO_SET.get(name, ()))
    return plan_of(
        call,
        found,
        one_wish(lambda entity: set_to(entity, name, value, unit, fahrenheit=call.names.fahrenheit)),
    )


def _increase(call: HomeCall) -> PlanResult:
    return _step(call, up=True)


def _decrease(call: HomeCall) -> PlanResult:
    return _step(call, up=False)


def _step(call: HomeCall, *, up: bool) -> PlanResult:
    name, value, unit = call.text("property"), call.arguments.get("value"), call.text("unit")
    command = pb.COMMAND_STEP_TEMPERATURE if name == "temperature" else pb.COMMAND_STEP_LEVEL
    return plan_of(
        call,
        _device(call, _each(command)),
        one_wish(lambda entity: stepped(entity, name, value, unit, up, fahrenheit=call.names.fahrenheit)),
    )


def _query(call: HomeCall) -> PlanResult:
    name = call.text("property")
    found = _device(call, _ASKED_LOCK if name == "lock" else _ASKED)
    return plan_of(call, found, always(pb.COMMAND_QUERY, text=name))


def _start(call: HomeCall) -> PlanResult:
    found = _device(call, _each(pb.COMMAND_START, pb.COMMAND_TURN_ON))
    return plan_of(call, found, first_of(pb.COMMAND_START, pb.COMMAND_TURN_ON))


def _stop(call: HomeCall) -> PlanResult:
    return plan_of(call, _device(call, _each(*_RESTING)), first_of(*_RESTING))


def _dock(call: HomeCall) -> PlanResult:
    return plan_of(call, _device(call, _each(pb.COMMAND_DOCK)), always(pb.COMMAND_DOCK))


def _lock(call: HomeCall) -> PlanResult:
    found = resolve(target(call, "door", _each(pb.COMMAND_LOCK)), call.names, call.situation)
    return plan_of(call, found, always(pb.COMMAND_LOCK))


def _unlock(call: HomeCall) -> PlanResult:
    found = resolve(target(call, "door", _each(pb.COMMAND_UNLOCK)), call.names, call.situation)
    return plan_of(call, found, always(pb.COMMAND_UNLOCK))


def _arm(call: HomeCall) -> PlanResult:
    return plan_of(call, _alarm(call), always(pb.COMMAND_ARM, text=call.text("mode")))


def _disarm(call: HomeCall) -> PlanResult:
    return plan_of(call, _alarm(call), always(pb.COMMAND_DISARM))


def _alarm(call: HomeCall) -> Resolution:
    said = SaidTarget("alarm", classes=frozenset({pb.ENTITY_CLASS_ALARM}))
    return resolve(said, call.names, call.situation)


def _scene(call: HomeCall) -> PlanResult:
    """ "Movie", "movie scene", "movie mode"."""
    words = words_of(call.text("scene"))
    names = [" ".join(words)]
    if len(words) > 1 and words[-1] in ("scene", "mode"):
        names.append(" ".join(words[:-1]))
    found = _first_named(call, names, pb.ENTITY_CLASS_SCENE)
    return plan_of(call, found, always(pb.COMMAND_ACTIVATE))


def _list(call: HomeCall) -> Resolution:
    """ "Shopping" is the shopping list."""
    words = words_of(call.text("list"))
    name = " ".join(words)
    names = [name] if words[-1:] == ("list",) else [f"{name} list", name]
    return _first_named(call, names, pb.ENTITY_CLASS_LIST)


def _first_named(call: HomeCall, names: list[str], kind: pb.EntityClass) -> Resolution:
    """By the first of the names that is one exactly, else nearly; it is nowhere, so no room counts."""
    found = [resolve(SaidTarget(name, classes=frozenset({kind})), call.names) for name in names]
    exact = (each for each in found if isinstance(each, Resolved) and each.exact)
    return next(exact, None) or next(
        (each for each in found if not isinstance(each, NotFound)), NotFound(names[0])
    )


def _items(command: pb.Command) -> Callable[[HomeCall], PlanResult]:
    def planned(call: HomeCall) -> PlanResult:
        items = filter(None, (call.text(name) for name in ("item", "second_item", "third_item")))
        wishes = [Wish(command, text=item) for item in dict.fromkeys(items)]
        return plan_of(call, _list(call), lambda entity: wishes)

    return planned


def _query_list(call: HomeCall) -> PlanResult:
    return plan_of(call, _list(call), always(pb.COMMAND_QUERY, text="items"))


PLANNERS: dict[str, Callable[[HomeCall], PlanResult]] = {
    "open_home_device": _open,
    "close_home_device": _close,
    "set_home_device": _set,
    "increase_home_device": _increase,
    "decrease_home_device": _decrease,
    "query_home_device": _query,
    "start_home_device": _start,
    "stop_home_device": _stop,
    "dock_home_device": _dock,
    "lock_home_door": _lock,
    "unlock_home_door": _unlock,
    "arm_home_alarm": _arm,
    "disarm_home_alarm": _disarm,
    "run_home_scene": _scene,
    "add_list_item": _items(pb.COMMAND_ADD_ITEM),
    "remove_list_item": _items(pb.COMMAND_REMOVE_ITEM),
    "complete_list_item": _items(pb.COMMAND_COMPLETE_ITEM),
    "query_list": _query_list,
}
