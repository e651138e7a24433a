"""Which things are meant, whatever is said."""

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.family_home import AREAS, entity, family_registry

from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.executor.planning.planning import plan
from duplexsla.executor.planning.plans import HomePlan
from duplexsla.executor.planning.resolver import (
    ASKED_CANDIDATES,
    SCOPES,
    Ambiguous,
    NotFound,
    Resolved,
    SaidTarget,
    Situation,
    resolve,
)
from duplexsla.executor.planning.spoken_words import singular, words_of
from duplexsla.gates.risk import CAREFUL
from duplexsla.v1 import home_pb2 as pb

REGISTRY = family_registry()
HOME = HomeNames(REGISTRY)
# Called so by nobody else, neither without the room nor as its kind.
ALONE = [
    one
    for one in HOME.entities.values()
    if {*HOME.whole[key := singular(words_of(one.name))], *HOME.short.get(key, ()), *HOME.ends.get(key, ())}
    == {one.id}
    and key not in HOME.kinds
]
DEVICES = [each for each in ALONE if each.area]
ROOMS = st.sampled_from(["", *AREAS])
SAID_NAMES = st.text(max_size=40) | st.sampled_from(
    [
        "lights",
        "the doors",
        "everything",
        "all",
        "and",
        "kitchen",
        "light and fan",
        "blinds",
        "s",
        "'s",
        "here",
        "-",
    ]
)


@given(SAID_NAMES, SAID_NAMES, SAID_NAMES, st.sampled_from(["", *sorted(SCOPES)]), SAID_NAMES, ROOMS)
def test_any_words_have_an_answer_of_exposed_things(name, room, floor, scope, excepted, own) -> None:
    found = resolve(SaidTarget(name, room, floor, scope, excepted), HOME, Situation(own))
    if isinstance(found, Resolved):
        assert found.entities and {each.id for each in found.entities} <= HOME.entities.keys()
        assert len({each.id for each in found.entities}) == len(found.entities)
    elif isinstance(found, Ambiguous):
        assert 0 < len(found.candidates) <= ASKED_CANDIDATES and len(found.candidates) <= found.count
    else:
        assert isinstance(found, NotFound)


@given(st.sampled_from(DEVICES), st.sampled_from(["", "the ", "my ", "Please the "]), st.booleans(), ROOMS)
def test_a_whole_name_is_found_from_every_room_however_it_is_written(one, article, loud, own) -> None:
    name = article + (one.name.upper() if loud else one.name)
    found = resolve(SaidTarget(name), HOME, Situation(own))
    assert isinstance(found, Resolved) and found.exact
    assert [each.id for each in found.entities] == [one.id]


@given(st.sampled_from(DEVICES), st.data())
def test_a_name_with_a_wrong_letter_is_never_exactly_another_s(one, data) -> None:
    at = data.draw(st.integers(0, len(one.name) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    said = one.name[:at] + letter + one.name[at + 1 :]
    assume(said.casefold() != one.name.casefold())
    found = resolve(SaidTarget(said), HOME)
    if isinstance(found, Resolved):
        assert not found.exact or said.casefold() in {each.name.casefold() for each in found.entities}


@given(st.sampled_from(["open", "close"]), SAID_NAMES, st.sampled_from(["", "all", "every", "both"]), ROOMS)
def test_of_several_things_none_is_a_risk(verb, name, scope, own) -> None:
    assume(name)
    result = plan(f"{verb}_home_device", {"device": name, "scope": scope}, HOME, Situation(own))
    if isinstance(result, HomePlan) and len(result.commands) > 1 and " and " not in name:
        assert result.risk not in CAREFUL


def test_two_things_of_one_name_in_one_room_are_a_question() -> None:
    registry = family_registry()
    registry.entities.append(entity("light.twin", "Reading lamp", "LIGHT", "living", (pb.COMMAND_TURN_ON,)))
    found = resolve(SaidTarget("reading lamp"), HomeNames(registry), Situation("living"))
    assert isinstance(found, Ambiguous) and found.count == 2


def test_of_two_things_of_one_name_the_one_in_the_room_is_meant() -> None:
    registry = family_registry()
    registry.entities.append(entity("light.twin", "Reading lamp", "LIGHT", "bed", (pb.COMMAND_TURN_ON,)))
    names = HomeNames(registry)
    for room, id in (("bed", "light.twin"), ("living", "light.reading")):
        found = resolve(SaidTarget("reading lamp"), names, Situation(room))
        assert isinstance(found, Resolved) and [each.id for each in found.entities] == [id]
    found = resolve(SaidTarget("reading lamp"), names, Situation("kitchen"))
    assert isinstance(found, Ambiguous)
    assert [each.spoken for each in found.candidates] == ["Living room Reading lamp", "Bedroom Reading lamp"]


def test_the_usual_one_is_meant_only_where_no_room_is_known() -> None:
    registry = family_registry()
    for each in registry.entities:
        each.usual = each.id == "cover.bed"
    names = HomeNames(registry)
    found = resolve(SaidTarget("blinds"), names)
    assert isinstance(found, Resolved) and [each.id for each in found.entities] == ["cover.bed"]
    assert isinstance(resolve(SaidTarget("blinds"), names, Situation("kitchen")), Ambiguous)


def test_a_home_without_anything() -> None:
    for said in (
        SaidTarget("light"),
        SaidTarget("light", room="kitchen"),
        SaidTarget("everything", scope="all"),
    ):
        assert isinstance(resolve(said, HomeNames(pb.HomeRegistry())), NotFound)


def test_a_number_and_an_opposite_are_no_misspelling() -> None:
    registry = family_registry()
    for id, name in (("w1", "West window lamp"), ("one", "Desk lamp one"), ("two", "Desk lamp 2")):
        registry.entities.append(entity(id, name, "LIGHT", "living", (pb.COMMAND_TURN_ON,)))
    names = HomeNames(registry)
    for said in ("east window lamp", "desk lamp nine", "desk lamp 3", "right desk lamp"):
        assert isinstance(resolve(SaidTarget(said), names, Situation("living")), NotFound), said
    found = resolve(SaidTarget("west windo lamp"), names)
    assert isinstance(found, Resolved) and not found.exact
