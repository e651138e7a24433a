"""Plans for what plays, and for messages to other rooms.

Without a player what plays in the room is meant, else the one that fits what is asked for.
"""

from collections.abc import Callable, Sequence

from duplexsla.executor.planning.home_names import HomeEntity
from duplexsla.executor.planning.place import Place, place_of
from duplexsla.executor.planning.plans import HomeCall, HomePlan, PlanResult, always, first_of, plan_of
from duplexsla.executor.planning.resolver import (
    NotFound,
    Resolution,
    Resolved,
    SaidTarget,
    ambiguous,
    resolve,
)
from duplexsla.executor.planning.spoken_words import singular, words_of
from duplexsla.v1 import home_pb2 as pb

_SEEN = frozenset({"film", "series", "video"})
_SCREENS, _SPEAKERS = ("television", "tv", "projector"), ("speaker", "radio")
_PLAYER = frozenset({pb.ENTITY_CLASS_MEDIA_PLAYER})


def _play(call: HomeCall) -> PlanResult:
    query, kind = call.text("query"), call.text("kind")
    words = _SCREENS if kind in _SEEN else ("radio", "speaker") if kind == "radio" else _SPEAKERS
    found = _players(call, frozenset({pb.COMMAND_PLAY}), words)
    return plan_of(call, found, always(pb.COMMAND_PLAY, text=query or kind))


def _simply(*commands: pb.Command) -> Callable[[HomeCall], PlanResult]:
    return lambda call: plan_of(call, _players(call, frozenset(commands)), first_of(*commands))


def _players(call: HomeCall, wanted: frozenset[pb.Command], words: Sequence[str] = ()) -> Resolution:
    """`words`: what players are called that fit, the best first; none where only what plays can be meant."""
    if said := call.text("device"):
        named = SaidTarget(
            said, call.text("room"), scope=call.text("scope"), wanted=(wanted,), classes=_PLAYER
        )
        return resolve(named, call.names, call.situation)
    place = place_of(call.text("room"), "", call.situation.room, call.names)
    if isinstance(place, str):
        return NotFound(place)
    able = [
        entity
        for entity in call.names.entities.values()
        if entity.entity_class in _PLAYER and entity.commands & wanted
    ]
    where = place if place.said or call.text("scope") else place.own or place
    near = [entity for entity in able if where.holds(entity)]
    if not near and not place.said:
        # Elsewhere than the speaker: only what plays, or the only one.
        near, words = able, ()
    return _chosen(call, near, words, exact=place.exact)


def _chosen(call: HomeCall, near: Sequence[HomeEntity], words: Sequence[str], *, exact: bool) -> Resolution:
    playing = [entity for entity in near if entity.id in call.situation.playing]
    if call.text("scope"):
        found = playing or list(near)
        return Resolved(tuple(found), exact, several=True) if found else NotFound("player")
    for some in (playing, *(_called(near, word) for word in words), _usual(near, words), near):
        if len(some) == 1:
            return Resolved(tuple(some), exact)
        if len(some) > 1 and not (words and some is playing):
            return ambiguous("player", some, exact=exact)
    return NotFound("player")


def _called(near: Sequence[HomeEntity], word: str) -> list[HomeEntity]:
    """Players of that name; of several the usual one."""
    found = [entity for entity in near if word in singular(words_of(entity.name)).split()]
    return [entity for entity in found if entity.usual] or found


def _usual(near: Sequence[HomeEntity], words: Sequence[str]) -> list[HomeEntity]:
    return [entity for entity in near if entity.usual] if words else []


def _broadcast(call: HomeCall) -> PlanResult:
    place = place_of(call.text("room"), call.text("floor"), call.situation.room, call.names)
    if isinstance(place, str):
        return NotFound(place)
    return HomePlan((), call.risk, place.exact, message=call.text("message"), areas=_areas(place))


def _areas(place: Place) -> tuple[str, ...]:
    return tuple(sorted(place.areas or ()))


PLANNERS: dict[str, Callable[[HomeCall], PlanResult]] = {
    "play_home_media": _play,
    "pause_home_media": _simply(pb.COMMAND_PAUSE),
    "resume_home_media": _simply(pb.COMMAND_RESUME),
    "stop_home_media": _simply(pb.COMMAND_STOP, pb.COMMAND_PAUSE),
    "next_home_track": _simply(pb.COMMAND_NEXT),
    "previous_home_track": _simply(pb.COMMAND_PREVIOUS),
    "mute_home_media": _simply(pb.COMMAND_MUTE),
    "unmute_home_media": _simply(pb.COMMAND_UNMUTE),
    "broadcast_home_message": _broadcast,
}
