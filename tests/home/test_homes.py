"""Once, in time, for the newest owner only."""

from typing import Any

import pytest

from duplexsla.errors import ActionExpired, ActionRefused, BadInput, DeviceRefused, StaleFence, UnknownHome
from duplexsla.home.homes import CACHED, ActionRequest, Homes
from duplexsla.home.store import HomeStore

NOW_MS = 1_700_000_000_000
VOLUME = {"device": "speaker", "room": "attic", "property": "volume", "value": 10, "unit": "percent"}
REQUEST = ActionRequest(
    action_id="1-0-0",
    session_id=2**64 - 1,
    fence=7,
    toolset="home",
    function="increase_home_device",
    arguments=VOLUME,
    expires_at_ms=NOW_MS + 5_000,
)


def changed(**fields: Any) -> ActionRequest:
    return REQUEST.model_copy(update=fields)


@pytest.fixture
def store() -> HomeStore:
    return HomeStore(":memory:")


@pytest.fixture
def homes(store: HomeStore) -> Homes:
    homes = Homes(store)
    homes.create("demo", NOW_MS)
    return homes


def volume(homes: Homes) -> int:
    return homes.home("demo").state["attic/speaker"]["volume"]


def test_an_effect_names_its_action_and_what_it_changed(homes: Homes) -> None:
    effect, repeated = homes.act("demo", REQUEST, NOW_MS, "00-1-2-01")
    assert not repeated
    assert (effect.action_id, effect.session_id, effect.at_ms) == ("1-0-0", "f" * 16, NOW_MS)
    assert (effect.before["attic/speaker"] or {})["volume"] == 30
    assert (effect.after["attic/speaker"] or {})["volume"] == 40
    assert effect.traceparent == "00-1-2-01"
    assert homes.effects("demo", limit=10) == [effect]


def test_the_same_action_again_answers_the_same_and_does_nothing(homes: Homes) -> None:
    first, _ = homes.act("demo", REQUEST, NOW_MS)
    again, repeated = homes.act("demo", REQUEST, NOW_MS + 60_000)  # even after it expired
    assert repeated and again == first
    assert volume(homes) == 40


def test_a_restart_forgets_nothing(homes: Homes, store: HomeStore) -> None:
    homes.act("demo", REQUEST, NOW_MS)
    reborn = Homes(store)
    assert volume(reborn) == 40
    assert reborn.act("demo", REQUEST, NOW_MS)[1]


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (changed(expires_at_ms=NOW_MS), ActionExpired),
        (changed(fence=6), StaleFence),
        (changed(function="fly"), ActionRefused),
        (changed(arguments={**VOLUME, "property": "color"}), DeviceRefused),
    ],
)
def test_what_is_refused_has_no_effect(homes: Homes, request_: ActionRequest, error: type[Exception]) -> None:
    homes.act("demo", changed(action_id="0-0-0", arguments={**VOLUME, "value": 5}), NOW_MS)
    with pytest.raises(error):
        homes.act("demo", request_, NOW_MS)
    assert volume(homes) == 35
    assert len(homes.effects("demo", limit=10)) == 1


def test_another_session_has_fences_of_its_own(homes: Homes) -> None:
    homes.act("demo", REQUEST, NOW_MS)
    homes.act("demo", changed(action_id="2-0-0", session_id=2, fence=1), NOW_MS)
    assert volume(homes) == 50


def test_a_home_that_is_not_there_is_told_so(homes: Homes) -> None:
    with pytest.raises(UnknownHome):
        homes.act("elsewhere", REQUEST, NOW_MS)
    with pytest.raises(BadInput):
        homes.create("../etc", NOW_MS)


def test_creating_a_home_again_changes_nothing(homes: Homes) -> None:
    homes.act("demo", REQUEST, NOW_MS)
    assert not homes.create("demo", NOW_MS)
    assert volume(homes) == 40


def test_homes_that_no_longer_fit_in_memory_are_read_again(homes: Homes) -> None:
    homes.act("demo", REQUEST, NOW_MS)
    for number in range(CACHED + 1):
        homes.create(f"home-{number}", NOW_MS)
        homes.home(f"home-{number}")
    assert volume(homes) == 40
