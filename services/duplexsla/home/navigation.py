"""The car's navigation: nine functions of the `car` toolset, and what follows from choosing something.

Around the car lies a small made-up country: every name lies somewhere, always at the same spot.
"""

import hashlib
import math

from duplexsla.errors import DeviceRefused
from duplexsla.home.state import Arguments, HomeFunction, Props, State, StateChange, changed

ROAD_FACTOR = 1.3  # roads are longer than the straight line
CITY_KM_PER_MIN = 0.8
CAR = (0.0, 0.0)  # km east and north; the car is where the map begins
PLAYED = ("song", "album", "playlist", "podcast", "audiobook", "video")
MAX_WAYPOINTS = 10
_LONGER = {"fastest": 1.0, "shortest": 0.9, "avoid tolls": 1.1, "avoid highways": 1.2, "scenic": 1.4}
_TRAFFIC = ("clear", "clear", "slow", "congested")
_NAMES = ("central {}", "{} at the bridge", "old town {}", "{} on main street")


def hashed(*about: object, of: int) -> int:
    """A number in 0..of-1 that is always the same for the same things."""
    text = "\0".join(str(each).lower() for each in about)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % of


def coordinates_km(place: str) -> tuple[float, float]:
    """Where a place lies, in km east and north of the car, at most 60 either way."""
    return hashed(place, "east", of=1_201) / 10 - 60, hashed(place, "north", of=1_201) / 10 - 60


def distance_km(destination: str, origin: str = "") -> int:
    """By road, at least 1; from the car without an origin."""
    start = coordinates_km(origin) if origin else CAR
    return max(1, round(ROAD_FACTOR * math.dist(start, coordinates_km(destination))))


def minutes(km: float) -> int:
    return max(1, round(km / CITY_KM_PER_MIN))


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


def navigate(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    destination = arguments["destination"]
    km = distance_km(destination)
    result = {"destination": destination, "distance_km": km, "minutes": minutes(km)}
    return StateChange(result, start_trip(state, destination, now_ms))


def change_navigation_route(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    _trip(state)
    route = arguments["preference"]
    return StateChange({"route": route}, changed(state, "car navigation", route=route, since_ms=now_ms))


def add_waypoint(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Before the destination, after the waypoints that are there."""
    waypoints = [*_trip(state)["waypoints"], arguments["waypoint"]]
    if len(waypoints) > MAX_WAYPOINTS:
        raise DeviceRefused(f"a route has at most {MAX_WAYPOINTS} waypoints")
    result = {"waypoint": arguments["waypoint"], "waypoints": len(waypoints)}
    return StateChange(result, changed(state, "car navigation", waypoints=waypoints))


def remove_waypoint(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Without a name, the next one on the way."""
    waypoints = list(_trip(state)["waypoints"])
    if not waypoints:
        raise DeviceRefused("the route has no waypoint")
    waypoint = arguments.get("waypoint") or waypoints[0]
    if waypoint not in waypoints:
        raise DeviceRefused(f"the route has no waypoint {waypoint}")
    waypoints.remove(waypoint)
    result = {"waypoint": waypoint, "waypoints": len(waypoints)}
    return StateChange(result, changed(state, "car navigation", waypoints=waypoints))


def resume_navigation(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    destination = _trip(state)["destination"]
    return StateChange(
        {"destination": destination}, changed(state, "car navigation", state="running", since_ms=now_ms)
    )


def query_arrival_time(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Minutes from here, waypoints and the chosen route included."""
    destination = arguments.get("destination")
    km = distance_km(destination) if destination else _route_km(_trip(state))
    left = minutes(km)
    result = {"destination": destination or state["car navigation"]["destination"]}
    return StateChange({**result, "value": left, "unit": "minutes", "arrival_ms": now_ms + left * 60_000})


def query_distance(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    destination, origin = arguments["destination"], arguments.get("origin", "")
    km = distance_km(destination, origin)
    return StateChange({"destination": destination, "origin": origin, "value": km, "unit": "kilometers"})


def query_road_conditions(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Traffic changes by the hour."""
    road = arguments.get("road") or _trip(state)["destination"]
    return StateChange({"road": road, "value": _TRAFFIC[hashed(road, now_ms // 3_600_000, of=len(_TRAFFIC))]})


def search_along_route(state: State, arguments: Arguments, now_ms: int) -> StateChange:
    """Along the route, or around the car when there is none; nearest first."""
    near = sorted((name.format(arguments["category"]) for name in _NAMES), key=distance_km)
    result = {"category": arguments["category"], "options": near, "value": near[0]}
    return StateChange(result, show_options(state, "place", near))


FUNCTIONS: dict[str, HomeFunction] = {
    effect.__name__: effect
    for effect in (
        navigate, change_navigation_route, add_waypoint, remove_waypoint, resume_navigation,
        query_arrival_time, query_distance, query_road_conditions, search_along_route,
    )
}  # fmt: skip


def _trip(state: State) -> Props:
    trip = state["car navigation"]
    if not trip["destination"]:
        raise DeviceRefused("there is no route yet")
    return trip


def _route_km(trip: Props) -> float:
    stops = [*trip["waypoints"], trip["destination"]]
    km = sum(distance_km(to, start) for start, to in zip(["", *stops], stops, strict=False))
    return km * _LONGER.get(trip["route"], 1.05)
