"""A clock time, with or without a day, as said: "half past seven", "tomorrow at eight", "daily at seven"."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from duplexsla.executor.planning.local_time import moment
from duplexsla.executor.planning.said_duration import Unclear

DEFAULT_HOURS = {"": 9, "morning": 8, "afternoon": 15, "evening": 19, "night": 21}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORKDAYS, _WEEKEND = frozenset(range(5)), frozenset((5, 6))
_EVERY_DAY = frozenset(range(7))
_LEAST_LEAD_MS = 1_000


@dataclass(frozen=True)
class Due:
    at_ms: int  # Unix time


@dataclass(frozen=True)
class Recurring:
    """On these weekdays (0 is Monday) at a wall clock time."""

    weekdays: frozenset[int]
    hour: int
    minute: int


@dataclass
class ClockReading:
    """A clock time with or without a day, read word by word."""

    words: list[str | float]
    now: datetime
    waking: bool

    def __post_init__(self) -> None:
        self._hour: int | None = None
        self._minute = 0
        self._half: str = ""  # am, pm
        self._part = ""  # of the day
        self._day: date | None = None
        self._weekdays: frozenset[int] = frozenset()
        self._every = False
        self._next = False

    def read(self) -> Due | Recurring:
        """Raises Unclear."""
        while self.words:
            if not any(step() for step in self._steps):
                raise Unclear(f"{self.words[0]} is not understood")
        if self._hour is None and not (self._day or self._weekdays or self._part):
            raise Unclear("no time was said")
        if self._every or (self._weekdays and len(self._weekdays) > 1):
            return self._recurring()
        return Due(self._once())

    @property
    def _steps(self) -> tuple[Callable[[], bool], ...]:
        return (
            self._relative_day,
            self._weekday,
            self._recurrence,
            self._part_of_day,
            self._time,
            self._filler,
        )

    def _take(self, *words: str) -> bool:
        if self.words[: len(words)] != list(words):
            return False
        del self.words[: len(words)]
        return True

    def _filler(self) -> bool:
        """ "In" and "this" stand before a part of the day, and this one is today's."""
        if self.words[0] in ("in", "this"):
            if self.words[1:2] == [] or self.words[1] not in DEFAULT_HOURS:
                return False
            if self.words.pop(0) == "this":
                self._set_day(self.now.date())
            return True
        return any(self._take(word) for word in ("at", "on", "and", "by"))

    def _relative_day(self) -> bool:
        today = self.now.date()
        for words, days in ((("today",), 0), (("day", "after", "tomorrow"), 2), (("tomorrow",), 1)):
            if self._take(*words):
                self._set_day(today + timedelta(days=days))
                return True
        if self._take("tonight"):
            self._set_day(today)
            self._set_part("night")
            return True
        return False

    def _weekday(self) -> bool:
        following = self.words[0] == "next"
        name = self.words[following] if len(self.words) > following else ""
        if not isinstance(name, str) or name.removesuffix("s") not in WEEKDAYS:
            return False
        del self.words[: following + 1]
        self._next = self._next or following
        self._every = self._every or name.endswith("s")
        self._weekdays |= {WEEKDAYS.index(name.removesuffix("s"))}
        return True

    def _recurrence(self) -> bool:
        for words, days in (
            (("every", "day"), _EVERY_DAY), (("each", "day"), _EVERY_DAY), (("daily",), _EVERY_DAY),
            (("every", "weekday"), _WORKDAYS), (("weekdays",), _WORKDAYS), (("workdays",), _WORKDAYS),
            (("every", "workday"), _WORKDAYS), (("every", "weekend"), _WEEKEND), (("weekends",), _WEEKEND),
        ):  # fmt: skip
            if self._take(*words):
                self._every, self._weekdays = True, self._weekdays | days
                return True
        if self.words[0] in ("every", "each") and len(self.words) > 1:
            following = self.words[1]
            if following in DEFAULT_HOURS:
                self._weekdays |= _EVERY_DAY
            elif following not in WEEKDAYS:
                return False
            self._every = True
            del self.words[0]
            return True
        return False

    def _part_of_day(self) -> bool:
        word = self.words[0]
        if word in DEFAULT_HOURS and isinstance(word, str):
            del self.words[0]
            self._set_part(word)
            return True
        return False

    def _time(self) -> bool:
        if self._take("noon") or self._take("midday"):
            return self._set_time(12, 0, "pm")
        if self._take("midnight"):
            return self._set_time(12, 0, "am")
        return self._colon() or self._past_or_to() or self._plain()

    def _colon(self) -> bool:
        """9:30, 21:05."""
        word = self.words[0]
        if not isinstance(word, str) or ":" not in word:
            return False
        hour, minute = word.split(":")
        if len(hour) > 2 or len(minute) != 2:
            raise Unclear(f"{word} is no time")
        del self.words[0]
        return self._set_time(int(hour), int(minute), self._am_pm())

    def _past_or_to(self) -> bool:
        """Half past seven, a quarter to eight, ten past six, twenty minutes to nine."""
        words = [word for word in self.words[:5] if word not in ("a", "minutes", "minute")]
        if len(words) < 3 or words[1] not in ("past", "to", "after") or not isinstance(words[2], float):
            return False
        share = {"half": 30.0, "quarter": 15.0}.get(str(words[0]))
        minutes = words[0] if isinstance(words[0], float) else share
        hour = words[2]
        if minutes is None or not 0 < minutes < 60 or not hour.is_integer():
            return False
        del self.words[: self.words.index(words[1]) + 2]
        half = self._am_pm()
        if words[1] == "to":
            return self._set_time(int(hour), -int(minutes), half)
        return self._set_time(int(hour), int(minutes), half)

    def _plain(self) -> bool:
        """Nine, nine thirty, seven oh five, nine am."""
        hour = self.words[0]
        if not isinstance(hour, float) or not hour.is_integer():
            return False
        del self.words[0]
        minute = 0
        if self.words[:1] == ["hundred"]:
            del self.words[0]
        elif self.words[:1] == ["oh"] and len(self.words) > 1 and isinstance(self.words[1], float):
            minute = int(self.words[1])
            del self.words[:2]
        elif self.words and isinstance(self.words[0], float):
            minute = int(self.words.pop(0))
            if minute < 10:
                raise Unclear("that is no time")
        return self._set_time(int(hour), minute, self._am_pm())

    def _am_pm(self) -> str:
        return next((half for half in ("am", "pm") if self._take(half)), "")

    def _set_day(self, day: date) -> None:
        if self._day is not None and self._day != day:
            raise Unclear("two days were said")
        self._day = day

    def _set_part(self, part: str) -> None:
        if self._part not in ("", part):
            raise Unclear("two parts of a day were said")
        self._part = part

    def _set_time(self, hour: int, minute: int, half: str) -> bool:
        """`minute` below 0: so many before the hour."""
        if self._hour is not None:
            raise Unclear("two times were said")
        if not 0 <= hour <= (12 if half else 23) or not -60 < minute < 60 or (half and hour == 0):
            raise Unclear("that is no time")
        self._hour, self._minute, self._half = hour, minute, half
        return True

    def _hours(self, *, dated: bool) -> list[int]:
        """The hours of the day, 0 to 23, that are meant: two where both are possible."""
        if self._hour is None:
            return [DEFAULT_HOURS[self._part]]
        hour, morning, later = self._hour, self._hour % 12, self._hour % 12 + 12
        if hour == 0 or hour > 12:
            return [hour]
        if self._half or self._part == "morning":
            return [later] if self._half == "pm" else [morning]
        if self._part in ("afternoon", "evening"):
            return [later]
        if self._part == "night":
            return [later if 6 <= morning < 12 else morning]
        if not dated:
            return [morning, later]
        return [morning if self.waking or 7 <= hour < 12 else later]

    def _recurring(self) -> Recurring:
        if self._day is not None:
            raise Unclear("once, or every time?")
        minutes = (self._hours(dated=True)[0] * 60 + self._minute) % 1_440
        return Recurring(self._weekdays, *divmod(minutes, 60))

    def _once(self) -> int:
        now_ms = round(self.now.timestamp() * 1_000)
        today = self.now.date()
        if self._day is not None and self._weekdays:
            raise Unclear("two days were said")
        for day in self._days(today):
            # Today the next of two hours is meant, on another day the usual one of them.
            for hour in self._hours(dated=day != today and self._dated):
                due = self._at(day, hour, now_ms)
                if due >= now_ms + _LEAST_LEAD_MS:
                    return due
        raise Unclear("that is over")

    @property
    def _dated(self) -> bool:
        return self._day is not None or bool(self._weekdays)

    def _days(self, today: date) -> list[date]:
        """Days on which it can be, the next one first."""
        if self._day is not None:
            return [self._day]
        if self._weekdays:
            ahead = (min(self._weekdays) - today.weekday()) % 7
            first = today + timedelta(days=7 if self._next and not ahead else ahead)
            return [first, first + timedelta(days=7)]
        return [today, today + timedelta(days=1)]

    def _at(self, day: date, hour: int, now_ms: int) -> int:
        """Night hours after midnight are those of the next morning."""
        if self._part == "night" and hour < 6 and (self._dated or day == self.now.date()):
            day += timedelta(days=1 if self._day is not None or self.now.hour >= 6 else 0)
        assert isinstance(self.now.tzinfo, ZoneInfo)
        minutes = hour * 60 + self._minute
        day, minutes = day + timedelta(days=minutes // 1_440), minutes % 1_440
        return moment(day, time(minutes // 60, minutes % 60), self.now.tzinfo, now_ms)
