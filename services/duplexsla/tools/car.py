"""The paper's fifty functions (appendix C, table 11), by their own names, with typed arguments."""

from duplexsla.tools.schema import Argument, Function, Toolset

# Cabin and hardware.
SETTINGS = (
    "air conditioner", "heater", "air purifier", "defrost", "rear defrost", "driver window",
    "passenger window", "rear window", "all windows", "sunroof", "sun shade", "trunk", "hood",
    "fuel door", "charging port", "glove box", "doors", "child lock", "seat", "seat heating",
    "seat ventilation", "seat massage", "steering wheel", "steering wheel heating", "mirrors",
    "mirror heating", "wipers", "headlights", "high beams", "fog lights", "ambient light",
    "reading light", "hazard lights", "horn", "volume", "cruise control", "lane assist", "parking assist",
    "suspension", "fragrance", "camera",
)  # fmt: skip
ZONES = ("driver", "passenger", "front", "rear", "rear left", "rear right", "all")
PROPERTIES = (
    "power", "temperature", "fan speed", "speed", "position", "height", "angle", "level", "brightness",
    "color", "volume", "mode", "state",
)  # fmt: skip
COLORS = ("red", "blue", "green", "purple", "orange", "yellow", "white", "pink", "warm white", "turquoise")
MODES = ("auto", "eco", "comfort", "sport", "heat", "cool", "low", "medium", "high", "open", "closed")
UNITS = ("degrees", "percent", "level", "kilometers per hour")
PROFILES = ("driver", "passenger", "family", "work", "sport", "comfort", "night")
PET_PROPERTIES = ("pet mode", "temperature", "ventilation")
SWITCH = ("on", "off")

# System and apps.
SYSTEM_SETTINGS = (
    "display", "screen", "sound", "volume", "media volume", "navigation volume", "call volume",
    "alert volume", "brightness", "bluetooth", "wifi", "hotspot", "mobile data", "location",
    "notifications", "dark mode", "night mode", "language", "keyboard", "voice assistant", "equalizer",
    "bass", "treble", "contrast", "units", "date and time", "privacy", "updates",
)  # fmt: skip
SYSTEM_VALUES = (
    "on", "off", "auto", "dark", "light", "low", "medium", "high", "rock", "pop", "jazz", "classical",
    "metric", "imperial", "english", "french", "german", "spanish", "chinese",
)  # fmt: skip
CONNECTIONS = ("bluetooth", "wifi", "hotspot", "mobile data", "phone")
APPS = (
    "calendar", "camera", "maps", "navigation", "browser", "email", "gallery", "music", "messages",
    "notes", "settings", "clock", "calculator", "weather", "contacts", "podcasts", "photos", "news",
    "radio", "video", "phone", "store", "charging", "manual",
)  # fmt: skip
PAGES = ("home", "next", "previous", "map", "media", "phone", "settings", "apps", "climate", "car status")
DIRECTIONS = ("up", "down", "left", "right")

# Navigation, media, queries.
ROUTES = ("fastest", "shortest", "alternative", "avoid tolls", "avoid highways", "avoid traffic", "scenic")
STOPS = (
    "gas station", "charging station", "restaurant", "coffee", "parking", "rest area", "hotel", "toilet",
    "supermarket", "pharmacy", "car wash", "hospital",
)  # fmt: skip
MEDIA = ("song", "album", "playlist", "podcast", "audiobook", "video")
BANDS = ("fm", "am")
TRANSPORT = ("flight", "train", "bus", "subway", "ferry")
DAYS = (
    "today", "tonight", "tomorrow", "this weekend", "next week", "monday", "tuesday", "wednesday",
    "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
RESOURCES = ("document", "report", "email", "summary", "note", "poem", "presentation")

MAX_VALUE = 200  # km/h of the cruise control
QUERY_EXPIRES_MS = 3_000
ALARM_EXPIRES_MS = 3_000


def _one_of(name: str, choices: tuple[str, ...], *, required: bool = True) -> Argument:
    return Argument(name, "choice", required, choices)


def _text(name: str, *, required: bool = True, description: str = "") -> Argument:
    return Argument(name, "text", required, description=description)


_SETTING = _one_of("setting", SETTINGS)
_ZONE = _one_of("zone", ZONES, required=False)
_PROPERTY = _one_of("property", PROPERTIES, required=False)
_UNIT = _one_of("unit", UNITS, required=False)
_VALUE = Argument("value", "number_or_choice", choices=COLORS + MODES, maximum=MAX_VALUE)
_STEP = Argument("value", "number", required=False, maximum=MAX_VALUE, description="absent: one usual step")
_SYSTEM = _one_of("setting", SYSTEM_SETTINGS)
_LEVEL = Argument("value", "number_or_choice", choices=SYSTEM_VALUES, maximum=100)
_LEVEL_STEP = Argument("value", "number", required=False, maximum=100, description="absent: one usual step")
_LEVEL_UNIT = _one_of("unit", ("percent", "level"), required=False)
_HOUR = Argument("hour", "integer", required=False, maximum=23)
_MINUTE = Argument("minute", "integer", required=False, maximum=59)
_DAY = _one_of("day", DAYS, required=False)
_PLACE = _text("place", required=False, description="absent: near the car")
_QUERY = _text("query")
_FREQUENCY = Argument(
    "frequency", "number", required=False, minimum=87, maximum=1_710, unit="MHz of fm, kHz of am"
)

_CABIN = (
    Function("open_car_setting", "Turn on, or open, a hardware feature of the car.", (_SETTING, _ZONE)),
    Function("close_car_setting", "Turn off, or close, a hardware feature of the car.", (_SETTING, _ZONE)),
    Function(
        "set_car_setting", "Set a car setting to a target value.", (_SETTING, _ZONE, _PROPERTY, _VALUE, _UNIT)
    ),
    Function(
        "increase_car_setting",
        "Raise a car setting.",
        (_SETTING, _ZONE, _PROPERTY, _STEP, _UNIT),
        "at_most_once",
    ),
    Function(
        "decrease_car_setting",
        "Lower a car setting.",
        (_SETTING, _ZONE, _PROPERTY, _STEP, _UNIT),
        "at_most_once",
    ),
    Function(
        "query_car_setting",
        "Report the state of a car setting.",
        (_SETTING, _ZONE, _PROPERTY),
        expires_ms=QUERY_EXPIRES_MS,
        risk="read",
    ),
    Function(
        "save_car_setting",
        "Save the car's settings under a profile, for quick recall.",
        (_one_of("profile", PROFILES, required=False),),
    ),
    Function(
        "set_pet_car_setting",
        "Configure the cabin for a pet.",
        (
            _one_of("property", PET_PROPERTIES),
            Argument("value", "number_or_choice", choices=SWITCH, maximum=40),
            _one_of("unit", ("degrees", "level"), required=False),
        ),
    ),
    Function(
        "set_car_alarm",
        "Switch the car's alarm, at a time of day if one is given.",
        (_one_of("state", SWITCH), _HOUR, _MINUTE, _DAY),
        expires_ms=ALARM_EXPIRES_MS,
        risk="mess",
    ),
)

_SYSTEM_AND_APPS = (
    Function("open_system_setting", "Turn on, or show, a system setting.", (_SYSTEM,)),
    Function("close_system_setting", "Turn off, or hide, a system setting.", (_SYSTEM,)),
    Function("set_system_setting", "Set a system value.", (_SYSTEM, _LEVEL, _LEVEL_UNIT)),
    Function(
        "increase_system_setting",
        "Raise a system value.",
        (_SYSTEM, _LEVEL_STEP, _LEVEL_UNIT),
        "at_most_once",
    ),
    Function(
        "decrease_system_setting",
        "Lower a system value.",
        (_SYSTEM, _LEVEL_STEP, _LEVEL_UNIT),
        "at_most_once",
    ),
    Function("disconnect_system_setting", "End a system connection.", (_one_of("connection", CONNECTIONS),)),
    Function("open_app", "Open an app.", (_one_of("app", APPS),)),
    Function("close_app", "Close an app.", (_one_of("app", APPS),)),
    Function("switch_page", "Go to another page of the screen.", (_one_of("page", PAGES),), "at_most_once"),
    Function(
        "scroll",
        "Scroll the screen.",
        (
            _one_of("direction", DIRECTIONS),
            Argument("amount", "integer", required=False, minimum=1, maximum=20, unit="screens"),
        ),
        "at_most_once",
    ),
    Function(
        "select_option",
        "Select one of the options that are shown.",
        (Argument("option", "integer", minimum=1, maximum=20, description="counted from 1"),),
        "at_most_once",
    ),
)

_NAVIGATION = (
    Function("navigate", "Start navigation to a destination.", (_text("destination"),)),
    Function(
        "change_navigation_route", "Change the route.", (_one_of("preference", ROUTES),), "at_most_once"
    ),
    Function("add_waypoint", "Add a waypoint to the route.", (_text("waypoint"),), "at_most_once"),
    Function(
        "remove_waypoint",
        "Remove a waypoint from the route.",
        (_text("waypoint", required=False, description="absent: the next one"),),
        "at_most_once",
    ),
    Function("resume_navigation", "Go on with the interrupted navigation."),
    Function(
        "query_arrival_time",
        "Report the estimated time of arrival.",
        (_text("destination", required=False, description="absent: that of the route"),),
        expires_ms=QUERY_EXPIRES_MS,
        risk="read",
    ),
    Function(
        "query_distance",
        "Report the distance to a place, from the car or from another place.",
        (_text("destination"), _text("origin", required=False)),
        expires_ms=QUERY_EXPIRES_MS,
        risk="read",
    ),
    Function(
        "query_road_conditions",
        "Report roads and traffic.",
        (_text("road", required=False, description="absent: the route"),),
        expires_ms=QUERY_EXPIRES_MS,
        risk="read",
    ),
    Function("search_along_route", "Find places along the route.", (_one_of("category", STOPS),)),
)

_PLAYBACK = (
    Function(
        "play_media",
        "Play music, a podcast or a video; without arguments, whatever fits.",
        (
            _text("title", required=False),
            _text("artist", required=False),
            _one_of("kind", MEDIA, required=False),
        ),
    ),
    Function(
        "play_broadcast",
        "Play a radio station.",
        (_text("station", required=False), _FREQUENCY, _one_of("band", BANDS, required=False)),
    ),
    Function("play_online_video", "Play a video from the network.", (_text("title"),)),
    Function("search_music", "Search songs, albums and artists.", (_QUERY,)),
    Function("search_online_video", "Search videos on the network.", (_QUERY,)),
    Function("next_track", "Go to the next track.", delivery="at_most_once"),
    Function("previous_track", "Go back to the previous track.", delivery="at_most_once"),
)

_SEARCH = (
    Function("search_food", "Search restaurants and dishes.", (_QUERY, _PLACE)),
    Function("search_entertainment", "Search films, concerts and the like.", (_QUERY, _PLACE)),
    Function("search_lifestyle", "Search services, gyms and events.", (_QUERY, _PLACE)),
    Function("search_shopping", "Search shops, goods and deals.", (_QUERY, _PLACE)),
    Function(
        "search_scenic_spot",
        "Search a tourist attraction.",
        (_QUERY, _one_of("detail", ("introduction", "opening hours", "ticket price"), required=False)),
    ),
    Function("search_hotel", "Search hotels.", (_text("query", required=False), _PLACE, _DAY)),
    Function(
        "search_travel",
        "Search connections.",
        (_one_of("transport", TRANSPORT), _text("destination"), _text("origin", required=False), _DAY),
    ),
    Function(
        "search_building",
        "Search facts about a building.",
        (_QUERY, _one_of("detail", ("location", "history", "height", "architect"), required=False)),
    ),
    Function("search_recognition", "Identify what was described or heard.", (_QUERY,)),
    Function(
        "query_weather", "Report the weather.", (_PLACE, _DAY), expires_ms=QUERY_EXPIRES_MS, risk="read"
    ),
    Function(
        "query_calendar",
        "Report dates, holidays and events.",
        (_text("event", required=False), _DAY),
        expires_ms=QUERY_EXPIRES_MS,
        risk="read",
    ),
    Function(
        "query_stock",
        "Report a stock.",
        (_text("company"), _one_of("detail", ("price", "trend"), required=False)),
        expires_ms=QUERY_EXPIRES_MS,
        risk="read",
    ),
    Function(
        "generate_text_resource",
        "Write a text and keep it as a resource.",
        (_one_of("kind", RESOURCES), _text("topic")),
        "at_most_once",
    ),
    Function(
        "make_call",
        "Call a contact or a dialed number.",
        (_text("contact", description="name or digits"),),
        "at_most_once",
        risk="mess",
    ),
)

CAR = Toolset("car", _CABIN + _SYSTEM_AND_APPS + _NAVIGATION + _PLAYBACK + _SEARCH)
