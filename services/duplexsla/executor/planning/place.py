"""Where is meant: a room, a floor, "here", "upstairs" as said, and the speaker's own room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from duplexsla.executor.planning.home_names import HomeEntity, HomeNames
from duplexsla.executor.planning.near_names import MARGIN, THRESHOLD
from duplexsla.executor.planning.spoken_words import singular, words_of

_HERE = frozenset({"here", "in here", "room", "around here", "in room"})
_EVERYWHERE = frozenset(
    {"everywhere", "house", "home", "whole house", "whole home", "every room", "all room"}
)
_PREPOSITIONS = frozenset({"in", "on", "of", "at", "from", "inside"})
# Where the home has no such name: floors above or below the speaker's, or the ground floor's.
_UP, _DOWN, _GROUND = frozenset({"upstair"}), frozenset({"downstair"}), frozenset({"ground floor"})


@dataclass(frozen=True)
class Place:
    """`areas`: ids that are meant, None for the whole home. `own`: the speaker's room, None if unknown.

    `keys`: names of the areas, as they stand in front of a name in it.
    """

    areas: frozenset[str] | None = None
    keys: tuple[str, ...] = ()
    own: "Place | None" = None
    said: bool = False
    exact: bool = True

    def holds(self, entity: HomeEntity) -> bool:
        """An entity of no area is in the room that its name begins with."""
        if self.areas is None or entity.area in self.areas:
            return True
        return not entity.area and any(_begins(entity.name, key) for key in self.keys)


def place_of(room: str, floor: str, own: str, names: HomeNames) -> Place | str:
    """The place, or the word that names none. `own`: the speaker's room, an area's id, name or alias."""
    mine = _known(own, names)
    areas: frozenset[str] | None = None
    exact = True
    for word in filter(None, (room, floor)):
        found = _areas(word, mine, names)
        if isinstance(found, str):
            return found
        part, sure = found
        exact = exact and sure
        areas = part if areas is None else areas if part is None else areas & part
    own_place = Place(mine, _keys(mine, names), said=True) if mine else None
    return Place(areas, _keys(areas, names), own_place, bool(room or floor), exact)


def split_place(words: Sequence[str], names: HomeNames) -> tuple[str, str]:
    """(name, place) of "kitchen light", "lights in the kitchen", "lights upstairs"; no place: ""."""
    for length in range(len(words) - 1, 0, -1):
        front, rest = words[:length], words[length:]
        if _is_place(front, names):
            return " ".join(rest), " ".join(front)
        rest, end = words[:-length], words[-length:]
        if _is_place(end, names) or singular(end) in _HERE - {"room"}:
            if rest[-1] in _PREPOSITIONS:
                rest = rest[:-1]
            if rest:
                return " ".join(rest), " ".join(end)
    return " ".join(words), ""


def _is_place(words: Sequence[str], names: HomeNames) -> bool:
    key = singular(words)
    return key in names.areas or key in names.floors or key in _UP | _DOWN | _GROUND | _EVERYWHERE - {"home"}


def _areas(
    said: str, mine: frozenset[str] | None, names: HomeNames
) -> tuple[frozenset[str] | None, bool] | str:
    """(areas or None for all, exact) of a room or floor as said, of several with "and"; else the word."""
    words = words_of(said)
    found = _area(singular(words), mine, names)
    if found is None and "and" in words:
        at = words.index("and")
        parts = [_areas(" ".join(part), mine, names) for part in (words[:at], words[at + 1 :]) if part]
        areas: frozenset[str] = frozenset()
        exact = True
        for part in parts:
            if isinstance(part, str) or part[0] is None:
                return said
            areas, exact = areas | part[0], exact and part[1]
        return areas, exact
    return said if found is None else found


def _area(
    key: str, mine: frozenset[str] | None, names: HomeNames
) -> tuple[frozenset[str] | None, bool] | None:
    if key in _EVERYWHERE:
        return None, True
    if known := _by_name(key, names):
        return known, True
    if key in _HERE:
        return (mine, True) if mine else None
    if relative := _relative(key, mine, names):
        return relative, True
    near = names.near_areas.find(key)
    if near and near[0][0] >= THRESHOLD and (len(near) == 1 or near[0][0] - near[1][0] >= MARGIN):
        return _by_name(near[0][1], names), False
    return None


def _by_name(key: str, names: HomeNames) -> frozenset[str]:
    """Areas of that name, or of the floors of that name; a name of both means the room."""
    if key in names.areas:
        return frozenset(names.areas[key])
    return _on_floors(names.floors.get(key, ()), names)


def _on_floors(floors: Iterable[str], names: HomeNames) -> frozenset[str]:
    wanted = set(floors)
    return frozenset(area for area, floor in names.floor_of.items() if floor in wanted)


def _relative(key: str, mine: frozenset[str] | None, names: HomeNames) -> frozenset[str]:
    own = {names.levels.get(names.floor_of[area], 0) for area in mine or () if names.floor_of[area]}
    level = own.pop() if len(own) == 1 else None
    levels = names.levels.items()
    if key in _UP:
        return _on_floors((floor for floor, at in levels if at > (0 if level is None else level)), names)
    if key in _DOWN:
        return _on_floors((floor for floor, at in levels if at < (1 if level is None else level)), names)
    if key in _GROUND:
        return _on_floors((floor for floor, at in levels if at == 0), names)
    return frozenset()


def _known(own: str, names: HomeNames) -> frozenset[str] | None:
    if own in names.floor_of:
        return frozenset({own})
    found = names.areas.get(singular(words_of(own)), ()) if own else ()
    return frozenset(found) if len(found) == 1 else None


def _keys(areas: frozenset[str] | None, names: HomeNames) -> tuple[str, ...]:
    """Of one or two rooms; names of a whole floor's rooms stand in front of nothing that was said."""
    if not areas or len(areas) > 2:
        return ()
    return tuple(key for key, ids in names.areas.items() if areas.intersection(ids))


def _begins(name: str, key: str) -> bool:
    return singular(words_of(name)).startswith(f"{key} ")
