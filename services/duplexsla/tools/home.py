"""The fourteen functions of a home, in the style of the paper's car functions (appendix C)."""

from duplexsla.tools.schema import Argument, Function, Toolset

ROOMS = (
    "kitchen", "bedroom", "living room", "bathroom", "garage", "office", "basement", "hallway",
    "dining room", "nursery", "attic", "guest room", "laundry room", "study", "porch", "playroom",
    "garden", "patio",
)  # fmt: skip
DEVICES = (
    "light", "lamp", "fan", "heater", "thermostat", "air conditioner", "television", "speaker", "radio",
    "oven", "dishwasher", "washing machine", "coffee maker", "kettle", "humidifier", "vacuum",
    "projector", "camera", "blinds", "curtains", "shutters", "awning", "window", "garage door", "gate",
    "sprinkler", "plug", "temperature sensor", "humidity sensor", "motion sensor",
)  # fmt: skip
DOORS = ("front door", "back door", "side door", "garage door", "patio door", "cellar door", "balcony door")
PROPERTIES = (
    "power", "brightness", "color", "temperature", "mode", "speed", "volume", "position", "humidity",
    "battery", "state",
)  # fmt: skip
COLORS = ("red", "blue", "green", "purple", "orange", "yellow", "white", "pink", "warm white", "turquoise")
MODES = ("heat", "cool", "auto", "eco", "dry", "sleep", "boost")
UNITS = ("degrees", "percent", "level")
ALARM_MODES = ("home", "away", "night")
SCENES = (
    "movie", "dinner", "party", "bedtime", "morning", "reading", "relax", "away", "vacation", "cleaning",
    "romance", "gaming",
)  # fmt: skip
LISTS = ("shopping", "grocery", "party", "weekend", "camping", "holiday", "todo")
TIMERS = (
    "pasta", "pizza", "laundry", "tea", "workout", "egg", "nap", "study", "homework", "chicken", "rice",
    "bread",
)  # fmt: skip
TIMER_UNITS = ("seconds", "minutes", "hours")
MAX_VALUE = 300  # an oven's degrees

_DEVICE = Argument("device", "choice", choices=DEVICES)
_ROOM = Argument("room", "choice", required=False, choices=ROOMS, description="absent: the only such device")
_PROPERTY = Argument("property", "choice", choices=PROPERTIES)
_VALUE = Argument("value", "number_or_choice", choices=COLORS + MODES, maximum=MAX_VALUE)
_STEP = Argument("value", "number", required=False, maximum=MAX_VALUE, description="absent: one usual step")
_UNIT = Argument("unit", "choice", required=False, choices=UNITS)
_DOOR = Argument("door", "choice", choices=DOORS)
_TIMER = Argument("name", "choice", required=False, choices=TIMERS)

LOCK_EXPIRES_MS = 3_000
QUERY_EXPIRES_MS = 3_000

HOME = Toolset(
    "home",
    (
        Function("open_home_device", "Turn a device on, or open a cover.", (_DEVICE, _ROOM)),
        Function("close_home_device", "Turn a device off, or close a cover.", (_DEVICE, _ROOM)),
        Function(
            "set_home_device",
            "Set a property of a device to a target value.",
            (_DEVICE, _ROOM, _PROPERTY, _VALUE, _UNIT),
        ),
        Function(
            "increase_home_device",
            "Raise a property of a device.",
            (_DEVICE, _ROOM, _PROPERTY, _STEP, _UNIT),
            delivery="at_most_once",
        ),
        Function(
            "decrease_home_device",
            "Lower a property of a device.",
            (_DEVICE, _ROOM, _PROPERTY, _STEP, _UNIT),
            delivery="at_most_once",
        ),
        Function(
            "query_home_device",
            "Report a property of a device or sensor.",
            (_DEVICE, _ROOM, _PROPERTY),
            expires_ms=QUERY_EXPIRES_MS,
            risk="read",
        ),
        Function("lock_home_door", "Lock a door.", (_DOOR,), expires_ms=LOCK_EXPIRES_MS, risk="mess"),
        Function(
            "unlock_home_door",
            "Unlock a door.",
            (_DOOR,),
            delivery="at_most_once",
            expires_ms=LOCK_EXPIRES_MS,
            risk="entry",
        ),
        Function(
            "arm_home_alarm",
            "Arm the alarm panel.",
            (Argument("mode", "choice", choices=ALARM_MODES),),
            expires_ms=LOCK_EXPIRES_MS,
            risk="mess",
        ),
        Function(
            "disarm_home_alarm",
            "Disarm the alarm panel.",
            delivery="at_most_once",
            expires_ms=LOCK_EXPIRES_MS,
            risk="entry",
        ),
        Function("run_home_scene", "Run a scene.", (Argument("scene", "choice", choices=SCENES),)),
        Function(
            "set_timer",
            "Start a timer.",
            (
                _TIMER,
                Argument("value", "integer", minimum=1, maximum=3_600),
                Argument("unit", "choice", choices=TIMER_UNITS),
            ),
            delivery="at_most_once",
        ),
        Function(
            "cancel_timer", "Cancel a timer; absent name: the latest.", (_TIMER,), delivery="at_most_once"
        ),
        Function(
            "add_list_item",
            "Add an item to a list.",
            (Argument("item", "text"), Argument("list", "choice", choices=LISTS)),
            delivery="at_most_once",
        ),
    ),
)
