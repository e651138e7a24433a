"""Undo: what was done last, if nobody has touched it since, once, and by the risk of taking it back."""

from collections.abc import Iterator

import pytest
from tests.support.home_site import HomeSite, state_of

from duplexsla.v1 import action_pb2 as pb

LIGHT = {"device": "light", "room": "kitchen"}
FRONT = {"door": "front door"}


@pytest.fixture
def site() -> Iterator[HomeSite]:
    site = HomeSite()
    yield site
    site.close()


def test_the_newest_is_taken_back_once(site: HomeSite) -> None:
    site.say("open_home_device", {"device": "lamp", "room": "attic"}, heard="attic lamp on")
    site.say("open_home_device", LIGHT, heard="kitchen light on")
    undone = site.say("undo", heard="undo that")
    assert state_of(undone) == "done"
    assert site.state("kitchen/light")["on"] is False and site.state("attic/lamp")["on"] is True
    assert site.effects[-1] == undone.action_id
    assert state_of(site.say("undo", heard="undo that")) == "done"
    assert site.state("attic/lamp")["on"] is False
    assert state_of(site.say("undo", heard="undo that")) == "failed"


def test_the_same_undo_twice_takes_back_one_thing(site: HomeSite) -> None:
    site.say("open_home_device", {"device": "lamp", "room": "attic"}, heard="attic lamp on")
    site.say("open_home_device", LIGHT, heard="kitchen light on")
    undo = site.event("undo", heard="undo that")
    assert site.run(undo) == site.run(undo)
    assert site.state("attic/lamp")["on"] is True


def test_what_somebody_has_changed_since_stays(site: HomeSite) -> None:
    site.say("open_home_device", LIGHT, heard="kitchen light on")
    site.by_hand("kitchen/light", on=False)
    site.by_hand("kitchen/light", on=True)
    outcome = site.say("undo", heard="undo that")
    assert (state_of(outcome), outcome.reason) == ("failed", "it was changed since")
    assert site.state("kitchen/light")["on"] is True


def test_it_is_too_late_after_ten_minutes(site: HomeSite) -> None:
    site.say("open_home_device", LIGHT, heard="kitchen light on")
    site.clock.now_ms += 600_001
    assert state_of(site.say("undo", heard="undo that")) == "failed"


def test_somebody_else_in_the_room_may_undo_for_two_minutes(site: HomeSite) -> None:
    site.say("open_home_device", LIGHT, heard="kitchen light on", session=1, room="kitchen")
    assert state_of(site.say("undo", heard="undo", session=2, room="attic")) == "failed"
    site.clock.now_ms += 100_000
    assert state_of(site.say("undo", heard="undo", session=2, room="kitchen")) == "done"
    assert state_of(site.say("undo", heard="undo", session=1, room="kitchen")) == "failed"


def test_several_devices_are_taken_back_as_they_were(site: HomeSite) -> None:
    site.say("open_home_device", LIGHT, heard="kitchen light on")
    site.say("close_home_device", {"device": "lights", "scope": "all"}, heard="turn off all the lights")
    assert state_of(site.say("undo", heard="undo that")) == "done"
    assert site.state("kitchen/light")["on"] is True and site.state("attic/light")["on"] is False


def test_undoing_a_lock_is_an_unlock(site: HomeSite) -> None:
    site.by_hand("door/front door", locked=False)
    asked = site.say("lock_home_door", FRONT, heard="lock the front door")
    assert state_of(site.answer(pb.INTENT_YES, asked)) == "done"
    undo = site.say("undo", heard="undo that")
    assert state_of(undo) in ("confirm", "unsure")
    assert site.state("door/front door")["locked"] is True


def test_what_a_yes_did_is_taken_back(site: HomeSite) -> None:
    asked = site.say("arm_home_alarm", {"mode": "away"}, heard="arm the alarm away")
    assert state_of(asked) == "confirm"
    assert state_of(site.answer(pb.INTENT_NO, asked)) == "done"
    assert state_of(site.say("undo", heard="undo that")) == "failed"
