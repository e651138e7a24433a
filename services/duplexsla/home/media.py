"""The car's media: seven functions of the `car` toolset."""

from duplexsla.errors import DeviceRefused
from duplexsla.home.navigation import hashed, show_options, start_playing
from duplexsla.home.state import Arguments, HomeFunction, State, StateChange, changed

SONGS = {  # artist: songs; all made up
    "the harbor lights": ("silver morning", "slow river", "lanterns"),
    "anna fields": ("paper boats", "winter garden", "home again"),
    "north station": ("last train", "signal", "platform nine"),
    "the blue tigers": ("midnight run", "neon rain", "paper tiger"),
    "little orchestra": ("waltz for rosa", "first snow", "cathedral"),
}
STATIONS = ("city radio", "jazz fm", "classic radio", "news radio", "rock station")
_EPISODES = 5


def play_media(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """What was asked for first, then more that fits."""
    kind = arguments.get("kind", "song")
    tracks = _tracks(arguments.get("title", ""), arguments.get("artist", ""), kind, now_ms)
    return StateChange({"kind": kind, "title": tracks[0]}, start_playing(state, kind, tracks, now_ms))


def play_broadcast(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    frequency, band = arguments.get("frequency"), arguments.get("band", "fm")
    tuned = f"{frequency:g} {band}" if frequency else STATIONS[0]
    station = arguments.get("station") or tuned
    others = [each for each in STATIONS if each != station]
    return StateChange(
        {"station": station, "band": band}, start_playing(state, "radio", [station, *others], now_ms)
    )


def play_online_video(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    title = arguments["title"]
    return StateChange({"kind": "video", "title": title}, start_playing(state, "video", [title], now_ms))


def search_music(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Songs and artists by their words; what is not known is offered by its own name."""
    words = set(arguments["query"].split())
    hits = [
        song
        for artist, songs in SONGS.items()
        for song in songs
        if words & set(song.split()) or words & set(artist.split()) - {"the"}
    ]
    found = hits or [arguments["query"]]
    return StateChange({"options": found, "value": found[0]}, show_options(state, "song", found))


def search_online_video(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    query = arguments["query"]
    found = [query, f"{query} explained", f"best of {query}"]
    return StateChange({"options": found, "value": found[0]}, show_options(state, "video", found))


def next_track(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _skip(state, now_ms, by=1)


def previous_track(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    return _skip(state, now_ms, by=-1)


FUNCTIONS: dict[str, HomeFunction] = {
    effect.__name__: effect
    for effect in (
        play_media, play_broadcast, play_online_video, search_music, search_online_video, next_track,
        previous_track,
    )
}  # fmt: skip


def _tracks(title: str, artist: str, kind: str, now_ms: int) -> list[str]:
    if kind not in ("song", "album", "playlist"):
        name = title or artist or f"the daily {kind}"
        return [f"{name} part {part}" if part > 1 else name for part in range(1, _EPISODES + 1)]
    known = list(SONGS)
    songs = SONGS.get(artist) or SONGS[known[hashed(title or artist or now_ms // 60_000, of=len(known))]]
    first = [title] if title else []
    if artist and artist not in SONGS and not title:
        first = [f"the best of {artist}"]
    return [*first, *(song for song in songs if song != title)]


def songs_like(text: str, now_ms: int) -> list[str]:
    """What was asked for, then more that fits; without a text whatever fits."""
    artist = text if text in SONGS else ""
    return _tracks("" if artist else text, artist, "song", now_ms)


def _skip(state: State, now_ms: int, *, by: int) -> StateChange:
    """Around the end to the other one."""
    media = state["car media"]
    if not media["tracks"]:
        raise DeviceRefused("nothing is playing")
    position = (media["position"] + by) % len(media["tracks"])
    title = media["tracks"][position]
    moved = {"state": "playing", "position": position, "title": title, "since_ms": now_ms}
    return StateChange({"title": title}, changed(state, "car media", **moved))
