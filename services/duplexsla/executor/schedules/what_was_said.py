"""Which of a home's schedules somebody means, and how they are told. Pure."""

import json
import re
from collections.abc import Sequence
from datetime import datetime

from duplexsla.executor import messages
from duplexsla.executor.planning.local_time import zone_of
from duplexsla.executor.planning.said_clock import WEEKDAYS
from duplexsla.executor.planning.timer_plans import SPOKEN
from duplexsla.v1.plan_pb2 import ActionPlan
from duplexsla.v1.schedule_pb2 import Schedule

_FILLERS = frozenset(
    ("a", "an", "and", "at", "for", "in", "is", "it", "my", "of", "off", "on", "one", "please", "that", "the")
    + ("this", "to", "up")
)
_ALL = frozenset({"all", "everything", "both"})
_WEEK_DAYS = 7


def meant(what: str, schedules: Sequence[Schedule]) -> list[Schedule]:
    """Those that have every word that was said; all of them for no word, or "all"."""
    words = _words(what) - _FILLERS - _ALL
    return [each for each in schedules if words <= _known_words(each)]


def means_all(what: str) -> bool:
    return bool(_words(what) & _ALL)


def name(schedule: Schedule) -> str:
    """For people: "turn on kitchen light", "reminder call mom", "wake alarm"."""
    plan = schedule.plan
    if plan.function in SPOKEN:
        return f"{messages.spoken_function(plan.function).removeprefix('set ')} {plan.message}".strip()
    things = " and ".join(dict.fromkeys(each.name for each in plan.effects))
    return f"{messages.spoken_function(plan.function)} {things}".strip()


def told(schedule: Schedule, now_ms: int) -> str:
    return f"{name(schedule)} {when(schedule.plan, schedule.due_at_ms, now_ms)}".strip()


def when(plan: ActionPlan, due_ms: int, now_ms: int) -> str:
    """In the home's time zone: "9 00", "monday 9 00" within a week, else with the date."""
    zone = zone_of(plan.time_zone or "UTC")
    if zone is None:
        return ""
    due, now = (datetime.fromtimestamp(ms / 1_000, zone) for ms in (due_ms, now_ms))
    clock = f"{due.hour} {due.minute:02d}"
    days = (due.date() - now.date()).days
    if days == 0:
        return clock
    if 0 < days < _WEEK_DAYS:
        return f"{'tomorrow' if days == 1 else WEEKDAYS[due.weekday()]} {clock}"
    return f"{due:%B} {due.day} {clock}".lower()


def _known_words(schedule: Schedule) -> set[str]:
    """Of its function, its things, its arguments as they were said, and its time."""
    plan = schedule.plan
    arguments = json.loads(plan.arguments_json or "{}")
    said = " ".join(str(each) for each in arguments.values())
    clock = when(plan, schedule.due_at_ms, schedule.due_at_ms)
    return _words(f"{plan.function} {name(schedule)} {said} {clock}")


def _words(text: str) -> set[str]:
    """Without the s of a plural: "reminders" are each a reminder."""
    found = re.findall(r"[a-z0-9]+", text.casefold().replace("_", " "))
    return {word.removesuffix("s") if len(word) > 2 else word for word in found}  # noqa: PLR2004
