"""When something is to happen, as said: "in half an hour", "tomorrow at eight", "every weekday at seven".

    when_of(said, now_ms, time_zone, waking=False) -> Due | Recurring | NotUnderstood

Clock times are those of the home's zone. What is said without a day is the next such time. An hour from 1
to 12 without am, pm or a part of the day is the next of the two that it can be; with a day, or every day, 7
to 11 are in the morning and 12 to 6 in the afternoon, for an alarm that wakes somebody all in the morning.
A day or a part of one without a time has the hour of DEFAULT_HOURS. A time that the change to summer skips
is as much later as the clock is put forward; of a time that is there twice the first is meant that is
not over, and of what recurs the first.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from duplexsla.executor.planning.local_time import moment, moment_after, zone_of
from duplexsla.executor.planning.number_words import with_numbers
from duplexsla.executor.planning.said_clock import WEEKDAYS, ClockReading, Due, Recurring
from duplexsla.executor.planning.said_duration import Unclear, duration

_TOKEN = re.compile(r"\d+(?:[:.]\d+)?|[a-z]+")
_FILLERS = frozenset({"please", "sharp", "o", "clock", "oclock", "exactly", "the"})


@dataclass(frozen=True)
class NotUnderstood:
    said: str
    reason: str


def when_of(
    said: str, now_ms: int, time_zone: str, *, waking: bool = False
) -> Due | Recurring | NotUnderstood:
    """`waking`: it is an alarm that wakes somebody. Never raises for any words or zone."""
    zone = zone_of(time_zone)
    if zone is None:
        return NotUnderstood(said, f"the home's time zone {time_zone[:64]!r} is not known")
    now = datetime.fromtimestamp(now_ms / 1_000, zone)
    words = _words(said)
    try:
        if lasts := duration(words):
            return Due(moment_after(now_ms, lasts, zone))
        return ClockReading(words, now, waking).read()
    except Unclear as unclear:
        return NotUnderstood(said, str(unclear))


def next_due(recurring: Recurring, after_ms: int, time_zone: str) -> int | None:
    """Unix time in ms of the next time strictly after; None without a zone of that name or a weekday."""
    zone = zone_of(time_zone)
    if zone is None:
        return None
    today = datetime.fromtimestamp(after_ms / 1_000, zone).date()
    at = time(recurring.hour, recurring.minute)
    for days in range(8):
        day = today + timedelta(days=days)
        if day.weekday() in recurring.weekdays and (due := moment(day, at, zone, 0)) > after_ms:
            return due
    return None


def day_of(said: str, now_ms: int, time_zone: str) -> date | NotUnderstood:
    """A day as said; "" is today."""
    zone = zone_of(time_zone)
    if zone is None:
        return NotUnderstood(said, f"the home's time zone {time_zone[:64]!r} is not known")
    today = datetime.fromtimestamp(now_ms / 1_000, zone).date()
    words = [word for word in _words(said) if word not in ("on", "for", "at", "next", "this")]
    if words in ([], ["today"], ["now"], ["tonight"]):
        return today
    if words == ["tomorrow"]:
        return today + timedelta(days=1)
    if words == ["yesterday"]:
        return today - timedelta(days=1)
    if words == ["day", "after", "tomorrow"]:
        return today + timedelta(days=2)
    if len(words) == 1 and words[0] in WEEKDAYS:
        return today + timedelta(days=(WEEKDAYS.index(words[0]) - today.weekday()) % 7)
    return NotUnderstood(said, "that is no day")


def _words(said: str) -> list[str | float]:
    """Words and numbers; a clock time with a colon stays a word."""
    plain = re.sub(r"\b([ap])\s*\.?\s*m\b\.?", r"\1m", said.casefold())
    found = [token for token in _TOKEN.findall(plain.replace("'", " ")) if token not in _FILLERS]
    return with_numbers(found)
