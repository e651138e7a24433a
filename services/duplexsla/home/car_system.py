"""The car's system settings, apps and screen: eleven functions of the `car` toolset."""

from typing import Any

from duplexsla.errors import DeviceRefused
from duplexsla.home.appliance import ApplianceKind, refusing_as
from duplexsla.home.car_settings import SAME, SYSTEM
from duplexsla.home.navigation import apply_selection
from duplexsla.home.state import Arguments, HomeFunction, Props, State, StateChange, changed
from duplexsla.tools.car import PAGES

SCREENS = 50  # a page is never longer
_TURNED = [page for page in PAGES if page not in ("next", "previous")]  # what next and previous go through
_SCROLL = {"down": ("scrolled", 1), "up": ("scrolled", -1), "right": ("shifted", 1), "left": ("shifted", -1)}


def open_system_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _show(state, arguments["setting"], on=True)


def close_system_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _show(state, arguments["setting"], on=False)


def set_system_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    entity, kind = _setting(arguments["setting"])
    with refusing_as(arguments["setting"]):
        name, moved = kind.set(None, arguments["value"], arguments.get("unit", ""))
    return StateChange(_report(arguments, kind, name, moved[name]), changed(state, entity, **moved))


def increase_system_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _step(state, arguments, direction=1)


def decrease_system_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _step(state, arguments, direction=-1)


def disconnect_system_setting(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    connection = arguments["connection"]
    updates = changed(state, f"car system/{connection}", connected=False)
    return StateChange({"connection": connection, "connected": False}, updates)


def open_app(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    app = arguments["app"]
    updates = changed(state, f"car app/{app}", state="open", opened_ms=now_ms)
    return StateChange({"app": app, "state": "open"}, updates | _page(state, app, app=app))


def close_app(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Its page makes room for the home page; a closed navigation waits to be resumed, closed music stops."""
    app = arguments["app"]
    updates = changed(state, f"car app/{app}", state="closed")
    if state["car screen"]["app"] == app:
        updates |= _page(state, "home")
    if app in ("navigation", "maps") and state["car navigation"]["state"] == "running":
        updates |= changed(state, "car navigation", state="paused")
    if app in ("music", "radio", "podcasts", "video") and state["car media"]["state"] == "playing":
        updates |= changed(state, "car media", state="paused")
    return StateChange({"app": app, "state": "closed"}, updates)


def switch_page(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    page, now = arguments["page"], state["car screen"]["page"]
    if page in ("next", "previous"):
        at = _TURNED.index(now) if now in _TURNED else 0
        page = _TURNED[(at + (1 if page == "next" else -1)) % len(_TURNED)]
    return StateChange({"page": page}, _page(state, page))


def scroll(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    axis, sign = _SCROLL[arguments["direction"]]
    at = state["car screen"][axis] + sign * arguments.get("amount", 1)
    at = max(0, min(SCREENS, at))
    return StateChange(
        {"direction": arguments["direction"], axis: at}, changed(state, "car screen", **{axis: at})
    )


def select_option(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Takes one of the options that the last search shows: goes there, plays it, or just marks it."""
    options, number = state["car options"], arguments["option"]
    if number > len(options["items"]):
        shown = len(options["items"])
        raise DeviceRefused(
            f"there are {shown} options to select from" if shown else "there is nothing to select from"
        )
    option = options["items"][number - 1]
    updates = changed(state, "car options", selected=number) | apply_selection(
        state, options["kind"], option, now_ms
    )
    return StateChange({"option": number, "selected": option}, updates)


FUNCTIONS: dict[str, HomeFunction] = {
    effect.__name__: effect
    for effect in (
        open_system_setting, close_system_setting, set_system_setting, increase_system_setting,
        decrease_system_setting, disconnect_system_setting, open_app, close_app, switch_page, scroll,
        select_option,
    )
}  # fmt: skip


def _setting(setting: str) -> tuple[str, ApplianceKind]:
    name = SAME.get(setting, setting)
    return f"car system/{name}", SYSTEM[name]


def _show(state: State, setting: str, *, on: bool) -> StateChange:
    """What has a switch is switched; of the rest the panel is shown or left."""
    entity, kind = _setting(setting)
    page = _page(state, f"settings/{setting}" if on else "home")
    if not kind.switch:
        return StateChange({"setting": setting, "page": "shown" if on else "left"}, page)
    moved = kind.switched(on=on)
    return StateChange({"setting": setting, **moved}, changed(state, entity, **moved) | page)


def _step(state: State, arguments: Arguments, *, direction: int) -> StateChange:
    entity, kind = _setting(arguments["setting"])
    value, unit = arguments.get("value"), arguments.get("unit", "")
    with refusing_as(arguments["setting"]):
        name, moved = kind.stepped(state[entity], None, direction, value, unit)
    result = {**_report(arguments, kind, name, moved[name]), "before": state[entity][name]}
    return StateChange(result, changed(state, entity, **moved))


def _report(arguments: Arguments, kind: ApplianceKind, name: str, value: Any) -> dict[str, Any]:
    result = {"setting": arguments["setting"], "property": name, "value": value}
    unit = kind.unit(name)
    return {**result, "unit": unit} if unit else result


def _page(state: State, page: str, *, app: str = "") -> dict[str, Props | None]:
    return changed(state, "car screen", page=page, app=app, scrolled=0, shifted=0)
