"""Plans for the time and the date, which need no device, and for the weather."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from duplexsla.executor.planning.local_time import zone_of
from duplexsla.executor.planning.plans import CannotDo, HomeCall, HomePlan, PlanResult, always, plan_of
from duplexsla.executor.planning.resolver import NotFound, SaidTarget, resolve
from duplexsla.executor.planning.said_clock import WEEKDAYS
from duplexsla.executor.planning.said_time import NotUnderstood, day_of
from duplexsla.executor.planning.spoken_words import words_of
from duplexsla.v1 import home_pb2 as pb

_AT_HOME = frozenset({"", "here", "home", "outside"})


def _time(call: HomeCall) -> PlanResult:
    place = " ".join(words_of(call.text("place")))
    zone = zone_of(call.names.time_zone) if place in _AT_HOME else zone_of_city(place)
    if zone is None:
        return NotFound(call.text("place")) if place else CannotDo("the home's time zone is not known")
    now = datetime.fromtimestamp(call.now_ms / 1_000, zone)
    return HomePlan((), "read", answer={"time": f"{now:%H:%M}"})


def _date(call: HomeCall) -> PlanResult:
    day = day_of(call.text("day"), call.now_ms, call.names.time_zone)
    if isinstance(day, NotUnderstood):
        return day
    return HomePlan((), "read", answer={"date": day.isoformat(), "weekday": WEEKDAYS[day.weekday()]})


def _weather(call: HomeCall) -> PlanResult:
    place = " ".join(words_of(call.text("place")))
    if place not in _AT_HOME:
        return CannotDo(f"the weather of {call.text('place')} is not known")
    day = day_of(call.text("day"), call.now_ms, call.names.time_zone)
    if isinstance(day, NotUnderstood):
        return day
    found = resolve(
        SaidTarget("weather", classes=frozenset({pb.ENTITY_CLASS_WEATHER})), call.names, call.situation
    )
    return plan_of(call, found, always(pb.COMMAND_QUERY, text=_day_word(call, day)))


def _day_word(call: HomeCall, day: date) -> str:
    """Today, tomorrow, or the date (ISO 8601)."""
    today = day_of("", call.now_ms, call.names.time_zone)
    days = (day - today).days if isinstance(today, date) else None
    return {0: "today", 1: "tomorrow"}.get(days if days is not None else -1, day.isoformat())


def zone_of_city(name: str) -> ZoneInfo | None:
    """The zone that is named after a city ("new york"); None for any other place."""
    zone = _cities().get(name)
    return zone_of(zone) if zone else None


@cache
def _cities() -> dict[str, str]:
    return {zone.rpartition("/")[2].replace("_", " ").lower(): zone for zone in sorted(available_timezones())}


PLANNERS: dict[str, Callable[[HomeCall], PlanResult]] = {
    "query_home_time": _time,
    "query_home_date": _date,
    "query_home_weather": _weather,
}
