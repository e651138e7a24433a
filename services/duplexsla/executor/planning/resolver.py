"""Which entities of a home are meant by a name, a room, a floor, a scope and an exception as they were said.

    resolve(said: SaidTarget, names: HomeNames, situation: Situation) -> Resolved | Ambiguous | NotFound

Exactly named things come first: whole names and aliases, names without the room's, kinds ("light"), last
words of names. Only where there is none do spelling and sound decide, and the result is not `exact`: the
caller acts on none such where a wrong effect costs more than a moment.

Without a place the speaker's room is meant if it has such a thing; else the only one of the home. Several
elsewhere are a question, except in a session that knows of no room: it means what was used last, or the
usual one. A plural means all of one room ("the lights"), a scope all of the home ("all the lights"), unless
a place is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from duplexsla.executor.planning.home_names import EVERYTHING, HomeEntity, HomeNames
from duplexsla.executor.planning.near_names import MARGIN, THRESHOLD
from duplexsla.executor.planning.place import Place, place_of, split_place
from duplexsla.executor.planning.spoken_words import is_plural, singular, words_of
from duplexsla.v1 import home_pb2 as pb

ASKED_CANDIDATES = 3
OF_THE_HOME = frozenset({"all", "every", "any", "which", "how many"})
SCOPES = OF_THE_HOME | {"both", "other"}
_LEADING_SCOPES = {"all": "all", "both": "both", "every": "every", "each": "every", "other": "other"}
# What is meant by its own functions, never by "everything".
_NO_DEVICES = frozenset(
    (
        pb.ENTITY_CLASS_SCENE,
        pb.ENTITY_CLASS_LIST,
        pb.ENTITY_CLASS_TIMER,
        pb.ENTITY_CLASS_WEATHER,
        pb.ENTITY_CLASS_SENSOR,
    )
)


@dataclass(frozen=True)
class SaidTarget:
    """What a call says of the things that it is about, each as said, "" for nothing.

    `wanted`: commands that they should have, the likeliest set first: of two things of one name the one
    that can do it is meant. `classes`: no others are meant; empty for any.
    """

    name: str
    room: str = ""
    floor: str = ""
    scope: str = ""
    excepted: str = ""
    wanted: tuple[frozenset[pb.Command], ...] = ()
    classes: frozenset[pb.EntityClass] = frozenset()


@dataclass(frozen=True)
class Situation:
    """What is known of the speaker: the room, ids of entities used last (the newest first), ids of players
    that play, names of timers that live.
    """

    room: str = ""  # id, name or alias of an area; "" where it is not known
    recent: Sequence[str] = ()
    playing: Sequence[str] = ()
    timers: Sequence[str] = ()


@dataclass(frozen=True)
class Resolved:
    """What is meant. `several` was said (all, a plural), however many there are."""

    entities: tuple[HomeEntity, ...]
    exact: bool = True
    several: bool = False


@dataclass(frozen=True)
class Ambiguous:
    """One of `count` could be meant; at most three of them are for the question."""

    word: str
    candidates: tuple[HomeEntity, ...]
    count: int
    exact: bool = True


@dataclass(frozen=True)
class NotFound:
    word: str  # as said


Resolution = Resolved | Ambiguous | NotFound


def ambiguous(word: str, candidates: Sequence[HomeEntity], *, exact: bool = True) -> Ambiguous:
    return Ambiguous(word, tuple(candidates[:ASKED_CANDIDATES]), len(candidates), exact)


def resolve(said: SaidTarget, names: HomeNames, situation: Situation | None = None) -> Resolution:
    """Never raises for any words; what is not exposed is not found."""
    here = situation or Situation()
    said = _unpacked(said, names)
    place = place_of(said.room, said.floor, here.room, names)
    if isinstance(place, str):
        return NotFound(place)
    found = _of_name(said, place, names, here)
    if not isinstance(found, Resolved):
        return found
    if not place.exact:
        found = replace(found, exact=False)
    if said.excepted:
        return _without(found, said, names, here)
    return _of_scope(found, said, here)


def _unpacked(said: SaidTarget, names: HomeNames) -> SaidTarget:
    """A scope and a place that stand in the name: "all kitchen lights", "lights upstairs"."""
    words = words_of(said.name)
    if not said.scope and len(words) > 1 and words[0] in _LEADING_SCOPES and not _is_name(words, names):
        said, words = replace(said, scope=_LEADING_SCOPES[words[0]], name=" ".join(words[1:])), words[1:]
    if not said.room and not said.floor and not _is_name(words, names):
        name, room = split_place(words, names)
        if room:
            return replace(said, name=name, room=room)
    return said


def _is_name(words: Sequence[str], names: HomeNames) -> bool:
    """A whole name; with a plural only one that has it ("kitchen lights" is no kitchen light)."""
    return " ".join(words) in names.literal or (not is_plural(words) and singular(words) in names.whole)


def _of_name(said: SaidTarget, place: Place, names: HomeNames, here: Situation) -> Resolution:
    """Of a name, or of several joined by "and"."""
    words = words_of(said.name)
    whole = _of_one(said, words, place, names, here)
    if not isinstance(whole, NotFound) or "and" not in words:
        return whole
    entities: dict[str, HomeEntity] = {}
    exact, several = True, False
    for part in _split(words, "and"):
        found = _of_one(said, part, place, names, here)
        if not isinstance(found, Resolved):
            return found if isinstance(found, Ambiguous) else whole
        entities |= {entity.id: entity for entity in found.entities}
        exact, several = exact and found.exact, several or found.several
    return Resolved(tuple(entities.values()), exact, several) if entities else whole


def _of_one(
    said: SaidTarget, words: Sequence[str], place: Place, names: HomeNames, here: Situation
) -> Resolution:
    search = _Search(said, " ".join(words), singular(words), is_plural(words), place, names, here)
    exact = search.run()
    return search.nearest() if isinstance(exact, NotFound) else exact


@dataclass(frozen=True)
class _Search:
    """One name looked for in one place."""

    said: SaidTarget
    literal: str
    key: str
    plural: bool
    place: Place
    names: HomeNames
    here: Situation

    @property
    def several(self) -> bool:
        return self.plural or self.said.scope in SCOPES

    def run(self) -> Resolution:
        if self.key in EVERYTHING:
            return self._everything()
        if self.place.said:
            return self._in_place()
        if self.said.scope in OF_THE_HOME:
            return self._all(self._meant(self._tiers(), None))
        return self._unplaced()

    def nearest(self) -> Resolution:
        """By spelling and sound: what is above the threshold and alone within the margin."""
        found: dict[tuple[str, ...], tuple[float, Resolved | Ambiguous]] = {}
        for score, spelling in self.names.near.find(self.key):
            result = replace(self, literal=spelling, key=spelling).run()
            if not isinstance(result, NotFound):
                ids = tuple(
                    each.id
                    for each in (result.entities if isinstance(result, Resolved) else result.candidates)
                )
                found.setdefault(ids, (score, result))
        scores = sorted(found.values(), key=lambda one: -one[0])
        if not scores or scores[0][0] < THRESHOLD:
            return NotFound(self.said.name)
        close = [result for score, result in scores if score > scores[0][0] - MARGIN]
        if len(close) == 1:
            return replace(close[0], exact=False)
        entities = {each.id: each for result in close for each in _entities_of(result)}
        return ambiguous(self.said.name, list(entities.values()), exact=False)

    def _everything(self) -> Resolution:
        wanted = self.said.wanted[0] if self.said.wanted else frozenset()
        found = [
            entity
            for entity in self.names.entities.values()
            if entity.entity_class not in _NO_DEVICES
            and self.place.holds(entity)
            and (not wanted or wanted & entity.commands)
        ]
        return Resolved(tuple(found), several=True) if found else NotFound(self.said.name)

    def _in_place(self) -> Resolution:
        found = self._meant(self._tiers(), self.place)
        if found:
            return self._all(found) if self.several else self._one(found)
        # What a home has once is meant wherever it is asked for, but it is a guess.
        elsewhere = self._meant((self.names.literal.get(self.literal, ()),), None)
        return NotFound(self.said.name) if self.said.scope else self._one(elsewhere, exact=False)

    def _unplaced(self) -> Resolution:
        """The speaker's room first; a whole name elsewhere goes before a kind or the end of a name there."""
        room = self.place.own
        named, kinds = self._tiers()[:-2], self._tiers()[-2:]
        if room is not None:
            found = (
                self._meant(named, room)
                or (() if self.key in self.names.kinds else self._meant(self._wholes(), None))
                or self._meant(kinds, room)
            )
            if found:
                return self._all(found) if self.several else self._one(found)
        tiers = self._tiers()
        bearing = (*tiers[-3], *tiers[-2])
        found = self._meant((*tiers[:-3], bearing, tiers[-1]), None)
        if self.said.scope:
            return self._all(found)
        if room is None and len(found) > 1:
            found = self._usual(found)
        return self._one(found)

    def _usual(self, found: Sequence[HomeEntity]) -> Sequence[HomeEntity]:
        """What was used last, or the one that is meant without a word; `found` where neither tells."""
        ids = {entity.id: entity for entity in found}
        used = next((ids[id] for id in self.here.recent if id in ids), None)
        usual = [used] if used else [entity for entity in found if entity.usual]
        return usual if len(usual) == 1 else found

    def _wholes(self) -> tuple[Sequence[str], ...]:
        literal = self.names.literal.get(self.literal, ())
        return (literal,) if self.plural else (literal, self.names.whole.get(self.key, ()))

    def _tiers(self) -> tuple[Sequence[str], ...]:
        """Ids by how well they are named, the best first; the last are short names, their ends, and kinds."""
        names, key = self.names, self.key
        in_room = tuple(
            found.get(f"{area} {said}", ())
            for area in self.place.keys
            for found, said in ((names.literal, self.literal), (names.whole, key))
            if not (self.plural and found is names.whole)
        )
        kinds, ends, short = names.kinds.get(key, ()), names.ends.get(key, ()), names.short.get(key, ())
        if self.several:
            alike = (*kinds, *short, *ends)
            named = (names.literal.get(self.literal, ()),) if not self.said.scope else ()
            return (*named, *(in_room if not self.said.scope else ()), alike, (), ())
        return (*self._wholes(), *in_room, short, ends, kinds)

    def _meant(self, tiers: Iterable[Sequence[str]], place: Place | None) -> Sequence[HomeEntity]:
        """Of the first tier that has something there which can do what is wanted; else what cannot."""
        unable: Sequence[HomeEntity] = ()
        for ids in tiers:
            found = [
                entity
                for id in dict.fromkeys(ids)
                if self._fits(entity := self.names.entities[id]) and (place is None or place.holds(entity))
            ]
            able = self._able(found)
            if able:
                return able
            unable = unable or found
        return unable

    def _fits(self, entity: HomeEntity) -> bool:
        return not self.said.classes or entity.entity_class in self.said.classes

    def _able(self, found: Sequence[HomeEntity]) -> Sequence[HomeEntity]:
        if not self.said.wanted:
            return found
        for wanted in self.said.wanted:
            if able := [entity for entity in found if wanted & entity.commands]:
                return able
        return ()

    def _one(self, found: Sequence[HomeEntity], *, exact: bool = True) -> Resolution:
        if len(found) > 1:
            return ambiguous(self.said.name, found, exact=exact)
        return Resolved(tuple(found), exact, self.several) if found else NotFound(self.said.name)

    def _all(self, found: Sequence[HomeEntity]) -> Resolution:
        return Resolved(tuple(found), several=True) if found else NotFound(self.said.name)


def _without(found: Resolved, said: SaidTarget, names: HomeNames, here: Situation) -> Resolution:
    """Less what stays as it is: rooms, or things by name. Nothing happens if that is not found."""
    left, exact = found.entities, found.exact
    for part in _split(words_of(said.excepted), "and"):
        room = place_of(" ".join(part), "", here.room, names)
        if not isinstance(room, str):
            kept = [entity for entity in left if not room.holds(entity)]
            exact = exact and room.exact
        else:
            target = SaidTarget(" ".join(part), scope="all")
            stays = _of_name(target, Place(), names, here)
            if not isinstance(stays, Resolved):
                return NotFound(said.excepted)
            ids = {entity.id for entity in stays.entities}
            kept = [entity for entity in left if entity.id not in ids]
            exact = exact and stays.exact
        left = tuple(kept)
    return replace(found, entities=left, exact=exact) if left else NotFound(said.name)


def _of_scope(found: Resolved, said: SaidTarget, here: Situation) -> Resolution:
    if said.scope == "both" and len(found.entities) != 2:
        return ambiguous(said.name, found.entities, exact=found.exact)
    if said.scope == "other":
        ids = {entity.id for entity in found.entities}
        used = next((id for id in here.recent if id in ids), None)
        left = tuple(entity for entity in found.entities if entity.id != used)
        if used is None or not left:
            return ambiguous(said.name, found.entities, exact=found.exact)
        return replace(found, entities=left)
    return found


def _entities_of(found: Resolved | Ambiguous) -> tuple[HomeEntity, ...]:
    return found.entities if isinstance(found, Resolved) else found.candidates


def _split(words: Sequence[str], at: str) -> list[tuple[str, ...]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == at:
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(part) for part in parts if part]
