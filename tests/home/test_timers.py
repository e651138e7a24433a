"""Timers run, wait, get longer and end; those that are over make room."""

from typing import Any

import pytest

from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.home.state import State, StateChange
from duplexsla.home.timers import MAX_TIMERS, left_s, paused, resumed, started, stepped, stopped, told

NOW_MS = 1_700_000_000_000


def after(state: State, change: StateChange) -> dict[str, Any]:
    return {name: props for name, props in {**state, **change.updates}.items() if props is not None}


def running(name: str = "tea", seconds: float = 60, state: State | None = None) -> dict[str, Any]:
    return after(state or {}, started(state or {}, name, seconds, NOW_MS)[1])


def test_a_timer_tells_when_it_ends_and_how_much_is_left() -> None:
    state = running()
    [timer] = told(state, NOW_MS + 20_000)
    assert timer == {
        "name": "tea",
        "seconds": 60,
        "state": "running",
        "ends_at_ms": NOW_MS + 60_000,
        "left_s": 40,
    }
    [over] = told(state, NOW_MS + 60_000)
    assert (over["state"], over["left_s"]) == ("over", 0)


def test_a_paused_timer_waits_and_goes_on() -> None:
    state = running()
    state = after(state, paused(state, "tea", NOW_MS + 20_000))
    assert left_s(state, "", NOW_MS + 900_000) == 40
    assert paused(state, "tea", NOW_MS + 900_000).updates == {}
    state = after(state, resumed(state, "", NOW_MS + 900_000))
    assert told(state, NOW_MS + 900_000)[0]["ends_at_ms"] == NOW_MS + 940_000
    assert resumed(state, "tea", NOW_MS + 900_000).updates == {}


def test_a_timer_gets_longer_and_shorter_but_never_over_by_it() -> None:
    state = running()
    state = after(state, stepped(state, "tea", 30, NOW_MS))
    assert left_s(state, "tea", NOW_MS) == 90
    state = after(state, stepped(state, "tea", -80, NOW_MS))
    with pytest.raises(DeviceRefused, match="10 seconds are left"):
        stepped(state, "tea", -10, NOW_MS)
    state = after(state, stepped(after(state, paused(state, "tea", NOW_MS)), "tea", 5, NOW_MS))
    assert left_s(state, "tea", NOW_MS) == 15


def test_timers_without_a_name_have_one_each() -> None:
    state = running("", 60)
    state = running("", 90, state)
    assert [timer["name"] for timer in told(state, NOW_MS)] == ["timer", "timer 2"]


def test_there_are_so_many_at_most_and_those_that_are_over_make_room() -> None:
    state: dict[str, Any] = {}
    for number in range(MAX_TIMERS):
        state = running(f"{number}", 60, state)
    assert len(told(running("0", 90, state), NOW_MS)) == MAX_TIMERS
    with pytest.raises(DeviceRefused, match="run already"):
        running("more", 60, state)
    later = after(state, started(state, "more", 60, NOW_MS + 60_000)[1])
    assert [timer["name"] for timer in told(later, NOW_MS + 60_000)] == ["more"]


def test_what_is_no_length_or_no_timer_is_refused() -> None:
    for seconds in (0, -5, 1e12):
        with pytest.raises(ActionRefused):
            started({}, "tea", seconds, NOW_MS)
    with pytest.raises(DeviceRefused, match="no timer runs"):
        stopped({}, "", NOW_MS)
    with pytest.raises(DeviceRefused, match="no tea timer"):
        stopped(running(), "tea", NOW_MS + 60_000)
