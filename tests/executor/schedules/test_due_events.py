"""Moments, versions and events of schedules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.action_events import NOW_MS
from tests.support.schedules import schedule

from duplexsla.executor.planning.said_clock import Recurring
from duplexsla.executor.schedules import due_events
from duplexsla.protocol.actions import due_id
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.schedule_pb2 import Schedule

YEAR_MS = 366 * 86_400_000
RISKS = ("read", "comfort", "mess", "entry", "unheard of", "")


@given(
    due_ms=st.integers(1, 2**45),
    version=st.integers(1, 2**50),
    risk=st.sampled_from(RISKS),
    tenant=st.text(max_size=9),
    home=st.text(min_size=1, max_size=9),
)
def test_two_executors_make_the_same_event_and_it_has_its_grace_and_no_more(
    due_ms: int, version: int, risk: str, tenant: str, home: str
) -> None:
    made = schedule(due_ms=due_ms, version=version, risk=risk, tenant=tenant, home=home)
    copy = Schedule.FromString(made.SerializeToString())
    event = due_events.due_event(made)
    assert event == due_events.due_event(copy)
    assert event.action.id == due_id(made.id, due_ms)
    assert (event.fence, event.emitted_at_ms, event.origin) == (version, due_ms, pb.ORIGIN_SCHEDULE)
    most_ms = {"read": 600_000, "comfort": 600_000, "mess": 60_000}.get(risk, 30_000)
    assert event.expires_at_ms - due_ms == most_ms
    assert due_events.is_of(event, made)


def test_a_schedule_is_a_session_of_its_own() -> None:
    several = [
        schedule(),
        schedule(home="other"),
        schedule(tenant="acme"),
        schedule(number=7),
        schedule(tenant="demo", home=""),
    ]
    assert len({due_events.session_of(each) for each in several}) == len(several)
    assert due_events.session_of(schedule(version=9)) == due_events.session_of(schedule())


@given(st.integers(1, 100), st.integers(0, 6), st.integers(0, 23), st.integers(0, 59))
def test_what_recurs_has_one_version_per_moment_and_each_fences_the_one_before(
    count: int, weekday: int, hour: int, minute: int
) -> None:
    recurring = Recurring(frozenset({weekday, (weekday + 3) % 7}), hour, minute)
    standing = schedule(recurring=recurring)
    seen: list[int] = []
    for _ in range(count % 12 + 1):
        event = due_events.due_event(standing)
        following = due_events.after(standing)
        assert following is not None
        assert following.version == standing.version + 1
        assert following.due_at_ms > standing.due_at_ms
        assert not due_events.is_of(event, following)
        seen.append(following.due_at_ms)
        standing = following
    assert seen == sorted(set(seen))


def test_what_happens_once_has_no_moment_after_it() -> None:
    assert due_events.after(schedule()) is None


def test_the_event_of_a_cancelled_schedule_is_not_its_own() -> None:
    standing = schedule()
    last = due_events.cancelled(standing, "by")
    assert (last.version, last.cancelled_by) == (2, "by")
    assert not due_events.is_of(due_events.due_event(standing), last)
    assert not due_events.is_of(due_events.due_event(last), last)


@pytest.mark.parametrize(
    ("due_ms", "of_home", "reason"),
    [
        (NOW_MS - 1, 0, due_events.PAST),
        (NOW_MS, 0, due_events.PAST),
        (NOW_MS + 1, 0, ""),
        (NOW_MS + YEAR_MS, 0, ""),
        (NOW_MS + YEAR_MS + 1, 0, due_events.TOO_FAR),
        (NOW_MS + 1, due_events.MAX_OF_HOME - 1, ""),
        (NOW_MS + 1, due_events.MAX_OF_HOME, due_events.TOO_MANY),
    ],
)
def test_the_past_the_far_future_and_too_many_are_refused(due_ms: int, of_home: int, reason: str) -> None:
    assert due_events.refusal(due_ms, NOW_MS, of_home) == reason


def test_a_code_is_not_kept_and_a_yes_is() -> None:
    event: dict[str, Any] = {"home": "demo", "action": pb.Action(id="0000000000000001-1-0/yes")}
    asked = pb.ActionEvent(intent=pb.INTENT_YES, code_proof=b"proof", **event)
    made = due_events.schedule_of(asked, schedule().plan)
    assert (made.confirmed, made.event.code_proof, made.version) == (True, b"", 1)
