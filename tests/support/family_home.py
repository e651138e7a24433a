"""A home as families name theirs: an apostrophe, two things of one name, one that is not exposed."""

from collections.abc import Sequence

from duplexsla.v1 import home_pb2 as pb

ON_OFF = (pb.COMMAND_TURN_ON, pb.COMMAND_TURN_OFF)
LEVEL = (pb.COMMAND_SET_LEVEL, pb.COMMAND_STEP_LEVEL)
COLOR = (pb.COMMAND_SET_COLOR, pb.COMMAND_SET_COLOR_TEMPERATURE)
OPENED = (pb.COMMAND_OPEN, pb.COMMAND_CLOSE, pb.COMMAND_STOP, *LEVEL)
PLAYED = (
    *ON_OFF, *LEVEL, pb.COMMAND_PLAY, pb.COMMAND_PAUSE, pb.COMMAND_RESUME, pb.COMMAND_NEXT,
    pb.COMMAND_PREVIOUS, pb.COMMAND_MUTE, pb.COMMAND_UNMUTE,
)  # fmt: skip
DEGREES = (*ON_OFF, pb.COMMAND_SET_TEMPERATURE, pb.COMMAND_STEP_TEMPERATURE, pb.COMMAND_SET_MODE)
ROVING = (pb.COMMAND_START, pb.COMMAND_STOP, pb.COMMAND_DOCK)
TIMED = (pb.COMMAND_START, pb.COMMAND_STOP, pb.COMMAND_PAUSE, pb.COMMAND_RESUME, pb.COMMAND_STEP_LEVEL)
ITEMS = (pb.COMMAND_ADD_ITEM, pb.COMMAND_REMOVE_ITEM, pb.COMMAND_COMPLETE_ITEM)

AREAS = {
    "kitchen": ("Kitchen", "ground"),
    "living": ("Living room", "ground"),
    "hall": ("Hallway", "ground"),
    "bed": ("Bedroom", "upper"),
    "kids": ("Kids' room", "upper"),
    "bath": ("Bathroom", "upper"),
    "garage": ("Garage", ""),
}
DARK = pb.SceneEffect(entity="light.living", command=pb.COMMAND_TURN_OFF)
LETS_IN = pb.SceneEffect(entity="lock.front", command=pb.COMMAND_UNLOCK)
SHUTS = pb.SceneEffect(entity="cover.garage", command=pb.COMMAND_CLOSE)
_K = pb.EntityClass.Value


def entity(
    id: str, name: str, kind: str, area: str, commands: Sequence[pb.Command], *aliases: str, **more: object
) -> pb.Entity:
    asked = () if kind == "SCENE" else (pb.COMMAND_QUERY,)
    return pb.Entity(
        id=id, name=name, aliases=aliases, area=area, entity_class=_K(f"ENTITY_CLASS_{kind}"),
        commands=(*commands, *asked), exposed=True, **more,
    )  # fmt: skip


def family_registry() -> pb.HomeRegistry:
    registry = pb.HomeRegistry(
        version="1",
        time_zone="Europe/Berlin",
        temperature_unit=pb.TEMPERATURE_UNIT_CELSIUS,
        floors=[
            pb.Floor(id="ground", name="Ground floor", aliases=["downstairs"], level=0),
            pb.Floor(id="upper", name="First floor", aliases=["upstairs"], level=1),
        ],
        areas=[pb.Area(id=id, name=name, floor=floor) for id, (name, floor) in AREAS.items()],
        entities=_entities(),
    )
    registry.areas[1].aliases.append("lounge")
    return registry


def _entities() -> list[pb.Entity]:
    hidden = entity("light.secret", "Secret lamp", "LIGHT", "bed", ON_OFF)
    hidden.exposed = False
    return [
        entity("light.kitchen", "Kitchen ceiling light", "LIGHT", "kitchen", (*ON_OFF, *LEVEL), "main light"),
        entity("light.counter", "Counter", "LIGHT", "kitchen", (*ON_OFF, *LEVEL)),
        entity("light.living", "Ceiling light", "LIGHT", "living", (*ON_OFF, *LEVEL, *COLOR)),
        entity("light.reading", "Reading lamp", "LIGHT", "living", (*ON_OFF, *LEVEL)),
        entity("light.bed_left", "Left lamp", "LIGHT", "bed", ON_OFF),
        entity("light.bed_right", "Right lamp", "LIGHT", "bed", ON_OFF),
        entity("light.kids", "Night light", "LIGHT", "kids", ON_OFF),
        entity("light.hall", "Light", "LIGHT", "hall", ON_OFF),
        hidden,
        entity("cover.living", "Living room blinds", "COVER", "living", OPENED),
        entity("cover.bed", "Bedroom blinds", "COVER", "bed", OPENED),
        entity("cover.curtain", "Curtains", "COVER", "bed", OPENED, "drapes"),
        entity("window.bath", "Skylight", "WINDOW", "bath", OPENED, "roof window"),
        entity("cover.garage", "Garage door", "GARAGE_DOOR", "garage", OPENED),
        entity("lock.front", "Front door", "LOCK", "hall", (pb.COMMAND_LOCK, pb.COMMAND_UNLOCK)),
        entity("lock.back", "Back door", "LOCK", "kitchen", (pb.COMMAND_LOCK, pb.COMMAND_UNLOCK)),
        entity("lock.garage", "Garage door", "LOCK", "garage", (pb.COMMAND_LOCK, pb.COMMAND_UNLOCK)),
        entity("alarm", "Home alarm", "ALARM", "", (pb.COMMAND_ARM, pb.COMMAND_DISARM)),
        entity("climate.living", "Thermostat", "CLIMATE", "living", DEGREES, "heating"),
        entity("climate.bed", "Bedroom heater", "CLIMATE", "bed", DEGREES),
        entity("fan.bed", "Fan", "FAN", "bed", (*ON_OFF, *LEVEL)),
        entity("media.living_tv", "TV", "MEDIA_PLAYER", "living", PLAYED, "television"),
        entity("media.living", "Living room speaker", "MEDIA_PLAYER", "living", PLAYED),
        entity("media.kitchen", "Kitchen radio", "MEDIA_PLAYER", "kitchen", PLAYED),
        entity("plug.iron", "Iron", "SWITCH", "bath", ON_OFF),
        entity("plug.tree", "Christmas tree", "SWITCH", "living", ON_OFF),
        entity("oven", "Oven", "APPLIANCE", "kitchen", (*ON_OFF, pb.COMMAND_SET_TEMPERATURE)),
        entity("kettle", "Kettle", "APPLIANCE", "kitchen", ON_OFF),
        entity("vacuum", "Rosie", "VACUUM", "hall", ROVING, "robot"),
        entity("mower", "Mower", "MOWER", "garage", ROVING),
        entity("valve", "Water valve", "VALVE", "garage", (pb.COMMAND_OPEN, pb.COMMAND_CLOSE)),
        entity("camera", "Door camera", "CAMERA", "hall", ON_OFF),
        entity("sensor.kids", "Temperature", "SENSOR", "kids", ()),
        entity("scene.movie", "Movie", "SCENE", "", (pb.COMMAND_ACTIVATE,), activates=[DARK]),
        entity("scene.home", "Coming home", "SCENE", "", (pb.COMMAND_ACTIVATE,), activates=[DARK, LETS_IN]),
        entity("scene.bye", "Goodbye", "SCENE", "", (pb.COMMAND_ACTIVATE,), activates=[SHUTS]),
        entity("scene.odd", "Odd", "SCENE", "", (pb.COMMAND_ACTIVATE,)),
        entity("todo.shopping", "Shopping list", "LIST", "", ITEMS),
        entity("todo.chores", "Chores", "LIST", "", ITEMS),
        entity("timers", "Timers", "TIMER", "", TIMED, "timer"),
        entity("weather", "Forecast", "WEATHER", "", ()),
    ]  # fmt: skip
