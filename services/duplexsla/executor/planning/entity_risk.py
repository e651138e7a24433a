"""What a wrong command on an entity would cost: read, comfort, mess or entry (`tools.schema.Risk`).

What is not known is mess.
"""

from duplexsla.executor.planning.home_names import HomeEntity
from duplexsla.executor.planning.spoken_words import singular, words_of
from duplexsla.gates.risk import highest
from duplexsla.tools import Risk
from duplexsla.v1 import home_pb2 as pb

_COMFORT = frozenset(
    (
        pb.ENTITY_CLASS_LIGHT, pb.ENTITY_CLASS_SWITCH, pb.ENTITY_CLASS_FAN, pb.ENTITY_CLASS_CLIMATE,
        pb.ENTITY_CLASS_HUMIDIFIER, pb.ENTITY_CLASS_COVER, pb.ENTITY_CLASS_MEDIA_PLAYER,
        pb.ENTITY_CLASS_VACUUM, pb.ENTITY_CLASS_SENSOR, pb.ENTITY_CLASS_LIST, pb.ENTITY_CLASS_TIMER,
        pb.ENTITY_CLASS_WEATHER,
    )
)  # fmt: skip
# Ways into the home.
_WAYS_IN = frozenset((pb.ENTITY_CLASS_LOCK, pb.ENTITY_CLASS_GARAGE_DOOR, pb.ENTITY_CLASS_GATE))
_SHUTTING = frozenset((pb.COMMAND_CLOSE, pb.COMMAND_LOCK, pb.COMMAND_ARM, pb.COMMAND_STOP))
# What stands behind a switch, by its name: it heats, or it must not stop.
_LOADS = (
    "kettle oven stove cooker hob iron grill heater boiler sauna blanket toaster fryer pump fridge freezer"
    " refrigerator server router aquarium"
)
_RISKY_LOADS = frozenset(_LOADS.split())


def risk_of(entity: HomeEntity, command: pb.Command) -> Risk:
    """Of one command on an entity. Of a scene, of all that it does; of one that does not say, mess."""
    if entity.entity_class != pb.ENTITY_CLASS_SCENE or command == pb.COMMAND_QUERY:
        return _risk(entity.entity_class, entity.name, command)
    return highest(_risk(*each) for each in entity.activates)


def _risk(kind: pb.EntityClass, name: str, command: pb.Command) -> Risk:
    """Steps and levels open as well as close."""
    if command == pb.COMMAND_QUERY:
        return "read"
    if kind in _WAYS_IN or kind == pb.ENTITY_CLASS_ALARM:
        return "mess" if command in _SHUTTING else "entry"
    if kind == pb.ENTITY_CLASS_WINDOW:
        return "comfort" if command in _SHUTTING else "mess"
    if kind == pb.ENTITY_CLASS_SWITCH and not _RISKY_LOADS.isdisjoint(singular(words_of(name)).split()):
        return "mess"
    return "comfort" if kind in _COMFORT else "mess"
