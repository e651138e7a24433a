"""Which schedules somebody means."""

import pytest
from tests.support.action_events import NOW_MS
from tests.support.schedules import schedule

from duplexsla.executor.schedules import what_was_said
from duplexsla.v1.plan_pb2 import ActionPlan

DAY_MS = 86_400_000  # NOW_MS is a Tuesday, 23 13 in Berlin
LIGHT = schedule(1)
LIGHT.plan.effects[0].name = "kitchen light"
REMINDER = schedule(2)
REMINDER.plan.CopyFrom(
    ActionPlan(
        function="set_reminder",
        message="call mom",
        arguments_json='{"message":"call mom","when":"at nine"}',
    )
)
ALARM = schedule(3)
ALARM.plan.CopyFrom(ActionPlan(function="set_wake_alarm", arguments_json='{"when":"at seven"}'))
ALL = [LIGHT, REMINDER, ALARM]


@pytest.mark.parametrize(
    ("what", "ids"),
    [
        ("", ALL),
        ("everything", ALL),
        ("the light", [LIGHT]),
        ("the reminder", [REMINDER]),
        ("my reminders", [REMINDER]),
        ("calling", []),
        ("to call mom", [REMINDER]),
        ("the alarm at seven", [ALARM]),
        ("the wake alarm", [ALARM]),
        ("the heating", []),
    ],
)
def test_every_word_that_was_said_must_fit(what: str, ids: list[object]) -> None:
    assert what_was_said.meant(what, ALL) == ids


@pytest.mark.parametrize(
    ("after_ms", "words"),
    [
        (60_000, "23 14"),
        (3_600_000, "tomorrow 0 13"),
        (3 * DAY_MS, "friday 23 13"),
        (30 * DAY_MS, "december 14 23 13"),
    ],
)
def test_a_moment_is_told_by_the_clock_of_the_home(after_ms: int, words: str) -> None:
    assert what_was_said.when(LIGHT.plan, NOW_MS + after_ms, NOW_MS) == words


def test_schedules_have_names_for_people() -> None:
    assert [what_was_said.name(each) for each in ALL] == [
        "turn on kitchen light",
        "reminder call mom",
        "wake alarm",
    ]
