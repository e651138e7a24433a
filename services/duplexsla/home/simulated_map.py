"""A small made-up country around the car: every name lies somewhere, always at the same spot."""

import hashlib
import math
from datetime import date

ROAD_FACTOR = 1.3  # roads are longer than the straight line
CITY_KM_PER_MIN = 0.8
SKIES = ("sunny", "cloudy", "rainy", "windy", "foggy")
CAR = (0.0, 0.0)  # km east and north; the car is where the map begins


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


def weather(place: str, day: date) -> tuple[str, int]:
    """(sky, degrees Celsius) of a day."""
    return SKIES[hashed(place, day, of=len(SKIES))], 8 + hashed(place, day, "degrees", of=20)
