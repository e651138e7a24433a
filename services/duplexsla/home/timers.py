"""A home's timers: one entity to others, one record each in the state ("timer/tea")."""

from typing import Any

from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.home.state import Props, State, StateChange

PREFIX = "timer/"
UNNAMED = "timer"
MAX_TIMERS = 32
MAX_S = 3_600 * 3_600


def started(state: State, name: str, seconds: float, now_ms: int) -> tuple[str, StateChange]:
    """(name, change): of the same name the newer stays; those that are over make room.

    Raises ActionRefused for a length that is none, DeviceRefused when too many run.
    """
    if not 0 < seconds <= MAX_S:
        raise ActionRefused(f"a timer lasts more than 0 and at most {MAX_S} seconds")
    timers = _timers(state)
    over: dict[str, Props | None] = {e: None for e, timer in timers.items() if not _lives(timer, now_ms)}
    name = name or _free_name(timers.keys() - over.keys())
    if len(timers.keys() - over.keys() | {PREFIX + name}) > MAX_TIMERS:
        raise DeviceRefused(f"{MAX_TIMERS} timers run already")
    ends_at_ms = now_ms + round(seconds * 1_000)
    timer = {"state": "running", "seconds": seconds, "set_ms": now_ms, "ends_at_ms": ends_at_ms}
    return name, StateChange({"timer": name}, over | {PREFIX + name: timer})


def stopped(state: State, name: str, now_ms: int) -> StateChange:
    """Without a name, the one set last of those that live. Raises DeviceRefused."""
    entity, _ = _chosen(state, name, now_ms)
    return StateChange({"timer": entity.removeprefix(PREFIX), "state": "cancelled"}, {entity: None})


def paused(state: State, name: str, now_ms: int) -> StateChange:
    """One that is paused stays so. Raises DeviceRefused."""
    entity, timer = _chosen(state, name, now_ms, "running")
    if timer["state"] == "paused":
        return StateChange({})
    kept = {key: timer[key] for key in ("seconds", "set_ms")}
    return StateChange({}, {entity: {"state": "paused", **kept, "left_ms": _left_ms(timer, now_ms)}})


def resumed(state: State, name: str, now_ms: int) -> StateChange:
    """One that runs goes on. Raises DeviceRefused."""
    entity, timer = _chosen(state, name, now_ms, "paused")
    if timer["state"] == "running":
        return StateChange({})
    kept = {key: timer[key] for key in ("seconds", "set_ms")}
    return StateChange(
        {}, {entity: {"state": "running", **kept, "ends_at_ms": now_ms + _left_ms(timer, now_ms)}}
    )


def stepped(state: State, name: str, seconds: float, now_ms: int) -> StateChange:
    """Longer, or shorter, by so much. Raises DeviceRefused where that much is not left."""
    entity, timer = _chosen(state, name, now_ms)
    left_ms = _left_ms(timer, now_ms) + round(seconds * 1_000)
    if not 0 < left_ms <= MAX_S * 1_000:
        raise DeviceRefused(f"{_left_ms(timer, now_ms) // 1_000} seconds are left")
    when = {"left_ms": left_ms} if timer["state"] == "paused" else {"ends_at_ms": now_ms + left_ms}
    return StateChange({}, {entity: {**timer, **when, "seconds": timer["seconds"] + seconds}})


def left_s(state: State, name: str, now_ms: int) -> float:
    """Seconds until it is over. Raises DeviceRefused."""
    return round(_left_ms(_chosen(state, name, now_ms)[1], now_ms) / 1_000)


def told(state: State, now_ms: int) -> list[dict[str, Any]]:
    """All of them, oldest first; `ends_at_ms` only while they run."""
    found = []
    for entity, timer in sorted(_timers(state).items(), key=lambda item: item[1]["set_ms"]):
        name = {"name": entity.removeprefix(PREFIX), "seconds": timer["seconds"]}
        if not _lives(timer, now_ms):
            found.append({**name, "state": "over", "ends_at_ms": timer["ends_at_ms"], "left_s": 0})
            continue
        ends = {} if timer["state"] == "paused" else {"ends_at_ms": timer["ends_at_ms"]}
        left = round(_left_ms(timer, now_ms) / 1_000)
        found.append({**name, "state": timer["state"], **ends, "left_s": left})
    return found


def _timers(state: State) -> dict[str, Props]:
    """Those that there are; a removed one may still be looked up as None."""
    return {entity: props for entity, props in state.items() if entity.startswith(PREFIX) and props}


def _lives(timer: Props, now_ms: int) -> bool:
    return _left_ms(timer, now_ms) > 0


def _left_ms(timer: Props, now_ms: int) -> int:
    left: int = timer["left_ms"] if timer["state"] == "paused" else timer["ends_at_ms"] - now_ms
    return left


def _free_name(taken: set[str]) -> str:
    names = [UNNAMED, *(f"{UNNAMED} {number}" for number in range(2, MAX_TIMERS + 2))]
    return next(name for name in names if PREFIX + name not in taken)


def _chosen(state: State, name: str, now_ms: int, wanted: str = "") -> tuple[str, Props]:
    """The one of this name that lives; without a name the one set last, of those wanted first."""
    live = {entity: timer for entity, timer in _timers(state).items() if _lives(timer, now_ms)}
    if name:
        entity = PREFIX + name if PREFIX + name in live else None
    else:
        first = {entity: timer for entity, timer in live.items() if timer["state"] == wanted}
        entity = max(first or live, key=lambda each: live[each]["set_ms"], default=None)
    if entity is None:
        raise DeviceRefused(f"no {name} timer runs" if name else "no timer runs")
    return entity, live[entity]
