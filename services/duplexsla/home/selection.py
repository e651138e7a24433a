"""What follows from choosing something: a place is driven to, music and films are played."""

from duplexsla.home.simulated_map import distance_km
from duplexsla.home.state import Props, State, changed

PLAYED = ("song", "album", "playlist", "podcast", "audiobook", "video")


def apply_selection(state: State, kind: str, name: str, now_ms: int) -> dict[str, Props | None]:
    """Updates that follow from taking an option of this kind; none for what is only read about."""
    if kind == "place":
        return start_trip(state, name, now_ms)
    return start_playing(state, kind, [name], now_ms) if kind in PLAYED else {}


def start_trip(state: State, destination: str, now_ms: int) -> dict[str, Props | None]:
    """A new trip: waypoints of the last one are gone, the preferred route stays."""
    trip = {"destination": destination, "waypoints": [], "distance_km": distance_km(destination)}
    return changed(state, "car navigation", state="running", since_ms=now_ms, **trip)


def start_playing(state: State, kind: str, tracks: list[str], now_ms: int) -> dict[str, Props | None]:
    """The first of the tracks plays, the others follow."""
    playing = {"kind": kind, "title": tracks[0], "tracks": tracks, "position": 0, "since_ms": now_ms}
    return changed(state, "car media", state="playing", **playing)


def show_options(state: State, kind: str, items: list[str]) -> dict[str, Props | None]:
    """Options on the screen, to select one of."""
    return changed(state, "car options", kind=kind, items=items, selected=0)
