"""The registry tells all that a home has, each once, and with a version that follows the content."""

from duplexsla.home.devices import HOME_DEFAULTS
from duplexsla.home.registry import registry, version_of
from duplexsla.v1 import home_pb2 as pb


def test_every_device_that_has_a_state_is_told_with_its_area_and_what_it_can_do() -> None:
    told = registry()
    entities = {entity.id: entity for entity in told.entities}
    assert set(HOME_DEFAULTS) - {"scene"} <= entities.keys() and len(entities) == len(told.entities)
    areas = {area.id for area in told.areas}
    for entity in told.entities:
        assert entity.name and entity.entity_class and entity.commands, entity.id
        assert not entity.area or entity.area in areas


def test_areas_lie_on_floors_that_are_told() -> None:
    told = registry()
    floors = {floor.id for floor in told.floors} | {""}
    assert {area.floor for area in told.areas} <= floors
    assert "upstairs" in next(floor for floor in told.floors if floor.id == "upper").aliases


def test_what_lets_somebody_in_is_told_as_such() -> None:
    classes = {entity.id: entity.entity_class for entity in registry().entities}
    assert classes["garage/garage door"] == pb.ENTITY_CLASS_GARAGE_DOOR
    assert classes["door/front door"] == pb.ENTITY_CLASS_LOCK
    assert classes["garden/gate"] == pb.ENTITY_CLASS_GATE


def test_the_version_follows_the_content() -> None:
    told = registry()
    assert told.version == registry().version == version_of(told)
    told.entities[0].aliases.append("sunshine")
    assert version_of(told) != told.version


def test_what_speakers_are_not_told_is_marked() -> None:
    assert [entity.id for entity in registry().entities if not entity.exposed] == ["study/router", "vehicle"]


def test_every_class_is_there_and_a_device_takes_what_it_has_the_property_for() -> None:
    entities = {entity.id: entity for entity in registry().entities}
    classes = {entity.entity_class for entity in entities.values()}
    assert classes == set(pb.EntityClass.values()) - {pb.ENTITY_CLASS_UNSPECIFIED}
    assert pb.COMMAND_SET_COLOR_TEMPERATURE in entities["bedroom/light"].commands
    assert pb.COMMAND_SET_TEMPERATURE in entities["kitchen/oven"].commands
    assert pb.COMMAND_SET_TEMPERATURE not in entities["kitchen/coffee maker"].commands
    for opened in ("bedroom/window", "garage/garage door", "garden/gate"):
        assert {pb.COMMAND_OPEN, pb.COMMAND_CLOSE, pb.COMMAND_SET_LEVEL} <= {*entities[opened].commands}
    assert {pb.COMMAND_START, pb.COMMAND_DOCK} <= {*entities["garden/mower"].commands}
