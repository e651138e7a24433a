"""What can be set in the car: its hardware by zone, and its system."""

from duplexsla.home.appliance import LEVEL, PERCENT, ApplianceKind, Scale
from duplexsla.home.state import Props
from duplexsla.tools.car import COLORS, PROFILES

SEATS = ("driver", "passenger", "rear left", "rear right")
ZONES = {"front": SEATS[:2], "rear": SEATS[2:], "all": SEATS, **{seat: (seat,) for seat in SEATS}}

_CABIN_CLIMATE = Scale(16, 32, 1, "degrees")
_THREE = Scale(0, 3, 1, "level")
_SPEED = Scale(30, 200, 5, "kilometers per hour")
_CLIMATE_MODES = ("auto", "eco", "comfort", "heat", "cool")
_DRIVE_MODES = ("auto", "eco", "comfort", "sport")

_SWITCH = ApplianceKind({"power": "off"})
_COVER = ApplianceKind({"state": "closed", "position": 0}, {"position": PERCENT}, main="position")
_WARMTH = ApplianceKind({"power": "off", "level": 2}, {"level": _THREE}, main="level")
_LAMP = ApplianceKind({"power": "off", "brightness": 70}, {"brightness": PERCENT}, main="brightness")
_TILTED = {"position": PERCENT, "angle": PERCENT}

# Of one per seat, with the zone that is meant when none is said.
ZONED: dict[str, tuple[ApplianceKind, str]] = {
    "air conditioner": (
        ApplianceKind(
            {"power": "off", "temperature": 22, "fan speed": 2, "mode": "auto"},
            {"temperature": _CABIN_CLIMATE, "fan speed": LEVEL},
            {"mode": _CLIMATE_MODES},
            main="temperature",
        ),
        "all",
    ),
    "heater": (
        ApplianceKind(
            {"power": "off", "temperature": 22, "level": 2},
            {"temperature": _CABIN_CLIMATE, "level": _THREE},
            main="temperature",
        ),
        "all",
    ),
    "seat": (
        ApplianceKind(
            {"position": 50, "height": 40, "angle": 30},
            {"position": PERCENT, "height": PERCENT, "angle": PERCENT},
            main="position",
        ),
        "driver",
    ),
    "seat heating": (_WARMTH, "driver"),
    "seat ventilation": (_WARMTH, "driver"),
    "seat massage": (
        ApplianceKind(
            {"power": "off", "level": 2, "mode": "comfort"},
            {"level": _THREE},
            {"mode": ("comfort", "sport", "auto")},
            main="level",
        ),
        "driver",
    ),
    "reading light": (_LAMP, "driver"),
}
# Of one for the whole car.
SINGLE: dict[str, ApplianceKind] = {
    "air purifier": ApplianceKind(
        {"power": "off", "level": 2, "mode": "auto"},
        {"level": _THREE},
        {"mode": ("auto", "eco")},
        main="level",
    ),
    "defrost": _SWITCH,
    "rear defrost": _SWITCH,
    "driver window": _COVER,
    "passenger window": _COVER,
    "rear window": _COVER,
    "sunroof": _COVER,
    "sun shade": _COVER,
    "trunk": _COVER,
    "hood": _COVER,
    "fuel door": _COVER,
    "charging port": _COVER,
    "glove box": _COVER,
    "doors": ApplianceKind({"lock": "locked"}),
    "child lock": _SWITCH,
    "steering wheel": ApplianceKind({"position": 50, "angle": 40}, _TILTED, main="position"),
    "steering wheel heating": _WARMTH,
    "mirrors": ApplianceKind({"state": "open", "position": 100, "angle": 50}, _TILTED, main="angle"),
    "mirror heating": _SWITCH,
    "wipers": ApplianceKind(
        {"power": "off", "speed": 2, "mode": "auto"}, {"speed": LEVEL}, {"mode": ("auto",)}, main="speed"
    ),
    "headlights": ApplianceKind(
        {"power": "off", "angle": 50, "mode": "auto"}, {"angle": PERCENT}, {"mode": ("auto",)}, main="angle"
    ),
    "high beams": _SWITCH,
    "fog lights": _SWITCH,
    "ambient light": ApplianceKind(
        {"power": "off", "brightness": 40, "color": "warm white"},
        {"brightness": PERCENT},
        {"color": COLORS},
        main="brightness",
    ),
    "hazard lights": _SWITCH,
    "horn": _SWITCH,
    "cruise control": ApplianceKind({"power": "off", "speed": 100}, {"speed": _SPEED}, main="speed"),
    "lane assist": _WARMTH,
    "parking assist": _SWITCH,
    "suspension": ApplianceKind(
        {"height": 50, "mode": "comfort"}, {"height": PERCENT}, {"mode": _DRIVE_MODES}, main="height"
    ),
    "fragrance": _WARMTH,
    "camera": _SWITCH,
}
WINDOWS = ("driver window", "passenger window", "rear window")

_LOUDNESS = ApplianceKind({"volume": 40}, {"volume": PERCENT}, main="volume")
_TONE = ApplianceKind({"level": 50}, {"level": PERCENT}, main="level")
_CONNECTION = ApplianceKind({"power": "on", "connected": True})
_THEME = ApplianceKind({"power": "off", "mode": "auto"}, {}, {"mode": ("auto", "dark", "light")})
_LANGUAGE = ApplianceKind(
    {"choice": "english"}, {}, {"choice": ("english", "french", "german", "spanish", "chinese")}
)

SYSTEM: dict[str, ApplianceKind] = {
    "display": ApplianceKind(
        {"power": "on", "brightness": 60, "mode": "auto"},
        {"brightness": PERCENT},
        {"mode": ("auto", "dark", "light")},
        main="brightness",
    ),
    "sound": ApplianceKind({"power": "on", "volume": 40}, {"volume": PERCENT}, main="volume"),
    "bluetooth": _CONNECTION,
    "wifi": _CONNECTION,
    "hotspot": _CONNECTION,
    "mobile data": _CONNECTION,
    "phone": _CONNECTION,
    "location": ApplianceKind({"power": "on"}),
    "notifications": ApplianceKind({"power": "on"}),
    "dark mode": _THEME,
    "night mode": _THEME,
    "language": _LANGUAGE,
    "keyboard": _LANGUAGE,
    "voice assistant": ApplianceKind({"power": "on"}),
    "equalizer": ApplianceKind({"choice": "pop"}, {}, {"choice": ("rock", "pop", "jazz", "classical")}),
    "units": ApplianceKind({"choice": "metric"}, {}, {"choice": ("metric", "imperial")}),
    "date and time": ApplianceKind({"power": "on"}),  # set by the network
    "privacy": ApplianceKind({"power": "off"}),
    "updates": ApplianceKind({"power": "on"}),
    "bass": _TONE,
    "treble": _TONE,
    "contrast": _TONE,
    "navigation volume": _LOUDNESS,
    "call volume": _LOUDNESS,
    "alert volume": _LOUDNESS,
}
# Two names for one thing.
SAME = {"screen": "display", "brightness": "display", "volume": "sound", "media volume": "sound"}


def _system_defaults() -> dict[str, Props]:
    return {f"car system/{setting}": dict(kind.defaults) for setting, kind in SYSTEM.items()}


CABIN: dict[str, Props] = {
    **{
        f"car/{setting}/{seat}": dict(kind.defaults) for setting, (kind, _) in ZONED.items() for seat in SEATS
    },
    **{f"car/{setting}": dict(kind.defaults) for setting, kind in SINGLE.items()},
    "car alarm": {"state": "off"},
    "car pet": {"pet mode": "off", "temperature": 22, "ventilation": 1},
    **{f"car profile/{profile}": {} for profile in PROFILES},
}
CAR_DEFAULTS: dict[str, Props] = {
    **CABIN,
    **_system_defaults(),
    "vehicle": {"driving": None},  # it does not say, until somebody sets it
    "car screen": {"page": "home", "scrolled": 0, "shifted": 0, "app": ""},
    "car options": {"items": [], "kind": "", "selected": 0},
    "car navigation": {"state": "idle", "destination": "", "waypoints": [], "route": "fastest"},
    "car media": {"state": "idle", "kind": "", "title": "", "tracks": [], "position": 0},
    "car phone": {"state": "idle", "contact": ""},
    "car documents": {"items": []},
}
