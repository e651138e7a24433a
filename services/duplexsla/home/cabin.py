"""The car's cabin and hardware: nine functions of the `car` toolset."""

from typing import Any

from duplexsla.errors import DeviceRefused
from duplexsla.home.appliance import LEVEL, ApplianceKind, Scale, refusing_as
from duplexsla.home.car_settings import CABIN, SAME, SEATS, SINGLE, SYSTEM, WINDOWS, ZONED, ZONES
from duplexsla.home.state import Arguments, HomeFunction, Props, State, StateChange, changed

_PET_SCALES = {"temperature": Scale(16, 32, 1, "degrees"), "ventilation": LEVEL}


def kind_of(setting: str) -> ApplianceKind:
    """What a setting of the car can do."""
    if setting in ZONED:
        return ZONED[setting][0]
    if setting == "all windows":
        return SINGLE[WINDOWS[0]]
    return SINGLE[setting] if setting in SINGLE else SYSTEM[SAME[setting]]


def entities_of(setting: str, zone: str | None) -> list[str]:
    """The entities that are meant: one per seat of the zone, all windows, or the one there is."""
    if setting in ZONED:
        return [f"car/{setting}/{seat}" for seat in ZONES[zone or ZONED[setting][1]]]
    if setting == "all windows":
        return [f"car/{window}" for window in WINDOWS]
    return [f"car/{setting}"] if setting in SINGLE else [f"car system/{SAME[setting]}"]


def open_car_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _switch(state, arguments, on=True)


def close_car_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _switch(state, arguments, on=False)


def set_car_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    setting, value, unit = arguments["setting"], arguments["value"], arguments.get("unit", "")
    with refusing_as(setting):
        name, moved = kind_of(setting).set(arguments.get("property"), value, unit)
    return _moved(state, arguments, name, moved)


def increase_car_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _step(state, arguments, direction=1)


def decrease_car_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _step(state, arguments, direction=-1)


def query_car_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    setting = arguments["setting"]
    entity = entities_of(setting, arguments.get("zone"))[0]
    with refusing_as(setting):
        name, value = kind_of(setting).query(state[entity], arguments.get("property"))
    return StateChange(_report(arguments, name, value))


def save_car_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Keeps what the cabin is now under a profile; without one, the driver's."""
    profile = arguments.get("profile") or "driver"
    settings = {entity: state[entity] for entity in CABIN if entity.startswith("car/")}
    saved: dict[str, Props | None] = {f"car profile/{profile}": {"saved_ms": now_ms, "settings": settings}}
    return StateChange({"profile": profile, "settings": len(settings)}, saved)


def set_pet_car_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Pet mode also keeps the cabin at the pet's temperature."""
    name, value = arguments["property"], arguments["value"]
    with refusing_as("pet mode"):
        moved = {name: _pet_value(name, value, arguments.get("unit", ""))}
    updates = changed(state, "car pet", **moved)
    pet = updates["car pet"] or {}
    if pet["pet mode"] == "on":
        for seat in SEATS:
            climate = {"power": "on", "temperature": pet["temperature"]}
            updates |= changed(state, f"car/air conditioner/{seat}", **climate)
    return StateChange({"property": name, "value": moved[name]}, updates)


def set_car_alarm(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    updates: dict[str, Props | None] = {"car alarm": dict(arguments)}
    return StateChange({"alarm": arguments["state"], **arguments}, updates)


FUNCTIONS: dict[str, HomeFunction] = {
    effect.__name__: effect
    for effect in (
        open_car_setting, close_car_setting, set_car_setting, increase_car_setting, decrease_car_setting,
        query_car_setting, save_car_setting, set_pet_car_setting, set_car_alarm,
    )
}  # fmt: skip


def _switch(state: State, arguments: Arguments, *, on: bool) -> StateChange:
    setting = arguments["setting"]
    with refusing_as(setting):
        moved = kind_of(setting).switched(on=on)
    change = _moved(state, arguments, "", moved)
    return StateChange({**_place(arguments), **moved}, change.updates)


def _step(state: State, arguments: Arguments, *, direction: int) -> StateChange:
    """Each seat moves from where it is; the first one is reported."""
    setting, value, unit = arguments["setting"], arguments.get("value"), arguments.get("unit", "")
    result: dict[str, Any] = {}
    updates: dict[str, Props | None] = {}
    for entity in entities_of(setting, arguments.get("zone")):
        with refusing_as(setting):
            name, moved = kind_of(setting).stepped(
                state[entity], arguments.get("property"), direction, value, unit
            )
        updates |= changed(state, entity, **moved)
        result = result or {**_report(arguments, name, moved[name]), "before": state[entity][name]}
    return StateChange(result, updates)


def _moved(state: State, arguments: Arguments, name: str, moved: Props) -> StateChange:
    updates: dict[str, Props | None] = {}
    for entity in entities_of(arguments["setting"], arguments.get("zone")):
        updates |= changed(state, entity, **moved)
    return StateChange(_report(arguments, name, moved.get(name)), updates)


def _report(arguments: Arguments, name: str, value: Any) -> dict[str, Any]:
    result = {**_place(arguments), "property": name, "value": value}
    unit = kind_of(arguments["setting"]).unit(name)
    return {**result, "unit": unit} if unit else result


def _place(arguments: Arguments) -> dict[str, Any]:
    """The setting, and where: zones are named only where there are several."""
    setting = arguments["setting"]
    if setting not in ZONED:
        return {"setting": setting}
    return {"setting": setting, "zone": arguments.get("zone") or ZONED[setting][1]}


def _pet_value(name: str, value: Any, unit: str) -> Any:
    if name == "pet mode":
        if isinstance(value, str):
            return value
        return "on" if value > 0 else "off"
    if isinstance(value, str):
        if name == "temperature":
            raise DeviceRefused(f"{value} is not a temperature")
        return LEVEL.step if value == "on" else 0
    return _PET_SCALES[name].set(value, unit)
