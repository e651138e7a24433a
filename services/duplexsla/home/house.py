"""The fourteen functions of the `home` toolset."""

from typing import Any

from duplexsla.home import timers
from duplexsla.home.appliance import refusing_as
from duplexsla.home.commands import added, locked
from duplexsla.home.devices import KINDS, ROOMS_OF, activated
from duplexsla.home.properties import celsius_step, degrees_of, from_home, to_home
from duplexsla.home.state import Arguments, HomeFunction, Props, State, StateChange, changed

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600}


def located(state: State, device: str, room: str | None) -> str:
    """The room that is meant: the one said, the only one, the one used last, the main one.

    What a home has once (its gate) is meant wherever it is asked for.
    """
    place = ROOMS_OF[device]
    if len(place.rooms) == 1:
        return place.rooms[0]
    if room:
        return room
    used = [(state[f"{each}/{device}"].get("used_ms", 0), each) for each in place.rooms]
    return max(used)[1] if max(used)[0] else place.main


def open_home_device(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _switch(state, arguments, now_ms, on=True)


def close_home_device(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _switch(state, arguments, now_ms, on=False)


def set_home_device(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    device = arguments["device"]
    with refusing_as(device):
        name, moved = KINDS[device].set(arguments["property"], arguments["value"], arguments.get("unit", ""))
    return _moved(state, arguments, name, moved, now_ms)


def increase_home_device(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _step(state, arguments, now_ms, direction=1)


def decrease_home_device(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _step(state, arguments, now_ms, direction=-1)


def query_home_device(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    device = arguments["device"]
    room = located(state, device, arguments.get("room"))
    with refusing_as(device):
        name, value = KINDS[device].query(state[f"{room}/{device}"], arguments["property"])
    return StateChange(_report(device, room, name, value))


def lock_home_door(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    door = arguments["door"]
    return StateChange({"door": door, "lock": "locked"}, locked(state, f"door/{door}").updates)


def unlock_home_door(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    door = arguments["door"]
    return StateChange({"door": door, "lock": "unlocked"}, changed(state, f"door/{door}", lock="unlocked"))


def arm_home_alarm(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    mode = arguments["mode"]
    return StateChange({"alarm": mode}, changed(state, "alarm", mode=mode))


def disarm_home_alarm(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return StateChange({"alarm": "disarmed"}, changed(state, "alarm", mode="disarmed"))


def run_home_scene(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    scene = arguments["scene"]
    updates = activated(state, scene)
    return StateChange({"scene": scene, "changed": len(updates) - 1}, updates)


def set_timer(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    seconds = arguments["value"] * _SECONDS[arguments["unit"]]
    name, change = timers.started(state, arguments.get("name", ""), seconds, now_ms)
    result = {"timer": name, "value": arguments["value"], "unit": arguments["unit"]}
    return StateChange(result, change.updates)


def cancel_timer(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return timers.stopped(state, arguments.get("name", ""), now_ms)


def add_list_item(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    entity = f"list/{arguments['list']}"
    updates = added(state, entity, arguments["item"])
    items = (updates[entity] or {})["items"]
    return StateChange({"list": arguments["list"], "item": arguments["item"], "items": len(items)}, updates)


FUNCTIONS: dict[str, HomeFunction] = {
    effect.__name__: effect
    for effect in (
        open_home_device, close_home_device, set_home_device, increase_home_device, decrease_home_device,
        query_home_device, lock_home_door, unlock_home_door, arm_home_alarm, disarm_home_alarm,
        run_home_scene, set_timer, cancel_timer, add_list_item,
    )
}  # fmt: skip


def in_fahrenheit(effect: HomeFunction) -> HomeFunction:
    """The same function in a home whose degrees are Fahrenheit."""

    def converted(state: State, arguments: Arguments, now_ms: int) -> StateChange:
        if arguments.get("property") != "temperature":
            return effect(state, arguments, now_ms)
        change = effect(state, _in_celsius(state, effect, arguments), now_ms)
        told = {name: _told_degrees(name, value) for name, value in change.result.items()}
        return StateChange(told, change.updates)

    return converted


def _in_celsius(state: State, effect: HomeFunction, arguments: Arguments) -> Arguments:
    """A target, or a step, in degrees; without a value the usual step of the device."""
    device, value = arguments["device"], arguments.get("value")
    scale = KINDS[device].scales.get("temperature")
    asked = effect is query_home_device or isinstance(value, str) or arguments.get("unit") == "percent"
    if asked or scale is None:
        return arguments
    if effect is set_home_device:
        with refusing_as(device):
            degrees_of(KINDS[device], fahrenheit=True).set(value or 0)
        return {**arguments, "value": from_home(value or 0, fahrenheit=True)}
    direction = 1 if effect is increase_home_device else -1
    props = state[f"{located(state, device, arguments.get('room'))}/{device}"]
    degrees = direction * (scale.step if value is None else value)
    step = celsius_step(KINDS[device], props, degrees, fahrenheit=True)
    return {**arguments, "value": direction * step}


def _told_degrees(name: str, value: Any) -> Any:
    return to_home(value, fahrenheit=True) if name in ("value", "before") else value


def _switch(state: State, arguments: Arguments, now_ms: int, *, on: bool) -> StateChange:
    device = arguments["device"]
    room = located(state, device, arguments.get("room"))
    moved = KINDS[device].switched(on=on)
    ended = {} if on else KINDS[device].ended()
    updates = changed(state, f"{room}/{device}", **moved, **ended, used_ms=now_ms)
    return StateChange({"device": device, "room": room, **moved}, updates)


def _step(state: State, arguments: Arguments, now_ms: int, *, direction: int) -> StateChange:
    device, value, unit = arguments["device"], arguments.get("value"), arguments.get("unit", "")
    props = state[f"{located(state, device, arguments.get('room'))}/{device}"]
    with refusing_as(device):
        name, moved = KINDS[device].stepped(props, arguments["property"], direction, value, unit)
    change = _moved(state, arguments, name, moved, now_ms)
    return StateChange({**change.result, "before": props[name]}, change.updates)


def _moved(state: State, arguments: Arguments, name: str, moved: Props, now_ms: int) -> StateChange:
    device = arguments["device"]
    room = located(state, device, arguments.get("room"))
    colored = {"color temperature": None} if name == "color" else {}
    updates = changed(state, f"{room}/{device}", **moved, **colored, used_ms=now_ms)
    return StateChange(_report(device, room, name, moved[name]), updates)


def _report(device: str, room: str, name: str, value: Any) -> dict[str, Any]:
    """What a property is now: `value` and `unit` are what the assistant hears."""
    result = {"device": device, "room": room, "property": name, "value": value}
    unit = KINDS[device].unit(name)
    return {**result, "unit": unit} if unit else result
