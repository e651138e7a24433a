"""What happened is told to the gateways of its room, or kept; and what became of something scheduled."""

from collections.abc import Iterator

import pytest
from tests.support.action_events import event
from tests.support.home_site import HOME, HomeSite, state_of

from duplexsla.errors import StoreLost
from duplexsla.executor.room_events import LATE_MS, what_became
from duplexsla.protocol.topics import OUTCOMES_TOPIC, PARTITIONS
from duplexsla.session.store.room_hints import NOTICE_MS, MemoryRoomHints
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.home_pb2 import COMMAND_CLOSE, COMMAND_OPEN, EntityCommand
from duplexsla.v1.plan_pb2 import ActionPlan, PlannedEffect

FIVE_MS = 300_000


@pytest.fixture
def site() -> Iterator[HomeSite]:
    site = HomeSite()
    yield site
    site.close()


def told(site: HomeSite) -> list[tuple[int, str, str, str]]:
    return [(number, each.kind, each.about, each.room) for number, each in site.told()]


def test_a_reminder_is_told_in_the_room_where_it_was_asked_for(site: HomeSite) -> None:
    arguments = {"message": "call mom", "when": "in five minutes"}
    site.say("set_reminder", arguments, heard="remind me in five minutes to call mom", room="kitchen")
    site.clock.now_ms += FIVE_MS - 1
    site.enter(3, "Kitchen")
    site.enter(5, "bathroom")
    assert told(site) == []
    [outcome] = site.due(in_ms=1)
    assert state_of(outcome) == "done" and told(site) == [(3, "reminder", "call mom", "kitchen")]


def test_a_wake_up_waits_for_the_next_one_in_the_home(site: HomeSite) -> None:
    site.say("set_wake_alarm", {"when": "in five minutes"}, heard="wake me in five minutes")
    site.due(in_ms=FIVE_MS)
    [kept] = site.kept()
    assert (kept.kind, kept.room, kept.home) == ("wake_alarm", "", HOME) and told(site) == []


def test_a_message_is_told_upstairs_and_not_to_whoever_said_it(site: HomeSite) -> None:
    for number, room in enumerate(("bedroom", "study", "kitchen")):
        site.enter(number, room)
    said = {"message": "dinner is ready", "floor": "upstairs"}
    outcome = site.say(
        "broadcast_home_message", said, heard="tell everyone upstairs dinner is ready", session=7, room="hall"
    )
    assert state_of(outcome) == "done", outcome
    assert [each[:3] for each in told(site)] == [
        (0, "broadcast", "dinner is ready"),
        (1, "broadcast", "dinner is ready"),
    ]
    assert {each.except_session for _, each in site.told()} == {7}


def test_what_is_redelivered_is_told_once(site: HomeSite) -> None:
    site.enter(2, "")
    heard = "tell everyone dinner is ready"
    said = site.event("broadcast_home_message", {"message": "dinner is ready"}, heard=heard, room="hall")
    site.run(said)
    site.restart()
    site.do(site.parts.rooms.spoken(said, ActionPlan(message="dinner is ready")))
    assert len(told(site)) == 1 and site.parts.rooms.counts["repeated"] == 1


def test_what_expired_is_told_where_it_was_asked_for(site: HomeSite) -> None:
    asked = {"device": "light", "room": "kitchen", "when": "in five minutes"}
    heard = "turn on the kitchen light in five minutes"
    site.say("open_home_device", asked, heard=heard, room="study")
    site.enter(4, "study")
    site.enter(6, "kitchen")
    site.clock.now_ms += FIVE_MS
    events = site.log.records("duplexsla.actions.v1")
    site.do(site.parts.scheduler.produce_due())
    [due] = site.log.records("duplexsla.actions.v1")[len(events) :]
    site.clock.now_ms += NOTICE_MS + 1
    site.enter(4, "study")
    assert state_of(site.run(pb.ActionEvent.FromString(due.value))) == "expired"
    assert told(site) == [(4, "expired", "kitchen light", "study")]


def test_what_was_done_in_time_is_known_where_it_happened(site: HomeSite) -> None:
    asked = {"device": "light", "room": "kitchen", "when": "in five minutes"}
    site.say("open_home_device", asked, heard="turn on the kitchen light in five minutes", room="study")
    site.clock.now_ms += FIVE_MS - 1
    site.enter(6, "kitchen")
    site.due(in_ms=1)
    assert told(site) == [(6, "turned_on", "kitchen light", "kitchen")]


def plan(command: int = COMMAND_CLOSE) -> ActionPlan:
    effect = PlannedEffect(command=EntityCommand(command=command), name="garage door", area="garage")  # type: ignore[arg-type]
    return ActionPlan(function="close_home_device", effects=[effect])


@pytest.mark.parametrize(
    ("state", "late_ms", "kind"),
    [
        ("DONE", 0, "closed"),
        ("DONE", LATE_MS + 1, "effect_late"),
        ("UNKNOWN", 0, "unknown"),
        ("DENIED", 0, "denied"),
        ("UNAVAILABLE", 0, "unavailable"),
        ("FENCED", 0, ""),
        ("RETRACTED", 0, ""),
    ],
)
def test_each_end_of_something_scheduled_has_its_line_or_none(state: str, late_ms: int, kind: str) -> None:
    due = event()
    outcome = pb.ActionOutcome(
        state=pb.OutcomeState.Value(f"OUTCOME_STATE_{state}"), effect_at_ms=due.emitted_at_ms + late_ms
    )
    told = what_became(due, outcome, plan())
    assert (told.kind if told else "") == kind and (told is None or told.about == "garage door")


def test_without_the_store_every_gateway_is_told(site: HomeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(*_: object, **__: object) -> None:
        raise StoreLost("away")

    for method in ("is_told", "places", "mark_told"):
        monkeypatch.setattr(MemoryRoomHints, method, lost)
    site.do(site.parts.rooms.tell(pb.RoomEvent(id="e", home=HOME, kind="timer_over", at_ms=site.clock())))
    assert [number for number, _ in site.told()] == list(range(PARTITIONS[OUTCOMES_TOPIC]))


def test_brokers_that_are_away_are_waited_for_as_long_as_it_is_worth_telling(site: HomeSite) -> None:
    site.log.down = True
    site.enter(1, "")
    door = pb.RoomEvent(id="e", home=HOME, kind="opened", at_ms=site.clock())
    site.do(site.parts.rooms.tell(door))
    assert site.parts.rooms.counts == {"late": 1}
    assert site.clock() > door.at_ms + NOTICE_MS


def test_an_open_command_that_is_done_in_time_reads_as_opened() -> None:
    due = event()
    outcome = pb.ActionOutcome(state=pb.OUTCOME_STATE_DONE, effect_at_ms=due.emitted_at_ms)
    told = what_became(due, outcome, plan(COMMAND_OPEN))
    assert told is not None and told.kind == "opened"
