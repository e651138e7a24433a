"""What a wrong command on an entity would cost: read, comfort, mess or entry (`tools.schema.Risk`).

Of a plan it is the highest of its function's and of each command's. What is not known is mess.
"""

from collections.abc import Iterable

from duplexsla.executor.planning.home_names import HomeEntity
from duplexsla.executor.planning.spoken_words import singular, words_of
from duplexsla.tools import Risk
from duplexsla.v1 import home_pb2 as pb

RISKS: tuple[Risk, ...] = ("read", "comfort", "mess", "entry")  # the lowest first

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
_LETTING_IN = frozenset((pb.COMMAND_UNLOCK, pb.COMMAND_DISARM))
_GUARDING = frozenset((pb.COMMAND_LOCK, pb.COMMAND_ARM, pb.COMMAND_OPEN, pb.COMMAND_CLOSE))
# What stands behind a switch, by its name: it heats, or it must not stop.
_LOADS = (
    "kettle oven stove cooker hob iron grill heater boiler sauna blanket toaster fryer pump fridge freezer"
    " refrigerator server router aquarium"
)
_RISKY_LOADS = frozenset(_LOADS.split())


def risk_of(entity: HomeEntity, command: pb.Command) -> Risk:
    """Of one command; STEP and SET_LEVEL open as well as close."""
    kind = entity.entity_class
    if command == pb.COMMAND_QUERY:
        return "read"
    if kind in _WAYS_IN or kind == pb.ENTITY_CLASS_ALARM:
        return "mess" if command in _SHUTTING else "entry"
    if kind == pb.ENTITY_CLASS_WINDOW:
        return "comfort" if command in _SHUTTING else "mess"
    if kind == pb.ENTITY_CLASS_SCENE:
        return _of_scene(entity)
    if kind == pb.ENTITY_CLASS_SWITCH and not _RISKY_LOADS.isdisjoint(_name_words(entity)):
        return "mess"
    return "comfort" if kind in _COMFORT else "mess"


def highest(risks: Iterable[Risk]) -> Risk:
    """ "read" of none."""
    return max(risks, key=RISKS.index, default="read")


def _of_scene(scene: HomeEntity) -> Risk:
    """By what it does to others; a scene that does not say is a risk."""
    if scene.activates & _LETTING_IN:
        return "entry"
    return "comfort" if scene.activates and not scene.activates & _GUARDING else "mess"


def _name_words(entity: HomeEntity) -> list[str]:
    return singular(words_of(entity.name)).split()
