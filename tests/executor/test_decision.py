"""What becomes of what is said in a home: the right effect, or none and the right words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.home_site import HomeSite, state_of

from duplexsla.protocol.actions import code_proof
from duplexsla.v1 import action_pb2 as pb

LIGHT = {"device": "light", "room": "kitchen"}
FRONT = {"door": "front door"}
KEY, CODE = b"a key", "4711"


class OneCode:
    def right(self, home: str, action_id: str, proof: bytes) -> bool:
        return proof == code_proof(KEY, action_id, CODE)


@pytest.fixture
def site() -> Iterator[HomeSite]:
    site = HomeSite(codes=OneCode())
    yield site
    site.close()


def test_comfort_is_done_at_once(site: HomeSite) -> None:
    outcome = site.say("open_home_device", LIGHT, heard="turn on the kitchen light")
    assert state_of(outcome) == "done"
    assert site.effects == [outcome.action_id]
    assert site.state("kitchen/light")["on"] is True


def test_a_question_about_a_device_is_answered_and_moves_nothing(site: HomeSite) -> None:
    arguments = {"device": "thermostat", "room": "living room", "property": "temperature"}
    outcome = site.say("query_home_device", arguments, heard="how warm is it")
    assert state_of(outcome) == "done"
    assert '"value"' in outcome.result_json.replace(" ", "") and "21" in outcome.result_json
    assert site.effects == []


def test_what_was_set_is_told_with_its_unit(site: HomeSite) -> None:
    arguments = {"device": "thermostat", "room": "living room", "property": "temperature", "value": 23}
    outcome = site.say("set_home_device", arguments, heard="set the thermostat to 23")
    result = json.loads(outcome.result_json)
    assert (state_of(outcome), result["value"], result["unit"]) == ("done", 23, "degrees")


def test_the_time_needs_no_device(site: HomeSite) -> None:
    outcome = site.say("query_home_time", heard="what time is it")
    assert state_of(outcome) == "done" and "value" in outcome.result_json


def test_all_lights_are_several_effects(site: HomeSite) -> None:
    site.say("open_home_device", LIGHT, heard="kitchen light on")
    arguments = {"device": "lights", "scope": "all"}
    outcome = site.say("close_home_device", arguments, heard="turn off all the lights")
    assert state_of(outcome) == "done"
    assert len(outcome.devices) > 5
    assert all(each.startswith(f"{outcome.action_id}/") for each in site.effects[1:])
    assert site.state("kitchen/light")["on"] is False


def test_nobody_turned_to_the_service(site: HomeSite) -> None:
    outcome = site.say("open_home_device", LIGHT, heard="a coffee please", attended=False)
    assert state_of(outcome) == "inattentive"
    assert site.effects == []
    assert site.parts.decisions.refused == {"attention": 1}


@pytest.mark.parametrize(
    ("arguments", "state", "names"),
    [
        ({"device": "flux capacitor"}, "not_found", ["flux capacitor"]),
        ({"device": "lamp", "room": "moon"}, "not_found", ["moon"]),
    ],
)
def test_what_is_not_there_is_told(
    site: HomeSite, arguments: dict[str, Any], state: str, names: list[str]
) -> None:
    outcome = site.say("open_home_device", arguments, heard="turn on the thing")
    assert (state_of(outcome), list(outcome.candidates)) == (state, names)
    assert site.effects == []


def test_an_unlock_asks_for_the_code_and_a_spoken_yes_is_not_enough(site: HomeSite) -> None:
    asked = site.say("unlock_home_door", FRONT, heard="unlock the front door")
    assert (state_of(asked), asked.code_asked, list(asked.candidates)) == ("confirm", True, ["front door"])
    assert asked.due_at_ms == site.clock() + 15_000
    spoken = site.answer(pb.INTENT_YES, asked)
    assert (state_of(spoken), spoken.code_asked) == ("confirm", True)
    wrong = site.answer(
        pb.INTENT_YES, asked, origin=pb.ORIGIN_CLIENT, code_proof=code_proof(KEY, asked.action_id, "0000")
    )
    assert state_of(wrong) == "confirm"
    assert site.effects == []
    right = site.answer(
        pb.INTENT_YES, asked, origin=pb.ORIGIN_CLIENT, code_proof=code_proof(KEY, asked.action_id, CODE)
    )
    assert (state_of(right), right.refers_to) == ("done", asked.action_id)
    assert site.effects == [f"{asked.action_id}/yes"]
    assert site.state("door/front door")["locked"] is False


def test_a_lock_asks_and_a_yes_locks(site: HomeSite) -> None:
    site.by_hand("door/front door", locked=False)
    asked = site.say("lock_home_door", FRONT, heard="lock the front door")
    assert (state_of(asked), asked.code_asked) == ("confirm", False)
    assert asked.question == "lock front door?"
    assert state_of(site.answer(pb.INTENT_YES, asked)) == "done"
    assert site.state("door/front door")["locked"] is True


@pytest.mark.parametrize("where", [{"room": "hall"}, {"satellite": "by the door"}])
def test_whoever_speaks_at_home_is_at_home_and_a_program_is_not(
    site: HomeSite, where: dict[str, Any]
) -> None:
    site.by_hand("door/front door", locked=False)
    asked = site.say("lock_home_door", FRONT, origin=pb.ORIGIN_API, **where)
    assert state_of(asked) == "confirm"
    locked = site.say("lock_home_door", FRONT, heard="lock the front door", **where)
    assert state_of(locked) == "done"
    assert site.effects == [locked.action_id]
    asked = site.say("unlock_home_door", FRONT, heard="unlock the front door", **where)
    assert (state_of(asked), asked.code_asked) == ("confirm", True)


def test_weights_without_a_table_ask_before_mess_and_do_comfort(site: HomeSite) -> None:
    assert state_of(site.say("open_home_device", LIGHT, heard="light on", confidence=None)) == "done"
    asked = site.say("lock_home_door", FRONT, heard="lock the front door", confidence=None)
    assert (state_of(asked), asked.reason) == ("confirm", "unsure")


def test_words_that_were_not_heard_move_no_lock(site: HomeSite) -> None:
    outcome = site.say("unlock_home_door", FRONT, heard="what time is it")
    assert state_of(outcome) == "unsure"
    asked = site.say("unlock_home_door", FRONT, heard="is the front door locked")
    assert state_of(asked) in ("confirm", "unsure")
    assert site.effects == []


def test_a_gateway_that_stamps_no_evidence_has_comfort_done_and_nothing_else(site: HomeSite) -> None:
    bare = site.event("open_home_device", LIGHT)
    bare.ClearField("evidence")
    assert state_of(site.run(bare)) == "done"
    lock = site.event("lock_home_door", FRONT)
    lock.ClearField("evidence")
    assert state_of(site.run(lock)) in ("confirm", "unsure")
    assert site.effects == [bare.action.id]


def test_the_same_sentence_at_two_satellites_is_done_once(site: HomeSite) -> None:
    first = site.say("open_home_device", LIGHT, heard="kitchen light on", session=1)
    other = site.say("open_home_device", {"device": "kitchen light"}, heard="kitchen light on", session=2)
    assert (state_of(first), state_of(other), other.refers_to) == ("done", "duplicate", first.action_id)
    assert len(site.effects) == 1
    site.clock.now_ms += 2_100
    later = site.say("open_home_device", LIGHT, heard="kitchen light on", session=2)
    assert state_of(later) == "done"


def test_a_session_may_repeat_itself(site: HomeSite) -> None:
    louder = {"device": "speaker", "room": "kitchen", "property": "volume"}
    assert [state_of(site.say("increase_home_device", louder, heard="louder")) for _ in range(2)] == [
        "done",
        "done",
    ]


@pytest.mark.parametrize(("driving", "state"), [(None, "denied"), (True, "denied"), (False, "done")])
def test_a_car_that_stands_may_show_a_film_and_one_that_drives_or_does_not_say_may_not(
    site: HomeSite, driving: bool | None, state: str
) -> None:
    if driving is not None:
        site.by_hand("vehicle", driving=driving)
    told = site.say("play_online_video", {"title": "a film"}, heard="play a film", toolset="car")
    assert state_of(told) == state


def test_what_happens_at_its_time_and_what_is_said_for_another_time_are_other_sentences(
    site: HomeSite,
) -> None:
    later = LIGHT | {"when": "in five minutes"}
    assert state_of(site.say("open_home_device", later, heard="in five minutes")) == "scheduled"
    assert state_of(site.say("open_home_device", LIGHT, heard="light on", session=2)) == "done"
    assert state_of(site.say("open_home_device", later, heard="in five minutes", session=2)) == "duplicate"
    assert [state_of(each) for each in site.due(in_ms=300_000)] == ["done"]
    assert state_of(site.say("open_home_device", LIGHT, heard="light on")) == "done"


def test_a_question_of_another_satellite_is_not_asked_twice(site: HomeSite) -> None:
    first = site.say("lock_home_door", FRONT, heard="lock the front door", session=1)
    other = site.say("lock_home_door", FRONT, heard="lock the front door", session=2)
    assert (state_of(first), state_of(other)) == ("confirm", "duplicate")


def test_a_time_that_nobody_understands_does_nothing(site: HomeSite) -> None:
    outcome = site.say("open_home_device", LIGHT | {"when": "when pigs fly"}, heard="light on when pigs fly")
    assert state_of(outcome) == "refused"
    assert site.effects == []


def test_what_did_you_do_tells_the_newest(site: HomeSite) -> None:
    assert "nothing" in site.say("what_did_you_do", heard="what did you do").result_json
    site.say("open_home_device", LIGHT, heard="kitchen light on")
    assert "turn on kitchen light" in site.say("what_did_you_do", heard="what did you do").result_json


def test_a_home_without_a_registry_is_told(site: HomeSite) -> None:
    outcome = site.say("open_home_device", LIGHT, heard="kitchen light on", home="nowhere")
    assert (state_of(outcome), "nowhere" in outcome.reason) == ("failed", True)


def test_a_car_is_called_by_its_functions(site: HomeSite) -> None:
    outcome = site.say("open_car_setting", {"setting": "wipers"}, heard="turn on the wipers", toolset="car")
    assert state_of(outcome) in ("done", "refused"), outcome.reason


def test_while_driving_the_doors_stay_shut(site: HomeSite) -> None:
    outcome = site.say("open_car_setting", {"setting": "doors"}, heard="open the doors", toolset="car")
    assert state_of(outcome) in ("denied", "refused"), outcome.reason
    assert site.effects == []


def test_a_home_acts_as_often_as_its_share_allows_and_is_told_why_not() -> None:
    site = HomeSite(quotas={"home.comfort_actions": 2})
    heard = ["kitchen light on", "kitchen light off", "kitchen light on"]
    functions = ["open_home_device", "close_home_device", "open_home_device"]
    outcomes = [site.say(each, LIGHT, heard=said) for each, said in zip(functions, heard, strict=True)]
    assert [state_of(each) for each in outcomes] == ["done", "done", "denied"]
    assert "comfort actions" in outcomes[2].reason and len(site.effects) == 2
    assert site.parts.decisions.over_quota == {"comfort": 1}
    site.close()
