"""What is to happen later: once, in time, or told; whoever dies, and whatever the clocks do."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.action_events import Clock
from tests.support.home_site import HOME, HomeSite, state_of

from duplexsla.executor.crash_points import POINTS
from duplexsla.executor.policies import PolicyFile
from duplexsla.executor.schedules.due_events import MAX_OF_HOME
from duplexsla.gates.policy_file import DEFAULT_FILE
from duplexsla.protocol.topics import ACTIONS_TOPIC, SCHEDULES_TOPIC
from duplexsla.v1 import action_pb2 as pb

LIGHT = {"device": "light", "room": "kitchen"}
IN_FIVE = LIGHT | {"when": "in five minutes"}
HEARD = "turn on the kitchen light in five minutes"
FIVE_MS = 300_000
LOCK = {"door": "front door", "when": "in five minutes"}
HEARD_LOCK = "lock the front door in five minutes"


@pytest.fixture
def site() -> Iterator[HomeSite]:
    site = HomeSite()
    yield site
    site.close()


def in_five_minutes(site: HomeSite) -> pb.ActionOutcome:
    return site.say("open_home_device", IN_FIVE, heard=HEARD)


def test_it_happens_at_its_time_and_not_before_and_once(site: HomeSite) -> None:
    asked = in_five_minutes(site)
    assert state_of(asked) == "scheduled"
    assert asked.due_at_ms == site.clock() + FIVE_MS
    assert site.due(in_ms=FIVE_MS - 1) == []
    [told] = site.due(in_ms=1)
    assert state_of(told) == "done"
    assert told.action_id == f"{asked.action_id}@{asked.due_at_ms}"
    assert site.due(in_ms=FIVE_MS) == []
    assert site.effects == [told.action_id]
    assert site.state("kitchen/light")["on"] is True


def test_its_record_is_written_before_it_is_told_and_goes_when_it_is_settled(site: HomeSite) -> None:
    in_five_minutes(site)
    [written] = site.log.records(SCHEDULES_TOPIC)
    assert written.value
    site.due(in_ms=FIVE_MS)
    _, deleted = site.log.records(SCHEDULES_TOPIC)
    assert (deleted.key, deleted.value) == (written.key, b"")
    assert site.parts.scheduler.held == 0


class Died(BaseException):
    pass


@pytest.mark.parametrize("point", [each for each in POINTS if each != "published"])
def test_an_executor_that_dies_while_it_is_scheduled_leaves_one_schedule(site: HomeSite, point: str) -> None:
    asked = site.event("open_home_device", IN_FIVE, heard=HEARD)
    _die_at(site, point)
    with pytest.raises(Died):
        site.run(asked)
    site.restart()
    assert state_of(site.run(asked)) == "scheduled"
    assert [state_of(each) for each in site.due(in_ms=FIVE_MS)] == ["done"]
    assert len(site.effects) == 1


@pytest.mark.parametrize("point", [each for each in POINTS if each != "published"])
def test_an_executor_that_dies_at_its_moment_leaves_one_effect(site: HomeSite, point: str) -> None:
    in_five_minutes(site)
    _die_at(site, point)
    with pytest.raises(Died):
        site.due(in_ms=FIVE_MS)
    [produced] = site.log.records(ACTIONS_TOPIC)
    site.restart()
    assert state_of(site.run(pb.ActionEvent.FromString(produced.value))) == "done"
    assert site.due() == []
    assert len(site.effects) == 1


def test_a_due_event_that_was_produced_and_not_settled_is_produced_again(site: HomeSite) -> None:
    in_five_minutes(site)
    _die_at(site, "settled")
    with pytest.raises(Died):
        site.due(in_ms=FIVE_MS)
    site.restart()
    [told] = site.due()  # the successor knows nothing of the event that lies in the topic
    first, second = site.log.records(ACTIONS_TOPIC)
    assert first.value == second.value
    assert state_of(told) == "done"
    assert len(site.effects) == 1
    site.restart()
    assert site.due() == []


def test_two_executors_that_hold_the_home_have_one_effect(site: HomeSite) -> None:
    in_five_minutes(site)
    former = site.parts
    site.restart()
    [told] = site.due(in_ms=FIVE_MS)
    site.parts, newer = former, site.parts
    [again] = site.due()
    site.parts = newer
    assert again == told
    assert len(site.effects) == 1


def test_one_that_was_written_after_its_partition_was_read_is_not_lost(site: HomeSite) -> None:
    asked = site.event("open_home_device", IN_FIVE, heard=HEARD)
    site.run(asked)
    site.restart()
    site.parts.scheduler.load([0], [])
    assert state_of(site.run(asked)) == "scheduled"
    assert [state_of(each) for each in site.due(in_ms=FIVE_MS)] == ["done"]


def test_after_its_grace_it_is_told_as_expired(site: HomeSite) -> None:
    in_five_minutes(site)
    [told] = site.due(in_ms=FIVE_MS + 600_000)
    assert (state_of(told), site.effects) == ("expired", [])
    assert site.parts.scheduler.held == 0


def test_within_its_grace_it_is_done(site: HomeSite) -> None:
    in_five_minutes(site)
    assert [state_of(each) for each in site.due(in_ms=FIVE_MS + 500_000)] == ["done"]


def test_what_recurs_has_each_of_its_moments(site: HomeSite) -> None:
    asked = site.say("open_home_device", LIGHT | {"when": "every day at seven"}, heard="light on at seven")
    assert state_of(asked) == "scheduled"
    done: list[str] = []
    for _ in range(3):
        done += [state_of(each) for each in site.due(in_ms=86_400_000)]
        site.restart()
    assert done[:1] != [] and len(site.log.records(ACTIONS_TOPIC)) == 3
    assert site.parts.scheduler.held == 1
    [standing] = site.parts.scheduler.of_home(HOME)
    assert standing.version == 4


def test_one_that_needs_a_yes_is_asked_about_first_and_then_counts_when_it_is_due(site: HomeSite) -> None:
    asked = site.say("lock_home_door", LOCK, heard=HEARD_LOCK)
    assert (state_of(asked), site.parts.scheduler.held) == ("confirm", 0)
    assert state_of(site.answer(pb.INTENT_YES, asked)) == "scheduled"
    assert site.effects == []
    [told] = site.due(in_ms=FIVE_MS)
    assert (state_of(told), told.action_id.startswith(f"{asked.action_id}/yes@")) == ("done", True)
    assert len(site.effects) == 1


def test_a_no_schedules_nothing(site: HomeSite) -> None:
    asked = site.say("lock_home_door", LOCK, heard=HEARD_LOCK)
    site.answer(pb.INTENT_NO, asked, heard="no")
    assert site.parts.scheduler.held == 0


@pytest.mark.parametrize("verdict", ["deny", "confirm with code"])
def test_a_policy_that_has_become_stricter_counts_more_than_the_yes(verdict: str, tmp_path: Path) -> None:
    path, clock = tmp_path / "policy.json", Clock()
    site = HomeSite(policies=_policies(path, clock), clock=clock)
    asked = site.say("lock_home_door", LOCK, heard=HEARD_LOCK)
    assert state_of(site.answer(pb.INTENT_YES, asked)) == "scheduled"
    _write_policy(path, verdict)
    [told] = site.due(in_ms=FIVE_MS)
    assert (state_of(told), site.effects) == ("denied", [])
    site.close()


def test_what_was_taken_back_or_cancelled_does_not_happen(site: HomeSite) -> None:
    asked = in_five_minutes(site)
    assert state_of(site.answer(pb.INTENT_RETRACT, asked, heard="never mind")) == "retracted"
    in_five_minutes(site)
    assert state_of(site.say("cancel_later", {"what": "the light"}, heard="cancel the light")) == "done"
    site.restart()
    assert site.due(in_ms=FIVE_MS + 600_000) == []
    assert site.effects == []


def test_an_old_due_event_of_what_was_cancelled_is_fenced(site: HomeSite) -> None:
    in_five_minutes(site)
    site.clock.now_ms += FIVE_MS
    site._loop.run(site.parts.scheduler.produce_due())
    [produced] = site.log.records(ACTIONS_TOPIC)
    site.say("cancel_later", heard="cancel that")
    assert state_of(site.run(pb.ActionEvent.FromString(produced.value))) == "fenced"
    site.restart()
    site.parts.scheduler.load([0], site.log.records(SCHEDULES_TOPIC)[:1])  # as before it was cancelled
    assert state_of(site.run(pb.ActionEvent.FromString(produced.value))) == "fenced"
    assert site.effects == []


def test_a_cancelling_that_is_read_again_says_the_same(site: HomeSite) -> None:
    in_five_minutes(site)
    cancel = site.event("cancel_later", heard="cancel that")
    _die_at(site, "called")
    with pytest.raises(Died):
        site.run(cancel)
    site.restart()
    assert state_of(site.run(cancel)) == "done"


@pytest.mark.parametrize("step_ms", [-FIVE_MS, FIVE_MS])
def test_a_clock_that_steps_makes_nothing_early_or_double_or_lost(site: HomeSite, step_ms: int) -> None:
    """The scheduler's clock follows such a step little by little; here it jumps outright."""
    asked = in_five_minutes(site)
    due = asked.due_at_ms
    told = []
    for step in (FIVE_MS // 2, step_ms, FIVE_MS, -step_ms, FIVE_MS, FIVE_MS):
        site.clock.now_ms += step
        fresh = site.due()
        assert not fresh or site.clock() >= due
        told += fresh
    assert [state_of(each) for each in told] == ["done"]
    assert len(site.effects) == 1


@pytest.mark.parametrize("when", ["in zero minutes", "in five hundred days", "in two years"])
def test_no_time_and_more_than_a_year_are_refused(site: HomeSite, when: str) -> None:
    outcome = site.say("open_home_device", LIGHT | {"when": when}, heard=f"light on {when}")
    assert (state_of(outcome), site.parts.scheduler.held) == ("refused", 0)


def test_a_home_has_so_many_and_no_more(site: HomeSite) -> None:
    for _ in range(MAX_OF_HOME):
        assert state_of(in_five_minutes(site)) == "scheduled"
    assert state_of(in_five_minutes(site)) == "refused"


@pytest.mark.parametrize(
    ("function", "arguments", "value"),
    [
        ("set_reminder", {"message": "call mom", "when": "in five minutes"}, "call mom"),
        ("set_wake_alarm", {"when": "in five minutes"}, ""),
    ],
)
def test_the_moment_of_a_reminder_or_an_alarm_is_something_to_say(
    site: HomeSite, function: str, arguments: dict[str, str], value: str
) -> None:
    assert (
        state_of(site.say(function, arguments, heard="remind me to call mom in five minutes")) == "scheduled"
    )
    [told] = site.due(in_ms=FIVE_MS)
    assert (state_of(told), told.function) == ("done", function)
    assert json.loads(told.result_json) == {"value": value}
    assert site.effects == []


def test_an_event_that_claims_to_be_due_and_has_no_schedule_is_fenced(site: HomeSite) -> None:
    forged = site.event("open_home_device", LIGHT, origin=pb.ORIGIN_SCHEDULE, refers_to="nothing")
    assert state_of(site.run(forged)) == "fenced"
    assert site.effects == []


def test_a_broker_that_is_away_delays_the_event_and_loses_nothing(site: HomeSite) -> None:
    in_five_minutes(site)
    site.log.down = True
    assert site.due(in_ms=FIVE_MS) == []
    site.log.down = False
    assert [state_of(each) for each in site.due(in_ms=1_000)] == ["done"]


def _die_at(site: HomeSite, wanted: str) -> None:
    """The executor that has the home now dies when it next passes this point."""

    def pass_by(point: str) -> None:
        if point == wanted:
            raise Died

    scheduled = site.log.records(SCHEDULES_TOPIC)
    site.crash_point = pass_by
    site.parts = site._assembled(None)
    site.parts.scheduler.load([0], scheduled)


def _policies(path: Path, clock: Clock) -> PolicyFile:
    _write_policy(path, "confirm")
    return PolicyFile(path, now_ms=clock)


def _write_policy(path: Path, verdict: str) -> None:
    rule = {
        "name": "doors",
        "verdict": verdict,
        "when": {"function": ["lock_home_door"]},
        "because": "A test.",
    }
    found = json.loads(DEFAULT_FILE.read_text())
    path.write_text(json.dumps(found | {"rules": [rule, *found["rules"]], "version": verdict}))
