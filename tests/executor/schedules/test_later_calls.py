"""Listing and cancelling what is to happen later."""

import json
from collections.abc import Iterator

import pytest
from tests.support.home_site import HomeSite, state_of

HEARD = "what is to happen later"


@pytest.fixture
def site() -> Iterator[HomeSite]:
    site = HomeSite()
    yield site
    site.close()


def schedule(site: HomeSite, device: str, when: str) -> None:
    arguments = {"device": device, "room": "kitchen", "when": when}
    assert state_of(site.say("open_home_device", arguments, heard=f"{device} on {when}")) == "scheduled"


def listed(site: HomeSite) -> list[str]:
    outcome = site.say("query_later", heard=HEARD)
    assert state_of(outcome) == "done"
    later: list[str] = json.loads(outcome.result_json)["later"]
    return later


def test_the_soonest_is_told_first_and_nothing_is_told_as_nothing(site: HomeSite) -> None:
    assert '"nothing"' in site.say("query_later", heard=HEARD).result_json
    schedule(site, "light", "in ten minutes")
    site.say(
        "set_reminder",
        {"message": "call mom", "when": "in five minutes"},
        heard="remind me in five minutes to call mom",
    )
    first, second = listed(site)
    assert first.startswith("reminder call mom ") and second.startswith("turn on kitchen light ")


def test_one_is_cancelled_by_what_is_said_of_it(site: HomeSite) -> None:
    schedule(site, "light", "in ten minutes")
    site.say(
        "set_reminder",
        {"message": "call mom", "when": "in five minutes"},
        heard="remind me in five minutes to call mom",
    )
    assert state_of(site.say("cancel_later", {"what": "the reminder"}, heard="cancel the reminder")) == "done"
    assert [each.split(" 2")[0] for each in listed(site)] == ["turn on kitchen light"]


def test_of_several_it_is_asked_which(site: HomeSite) -> None:
    for when in ("in ten minutes", "in an hour"):
        schedule(site, "light", when)
    outcome = site.say("cancel_later", {"what": "the light"}, heard="cancel the light")
    assert (state_of(outcome), len(outcome.candidates), len(listed(site))) == ("ambiguous", 2, 2)
    assert state_of(site.say("cancel_later", {"what": "all"}, heard="cancel all of it")) == "done"
    assert listed(site) == []


def test_what_is_not_there_is_not_found_and_where_nothing_is_that_is_told(site: HomeSite) -> None:
    outcome = site.say("cancel_later", {"what": "the reminder"}, heard="cancel the reminder")
    assert (state_of(outcome), outcome.reason) == ("failed", "nothing is to happen later")
    schedule(site, "light", "in ten minutes")
    outcome = site.say("cancel_later", {"what": "the reminder"}, heard="cancel the reminder")
    assert (state_of(outcome), list(outcome.candidates)) == ("not_found", ["the reminder"])
    assert len(listed(site)) == 1


def test_another_home_has_its_own(site: HomeSite) -> None:
    schedule(site, "light", "in ten minutes")
    outcome = site.say("cancel_later", heard="cancel that", home="other")
    assert state_of(outcome) == "failed"
