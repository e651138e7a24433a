"""Times as they are said, in a home's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from duplexsla.executor.planning.said_clock import Due, Recurring
from duplexsla.executor.planning.said_time import NotUnderstood, day_of, next_due, when_of

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = datetime(2026, 12, 1, 15, 0, tzinfo=BERLIN)
NIGHT = datetime(2026, 12, 1, 23, 30, tzinfo=BERLIN)


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1_000)


def due(said: str, now: datetime = TUESDAY, **more: bool) -> str:
    """The wall clock time that comes of it, or why none does."""
    found = when_of(said, ms(now), "Europe/Berlin", **more)
    if isinstance(found, NotUnderstood):
        return "?"
    assert isinstance(found, Due), found
    return f"{datetime.fromtimestamp(found.at_ms / 1_000, BERLIN):%d %H:%M:%S}".removesuffix(":00")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("in five minutes", "01 15:05"),
        ("in 5 minutes", "01 15:05"),
        ("in a minute", "01 15:01"),
        ("in ninety seconds", "01 15:01:30"),
        ("in half an hour", "01 15:30"),
        ("in an hour", "01 16:00"),
        ("in an hour and a half", "01 16:30"),
        ("in one and a half hours", "01 16:30"),
        ("in a quarter of an hour", "01 15:15"),
        ("in three quarters of an hour", "01 15:45"),
        ("in two hours and fifteen minutes", "01 17:15"),
        ("in a couple of minutes", "01 15:02"),
        ("in twenty-five minutes", "01 15:25"),
        ("in two point five hours", "01 17:30"),
        ("in 2.5 hours", "01 17:30"),
        ("five minutes from now", "01 15:05"),
        ("ten minutes later", "01 15:10"),
        ("in a hundred minutes", "?"),
        ("in one hundred and twenty minutes", "01 17:00"),
        ("in two days", "03 15:00"),
        ("in a week", "08 15:00"),
        ("at nine", "01 21:00"),
        ("at nine o'clock", "01 21:00"),
        ("at 9", "01 21:00"),
        ("nine", "01 21:00"),
        ("at three", "02 03:00"),
        ("at four", "01 16:00"),
        ("at twelve", "02 00:00"),
        ("at noon", "02 12:00"),
        ("at midnight", "02 00:00"),
        ("at half past seven", "01 19:30"),
        ("at a quarter to eight", "01 19:45"),
        ("at ten past six", "01 18:10"),
        ("at twenty minutes to nine", "01 20:40"),
        ("at 9:30", "01 21:30"),
        ("at nine thirty", "01 21:30"),
        ("at seven oh five", "01 19:05"),
        ("at 21:15", "01 21:15"),
        ("at nineteen hundred", "01 19:00"),
        ("at fourteen thirty", "02 14:30"),
        ("at 9 am", "02 09:00"),
        ("at 9 p.m.", "01 21:00"),
        ("at nine a.m.", "02 09:00"),
        ("at 12 am", "02 00:00"),
        ("at 12 pm", "02 12:00"),
        ("at six in the morning", "02 06:00"),
        ("at six in the evening", "01 18:00"),
        ("at eleven at night", "01 23:00"),
        ("tonight", "01 21:00"),
        ("tonight at eight", "01 20:00"),
        ("tonight at one", "02 01:00"),
        ("this evening", "01 19:00"),
        ("this morning", "?"),
        ("today at nine", "01 21:00"),
        ("today at 9 am", "?"),
        ("tomorrow", "02 09:00"),
        ("tomorrow at 8", "02 08:00"),
        ("tomorrow at three", "02 15:00"),
        ("tomorrow morning", "02 08:00"),
        ("tomorrow evening at six", "02 18:00"),
        ("at eight tomorrow", "02 08:00"),
        ("the day after tomorrow at seven", "03 07:00"),
        ("on monday", "07 09:00"),
        ("on monday at ten", "07 10:00"),
        ("next tuesday at ten", "08 10:00"),
        ("tuesday at eight", "01 20:00"),
        ("tuesday at 8 am", "08 08:00"),
        ("on friday at half past two", "04 14:30"),
        ("friday night at eleven", "04 23:00"),
        ("at sunset", "?"),
        ("when I come home", "?"),
        ("soon", "?"),
        ("", "?"),
        ("later", "?"),
        ("at", "?"),
        ("in zero minutes", "?"),
        ("in 0 seconds", "?"),
        ("in two hundred weeks", "?"),
        ("in a year", "?"),
        ("in five", "?"),
        ("in minutes", "?"),
        ("at twenty five", "?"),
        ("at 9:75", "?"),
        ("at 13 pm", "?"),
        ("at nine at ten", "?"),
        ("today tomorrow", "?"),
        ("every hour", "?"),
        ("every other day", "?"),
        ("at 99999999999", "?"),
        ("tomorrow every day at nine", "?"),
        ("at nine and a half", "?"),
        ("in five minutes at nine", "?"),
    ],
)
def test_a_time_is_understood_or_is_not(said: str, expected: str) -> None:
    assert due(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("at six", "02 06:00"),
        ("at midnight", "02 00:00"),
        ("tonight", "?"),
        ("tonight at one", "02 01:00"),
        ("at eleven", "02 11:00"),
        ("tomorrow at six", "02 18:00"),
    ],
)
def test_late_in_the_evening(said: str, expected: str) -> None:
    assert due(said, NIGHT) == expected


def test_an_alarm_that_wakes_somebody_is_in_the_morning() -> None:
    assert due("tomorrow at six", waking=True) == "02 06:00"
    assert due("at six", NIGHT, waking=True) == "02 06:00"
    assert due("tomorrow at six in the evening", waking=True) == "02 18:00"


@pytest.mark.parametrize(
    ("said", "weekdays", "time"),
    [
        ("every weekday at seven", range(5), (7, 0)),
        ("every day at half past six in the evening", range(7), (18, 30)),
        ("daily at nine pm", range(7), (21, 0)),
        ("every monday and friday at eight", (0, 4), (8, 0)),
        ("mondays at ten", (0,), (10, 0)),
        ("on weekends at nine", (5, 6), (9, 0)),
        ("every evening", range(7), (19, 0)),
        ("every night at eleven", range(7), (23, 0)),
        ("every morning at quarter to seven", range(7), (6, 45)),
        ("at seven every weekday", range(5), (7, 0)),
        ("every day at three", range(7), (15, 0)),
    ],
)
def test_what_happens_again_and_again(said: str, weekdays, time) -> None:
    assert when_of(said, ms(TUESDAY), "Europe/Berlin") == Recurring(frozenset(weekdays), *time)


def test_the_next_time_of_what_recurs_is_strictly_after() -> None:
    weekdays = Recurring(frozenset(range(5)), 7, 0)
    friday = datetime(2026, 12, 4, 7, 0, tzinfo=BERLIN)
    assert next_due(weekdays, ms(friday) - 1, "Europe/Berlin") == ms(friday)
    assert next_due(weekdays, ms(friday), "Europe/Berlin") == ms(friday + timedelta(days=3))
    assert next_due(Recurring(frozenset({0}), 7, 0), ms(friday), "Europe/Berlin") == ms(
        friday + timedelta(days=3)
    )
    assert next_due(Recurring(frozenset(), 7, 0), ms(friday), "Europe/Berlin") is None


def test_a_time_that_the_change_to_summer_skips_is_as_much_later() -> None:
    before = datetime(2027, 3, 27, 20, 0, tzinfo=BERLIN)  # 02:00 to 03:00 of the 28th is not there
    assert due("tomorrow at half past two am", before) == "28 03:30"
    assert due("in eight hours", before) == "28 05:00"
    daily = Recurring(frozenset(range(7)), 2, 30)
    first = next_due(daily, ms(before), "Europe/Berlin")
    assert first == ms(datetime(2027, 3, 28, 1, 30, tzinfo=UTC))
    assert next_due(daily, first, "Europe/Berlin") == ms(datetime(2027, 3, 29, 0, 30, tzinfo=UTC))


def test_of_a_time_that_is_there_twice_the_first_is_meant_that_is_not_over() -> None:
    before = datetime(2026, 10, 24, 20, 0, tzinfo=BERLIN)  # 02:00 to 03:00 of the 25th is there twice
    found = when_of("tomorrow at half past two am", ms(before), "Europe/Berlin")
    assert found == Due(ms(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)))
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert when_of("at half past two am", ms(between), "Europe/Berlin") == Due(
        ms(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    )
    daily = Recurring(frozenset(range(7)), 2, 30)
    first = next_due(daily, ms(before), "Europe/Berlin")
    assert first == ms(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert due("in two days", datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN)) == "26 12:00"


def test_what_recurs_happens_once_a_day_across_both_changes() -> None:
    for start in (datetime(2027, 3, 25, tzinfo=UTC), datetime(2026, 10, 22, tzinfo=UTC)):
        at, times = ms(start), []
        while len(times) < 7:
            at = next_due(Recurring(frozenset(range(7)), 2, 30), at, "Europe/Berlin")
            times.append(datetime.fromtimestamp(at / 1_000, BERLIN).date())
        assert times == [times[0] + timedelta(days=each) for each in range(7)]


def test_a_zone_that_nobody_knows() -> None:
    for zone in ("Europe/Atlantis", "", "../etc/passwd", "x" * 300):
        assert isinstance(when_of("at nine", 0, zone), NotUnderstood)
        assert isinstance(day_of("today", 0, zone), NotUnderstood)
        assert next_due(Recurring(frozenset({0}), 7, 0), 0, zone) is None


def test_days() -> None:
    days = {"": 1, "today": 1, "tomorrow": 2, "on friday": 4, "tuesday": 1, "the day after tomorrow": 3}
    for said, day in days.items():
        assert day_of(said, ms(TUESDAY), "Europe/Berlin") == datetime(2026, 12, day).date()
    assert isinstance(day_of("the weekend", ms(TUESDAY), "Europe/Berlin"), NotUnderstood)


SPOKEN = (
    "in at on five nine 9 9:30 25 minutes hours half an a past to quarter tomorrow tonight monday every day"
    " night morning am pm and noon point hundred next weekday from now oh \u0661 \u00bd 1e9 ."
)
WORDS = st.sampled_from(SPOKEN.split())
NOWS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: ms(at.replace(tzinfo=UTC)))
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])


@example("next", ms(TUESDAY), "UTC")
@given(st.lists(WORDS, max_size=7).map(" ".join) | st.text(max_size=64), NOWS, ZONES)
def test_whatever_is_said_it_is_never_in_the_past_and_never_more_than_a_year_away(said, now_ms, zone) -> None:
    found = when_of(said, now_ms, zone)
    if isinstance(found, Due):
        assert now_ms < found.at_ms <= now_ms + 367 * 86_400_000
    elif isinstance(found, Recurring):
        following = next_due(found, now_ms, zone)
        assert following is not None and now_ms < following <= now_ms + 9 * 86_400_000


@given(st.integers(0, 23), st.integers(0, 59), NOWS, ZONES)
def test_a_time_of_24_hours_is_that_time_within_a_day(hour, minute, now_ms, zone) -> None:
    found = when_of(f"at {hour:02}:{minute:02}", now_ms, zone)
    assert isinstance(found, Due)
    assert 0 < found.at_ms - now_ms <= 26 * 3_600_000


@given(st.integers(1, 400), st.sampled_from(["seconds", "minutes", "hours"]), NOWS, ZONES)
def test_a_duration_is_that_long(count, unit, now_ms, zone) -> None:
    seconds = {"seconds": 1, "minutes": 60, "hours": 3_600}[unit] * count
    if seconds < 86_400:
        assert when_of(f"in {count} {unit}", now_ms, zone) == Due(now_ms + seconds * 1_000)
