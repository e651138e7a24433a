"""Names of a home's exposed entities, rooms and floors: an index, built once per version of the registry."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from duplexsla.executor.planning.near_names import NearNames
from duplexsla.executor.planning.spoken_words import singular, words_of
from duplexsla.v1 import home_pb2 as pb

# Kinds that people name by a word which need not be in any entity's name.
KIND_WORDS: dict[str, frozenset[pb.EntityClass]] = {
    **dict.fromkeys(("light", "lighting", "lamp"), frozenset({pb.ENTITY_CLASS_LIGHT})),
    **dict.fromkeys(("switch", "plug", "socket", "outlet"), frozenset({pb.ENTITY_CLASS_SWITCH})),
    **dict.fromkeys(("fan", "ventilator"), frozenset({pb.ENTITY_CLASS_FAN})),
    **dict.fromkeys(
        ("heating", "heat", "heater", "thermostat", "climate", "air conditioner", "air conditioning", "ac"),
        frozenset({pb.ENTITY_CLASS_CLIMATE}),
    ),
    "humidifier": frozenset({pb.ENTITY_CLASS_HUMIDIFIER}),
    **dict.fromkeys(
        ("cover", "blind", "shade", "curtain", "drape", "shutter", "awning"),
        frozenset({pb.ENTITY_CLASS_COVER}),
    ),
    "window": frozenset({pb.ENTITY_CLASS_WINDOW}),
    **dict.fromkeys(("garage door", "garage"), frozenset({pb.ENTITY_CLASS_GARAGE_DOOR})),
    "gate": frozenset({pb.ENTITY_CLASS_GATE}),
    "door": frozenset({pb.ENTITY_CLASS_LOCK, pb.ENTITY_CLASS_GARAGE_DOOR}),
    "lock": frozenset({pb.ENTITY_CLASS_LOCK}),
    **dict.fromkeys(("alarm", "alarm system", "security system"), frozenset({pb.ENTITY_CLASS_ALARM})),
    **dict.fromkeys(
        ("player", "media player", "television", "tv", "telly", "speaker", "radio", "projector"),
        frozenset({pb.ENTITY_CLASS_MEDIA_PLAYER}),
    ),
    **dict.fromkeys(
        ("vacuum", "vacuum cleaner", "hoover", "robot vacuum"), frozenset({pb.ENTITY_CLASS_VACUUM})
    ),
    **dict.fromkeys(("mower", "lawn mower", "lawnmower", "robot mower"), frozenset({pb.ENTITY_CLASS_MOWER})),
    **dict.fromkeys(("valve", "sprinkler", "tap"), frozenset({pb.ENTITY_CLASS_VALVE})),
    "appliance": frozenset({pb.ENTITY_CLASS_APPLIANCE}),
    "camera": frozenset({pb.ENTITY_CLASS_CAMERA}),
    "sensor": frozenset({pb.ENTITY_CLASS_SENSOR}),
    "scene": frozenset({pb.ENTITY_CLASS_SCENE}),
    "list": frozenset({pb.ENTITY_CLASS_LIST}),
    "timer": frozenset({pb.ENTITY_CLASS_TIMER}),
    "weather": frozenset({pb.ENTITY_CLASS_WEATHER}),
}
# Words that mean every entity of their classes. Any other is of those that bear the word, if one does.
WHOLE_KINDS = frozenset(
    ("light", "lighting", "cover", "lock", "player", "media player", "appliance", "climate", "heating")
)
EVERYTHING = frozenset({"everything", "all", "device", "all device", "everything else"})


@dataclass(frozen=True, slots=True)
class HomeEntity:
    """One exposed entity. `spoken`: its name, with its room where the name alone is not enough."""

    id: str
    name: str
    spoken: str
    area: str  # id, or ""
    floor: str  # id, or ""
    entity_class: pb.EntityClass
    commands: frozenset[pb.Command]
    activates: tuple[
        tuple[pb.EntityClass, str, pb.Command], ...
    ]  # class and name of others, and what on them
    usual: bool


class HomeNames:
    """Names of a home, each to the ids of what bears it; keys are singular (`spoken_words.singular`).

    `literal` holds whole names with their plurals, `whole` without, `short` names without the room's name in
    front, `ends` the last words of names ("lamp" of "reading lamp"). Names that are not exposed are nowhere.
    """

    def __init__(self, registry: pb.HomeRegistry) -> None:
        self.version = registry.version
        self.time_zone = registry.time_zone
        self.fahrenheit = registry.temperature_unit == pb.TEMPERATURE_UNIT_FAHRENHEIT
        self.levels = {floor.id: floor.level for floor in registry.floors}
        self.floor_of = {area.id: area.floor for area in registry.areas}
        self.area_names = {area.id: area.name for area in registry.areas}
        self.areas = _named((area.id, (area.id, area.name, *area.aliases)) for area in registry.areas)
        self.floors = _named((floor.id, (floor.id, floor.name, *floor.aliases)) for floor in registry.floors)
        exposed = [entity for entity in registry.entities if entity.exposed]
        others = {entity.id: entity for entity in registry.entities}
        self.entities = _entities(exposed, self.area_names, self.floor_of, others)
        self._index(exposed)
        self.near = NearNames({**self.kinds, **self.ends, **self.short, **self.whole})
        self.near_areas = NearNames({**self.areas, **self.floors})

    def _index(self, exposed: Iterable[pb.Entity]) -> None:
        literal, whole, short, ends = (defaultdict[str, list[str]](list) for _ in range(4))
        area_keys: dict[str, list[str]] = defaultdict(list)
        for key, ids in self.areas.items():
            for area in ids:
                area_keys[area].append(key)
        for entity in exposed:
            for name in dict.fromkeys((entity.name, *entity.aliases)):
                words = words_of(name)
                key = singular(words)
                literal[" ".join(words)].append(entity.id)
                whole[key].append(entity.id)
                inner = _without_area(key, area_keys[entity.area])
                short[inner].append(entity.id)
                for end in _ends(inner):
                    ends[end].append(entity.id)
        self.literal, self.whole, self.short, self.ends = map(_frozen, (literal, whole, short, ends))
        kinds = defaultdict[str, list[str]](list)
        for word in KIND_WORDS:
            kinds[word] = self._of_kind(word)
        self.kinds = _frozen({word: ids for word, ids in kinds.items() if ids})

    def _of_kind(self, word: str) -> list[str]:
        classes = KIND_WORDS[word]
        ids = [entity.id for entity in self.entities.values() if entity.entity_class in classes]
        bearing = {*self.ends.get(word, ()), *self.whole.get(word, ()), *self.short.get(word, ())}
        named = [id for id in ids if id in bearing]
        return ids if word in WHOLE_KINDS or not named else named


def _entities(
    exposed: Iterable[pb.Entity],
    area_names: Mapping[str, str],
    floor_of: Mapping[str, str],
    others: Mapping[str, pb.Entity],
) -> dict[str, HomeEntity]:
    exposed = list(exposed)
    borne = Counter(entity.name for entity in exposed)
    found = {}
    for entity in exposed:
        area = area_names.get(entity.area, "")
        alone = borne[entity.name] == 1 or entity.name.casefold().startswith(area.casefold())
        found[entity.id] = HomeEntity(
            entity.id,
            entity.name,
            entity.name if alone else f"{area} {entity.name}",
            entity.area,
            floor_of.get(entity.area, ""),
            entity.entity_class,
            frozenset(entity.commands),
            tuple(_activated(each, others) for each in entity.activates),
            entity.usual,
        )
    return found


def _activated(
    effect: pb.SceneEffect, others: Mapping[str, pb.Entity]
) -> tuple[pb.EntityClass, str, pb.Command]:
    other = others.get(effect.entity) or pb.Entity()
    return other.entity_class, other.name, effect.command


def _named(named: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """Ids by each of their names."""
    found = defaultdict[str, list[str]](list)
    for id, names in named:
        for key in dict.fromkeys(singular(words_of(name)) for name in names):
            found[key].append(id)
    return _frozen(found)


def _frozen(found: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(dict.fromkeys(ids)) for key, ids in found.items() if key}


def _without_area(name: str, areas: Iterable[str]) -> str:
    """ "ceiling light" of "kitchen ceiling light" in the kitchen."""
    return next(
        (name[len(area) + 1 :] for area in areas if area and name.startswith(f"{area} ")),
        name,
    )


def _ends(name: str) -> Iterable[str]:
    words = name.split()
    return (" ".join(words[at:]) for at in range(1, len(words)))
