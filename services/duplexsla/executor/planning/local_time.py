"""Moments of a wall clock in a home's time zone, across the changes to summer and back."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo | None:
    """None for a name that is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


def moment(day: date, at: time, zone: ZoneInfo, after_ms: int) -> int:
    """Unix time in ms of a wall clock time. Of two the first that is after `after_ms`."""
    first, second = (
        round(datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC).timestamp() * 1_000)
        for fold in (0, 1)
    )
    return second if first <= after_ms < second else first


def moment_after(now_ms: int, seconds: float, zone: ZoneInfo) -> int:
    """Whole days keep the time on the clock."""
    days, rest = divmod(seconds, 86_400)
    then = datetime.fromtimestamp(now_ms / 1_000, zone)
    at = moment(then.date() + timedelta(days=days), then.time(), zone, now_ms) if days else now_ms
    return at + round(rest * 1_000)
