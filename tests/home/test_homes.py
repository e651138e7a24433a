"""Once, in time, for the newest owner only."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duplexsla.errors import ActionExpired, ActionRefused, BadInput, DeviceRefused, StaleFence, UnknownHome
from duplexsla.home.homes import CACHED, ActionRequest, CommandRequest, Homes, HomeSetup
from duplexsla.home.registry import ENTITIES
from duplexsla.home.store import HomeStore
from duplexsla.v1 import home_pb2 as pb

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


def command(
    entity: str, command: int, number: float | None = None, text: str = "", **fields: Any
) -> CommandRequest:
    request = {"action_id": "c", "session_id": 1, "fence": 1, "expires_at_ms": NOW_MS + 5_000} | fields
    return CommandRequest(entity=entity, command=command, number=number, text=text, **request)


def told(homes: Homes, entity: str, home: str = "demo") -> dict[str, Any]:
    state: dict[str, Any] = json.loads(homes.home(home).entity_state(entity, NOW_MS).state_json)
    return state


@settings(max_examples=25)
@given(st.data())
def test_commands_in_any_order_leave_a_state_that_outlives_a_restart(data: st.DataObject) -> None:
    """Every repeat is answered as the first time; what is refused changes nothing."""
    store = HomeStore(":memory:")
    homes = Homes(store)
    homes.create("demo", NOW_MS)
    for number in range(data.draw(st.integers(1, 12))):
        entity = ENTITIES[data.draw(st.sampled_from(SOME))]
        request = command(
            entity.id,
            data.draw(st.sampled_from([*entity.commands])),
            data.draw(st.sampled_from([None, -30, 0, 5, 20, 60, 101, 2_700])),
            data.draw(st.sampled_from(["", "auto", "blue", "milk", "night", "speed", "level", "today"])),
            action_id=f"c-{number}",
        )
        before = homes.home("demo").snapshot()
        try:
            effect, _ = homes.command("demo", request, NOW_MS + number)
        except (ActionRefused, DeviceRefused):
            assert homes.home("demo").snapshot() == before
            continue
        assert homes.command("demo", request, NOW_MS + 99_999) == (effect, True)
        assert effect.before == {name: before.get(name) for name in effect.after}
    reborn = Homes(store)
    assert reborn.home("demo").snapshot() == homes.home("demo").snapshot()
    late = NOW_MS + 50
    assert reborn.home("demo").entity_states(late) == homes.home("demo").entity_states(late)
    store.close()


SOME = (
    "bedroom/light", "bedroom/humidifier", "bedroom/thermostat", "bedroom/blinds", "kitchen/radio",
    "garden/mower", "door/front door", "alarm", "scene/movie", "list/shopping", "timers", "weather",
)  # fmt: skip


@given(st.data())
def test_what_a_state_tells_can_be_put_back_by_hand(data: st.DataObject) -> None:
    """Of every entity that a hand can set, whatever was done to it."""
    store = HomeStore(":memory:")
    homes, entity = Homes(store), data.draw(st.sampled_from(SOME[:8] + SOME[9:10]))
    setup = HomeSetup(temperature_unit=data.draw(st.sampled_from(UNITS)))
    homes.create("demo", NOW_MS, setup)
    homes.create("other", NOW_MS, setup)
    level = st.integers(20, 90) | st.floats(20, 90).map(lambda number: round(number, 1))
    for commanded in data.draw(st.lists(st.sampled_from([*ENTITIES[entity].commands]), max_size=4)):
        request = command(
            entity, commanded, data.draw(level), data.draw(st.sampled_from(["", "auto", "red"]))
        )
        home, asked = homes.home("demo"), (request.command, request.number, request.text)
        try:
            home.apply(home.plan_command(entity, *asked, now_ms=1))
        except (ActionRefused, DeviceRefused):
            continue
    before = told(homes, entity)
    homes.set_by_hand("other", entity, before, NOW_MS)
    assert told(homes, entity, "other") == before
    store.close()


UNITS = (None, "TEMPERATURE_UNIT_CELSIUS", "TEMPERATURE_UNIT_FAHRENHEIT")


def test_homes_differ_in_time_zone_and_unit_and_keep_them(homes: Homes, store: HomeStore) -> None:
    tokyo = HomeSetup(time_zone="Asia/Tokyo", temperature_unit="TEMPERATURE_UNIT_FAHRENHEIT")
    assert homes.create("tokyo", NOW_MS, tokyo)
    assert not homes.create("tokyo", NOW_MS, HomeSetup(time_zone="America/New_York"))
    for known in (homes, Homes(store)):
        assert known.home("tokyo").configuration.time_zone == "America/New_York"
        assert told(known, "attic/thermostat", "tokyo")["temperature"] == 69.8
        assert told(known, "attic/thermostat")["temperature"] == 21
    warmer = command("attic/thermostat", pb.COMMAND_STEP_TEMPERATURE, 2)
    state, _ = homes.command("tokyo", warmer, NOW_MS)
    assert json.loads(state.result["state_json"])["temperature"] == 71.8
    with pytest.raises(ActionRefused, match="between 41 and 95"):
        homes.command(
            "tokyo", command("attic/thermostat", pb.COMMAND_SET_TEMPERATURE, 21, action_id="d"), NOW_MS
        )


def test_today_is_the_day_in_the_homes_time_zone(homes: Homes) -> None:
    homes.create("there", NOW_MS, HomeSetup(time_zone="Pacific/Kiritimati"))  # UTC+14
    assert told(homes, "weather", "there")["today"] == told(homes, "weather")["tomorrow"]


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "Europe", "a\0b", "x" * 64])
def test_a_time_zone_that_there_is_not_is_bad_input_and_makes_no_home(homes: Homes, zone: str) -> None:
    with pytest.raises(BadInput, match="time_zone"):
        homes.create("there", NOW_MS, HomeSetup(time_zone=zone))
    with pytest.raises(UnknownHome):
        homes.home("there")
