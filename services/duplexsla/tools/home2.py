"""Version 2 of the `home` toolset: every call of version 1 with the same meaning, and what else people ask.

Devices, rooms, floors, doors, scenes and lists are words as they were said, so that a home's own names can be
written; the executor finds what is meant. `when` is said, too ("in five minutes", "at nine", "every weekday
at seven"): it is read in the home's time zone. No function takes an id.

It covers the built-in intents of Home Assistant's assistant, and goes on: here, all, except, later, undo.
"""

from collections.abc import Iterable

from duplexsla.tools import home
from duplexsla.tools.schema import Argument, Delivery, Function, Risk, Toolset

HERE = "here"  # as a room: where the speaker is
PROPERTIES = (*home.PROPERTIES, "color temperature", "fan mode", "tilt", "lock", "presence", "power usage")
SHARES = ("maximum", "minimum", "half", "a third", "two thirds", "a quarter", "three quarters")
COLORS = (
    *home.COLORS,
    "cyan",
    "magenta",
    "lavender",
    "gold",
    "teal",
    "cool white",
    "daylight",
    "candlelight",
)
MODES = (*home.MODES, "off", "fan only", "heat cool", "away", "home", "low", "medium", "high", "quiet")
UNITS = (*home.UNITS, "kelvin", "celsius", "fahrenheit")
TIMER_UNITS = home.TIMER_UNITS
SCOPES = ("all", "both", "every", "other")
ASKED = ("all", "any", "which", "how many")
MEDIA = (
    "music",
    "song",
    "album",
    "playlist",
    "artist",
    "podcast",
    "radio",
    "audiobook",
    "film",
    "series",
    "video",
)
MAX_KELVIN = 10_000
MAX_DURATION = 3_600  # of one unit


def _text(name: str, *, required: bool = True, description: str = "") -> Argument:
    return Argument(name, "text", required, description=description)


def _choice(
    name: str, choices: tuple[str, ...], *, required: bool = False, description: str = ""
) -> Argument:
    return Argument(name, "choice", required, choices, description=description)


DEVICE = _text("device", description="as said: a kind (light), a name (reading lamp), several (lights)")
ROOM = _text("room", required=False, description=f'as said; "{HERE}": where the speaker is')
FLOOR = _text("floor", required=False, description="as said: upstairs, first floor")
SCOPE = _choice("scope", SCOPES, description="absent: the one that is meant")
EXCEPT = _text("except", required=False, description="as said: a device or a room that stays as it is")
WHEN = _text("when", required=False, description="as said; absent: now")
WHERE = (FLOOR, SCOPE, EXCEPT)
PROPERTY = _choice("property", PROPERTIES, required=True)
VALUE = Argument("value", "number_or_choice", choices=COLORS + MODES + SHARES, maximum=MAX_KELVIN)
STEP = Argument("value", "number", required=False, maximum=MAX_KELVIN, description="absent: one usual step")
UNIT = _choice("unit", UNITS)
DOOR = _text("door", description="as said")
TIMER = _text("name", required=False, description="absent: the only one, or the latest")
LASTS = (
    Argument("value", "number", minimum=0, maximum=MAX_DURATION),
    _choice("unit", TIMER_UNITS, required=True),
    Argument("second_value", "number", required=False, maximum=MAX_DURATION, description="and 30 seconds"),
    _choice("second_unit", TIMER_UNITS),
)
LIST = _text("list", description="as said")
ITEMS = (_text("second_item", required=False), _text("third_item", required=False))
MESSAGE = _text("message")
PLAYER = _text("device", required=False, description="absent: what plays in the room")
DAY = _text("day", required=False, description="as said; absent: today")

LOCK_EXPIRES_MS = home.LOCK_EXPIRES_MS
QUERY_EXPIRES_MS = home.QUERY_EXPIRES_MS


def _effect(
    name: str,
    description: str,
    *arguments: Argument,
    risk: Risk = "comfort",
    delivery: Delivery = "idempotent",
    expires_ms: int = 5_000,
) -> Function:
    return Function(name, description, arguments, delivery, expires_ms, risk)


def _step(name: str, description: str, *arguments: Argument, risk: Risk = "comfort") -> Function:
    """What may not happen twice."""
    return _effect(name, description, *arguments, risk=risk, delivery="at_most_once")


def _question(name: str, description: str, *arguments: Argument) -> Function:
    return Function(name, description, arguments, expires_ms=QUERY_EXPIRES_MS, risk="read")


DEVICES = (
    _effect("open_home_device", "Turn a device on, or open a cover.", DEVICE, ROOM, *WHERE, WHEN),
    _effect("close_home_device", "Turn a device off, or close a cover.", DEVICE, ROOM, *WHERE, WHEN),
    _effect(
        "set_home_device",
        "Set a property of a device to a target value.",
        *(DEVICE, ROOM, PROPERTY, VALUE, UNIT, *WHERE, WHEN),
    ),
    _step("increase_home_device", "Raise a property.", DEVICE, ROOM, PROPERTY, STEP, UNIT, *WHERE, WHEN),
    _step("decrease_home_device", "Lower a property.", DEVICE, ROOM, PROPERTY, STEP, UNIT, *WHERE, WHEN),
    _question(
        "query_home_device",
        "Report a property of a device, a door or a sensor.",
        *(DEVICE, ROOM, PROPERTY, FLOOR, _choice("scope", ASKED)),
    ),
    _effect("start_home_device", "Let a vacuum or a mower work.", DEVICE, ROOM, *WHERE, WHEN),
    _effect("stop_home_device", "Stop what moves or works, where it is.", DEVICE, ROOM, *WHERE),
    _effect("dock_home_device", "Send a vacuum or a mower back to its base.", DEVICE, ROOM, WHEN),
)
ENTRY = (
    _effect(
        "lock_home_door",
        "Lock a door.",
        *(DOOR, ROOM, *WHERE, WHEN),
        risk="mess",
        expires_ms=LOCK_EXPIRES_MS,
    ),
    _effect(
        "unlock_home_door",
        "Unlock a door.",
        *(DOOR, ROOM, *WHERE, WHEN),
        risk="entry",
        delivery="at_most_once",
        expires_ms=LOCK_EXPIRES_MS,
    ),
    _effect(
        "arm_home_alarm",
        "Arm the alarm panel.",
        *(_choice("mode", home.ALARM_MODES, required=True), WHEN),
        risk="mess",
        expires_ms=LOCK_EXPIRES_MS,
    ),
    _effect(
        "disarm_home_alarm",
        "Disarm the alarm panel.",
        WHEN,
        risk="entry",
        delivery="at_most_once",
        expires_ms=LOCK_EXPIRES_MS,
    ),
)
SCENES = (_effect("run_home_scene", "Run a scene.", _text("scene"), WHEN),)
TIMERS = (
    _step("set_timer", "Start a timer.", TIMER, *LASTS, ROOM),
    _step("cancel_timer", "Cancel a timer.", TIMER, _choice("scope", SCOPES), ROOM),
    _step("increase_timer", "Add time to a timer.", TIMER, *LASTS, ROOM),
    _step("decrease_timer", "Take time from a timer.", TIMER, *LASTS, ROOM),
    _effect("pause_timer", "Pause a timer.", TIMER, ROOM),
    _effect("resume_timer", "Let a paused timer run again.", TIMER, ROOM),
    _question("query_timer", "Report how much time is left.", TIMER, ROOM),
    _step("set_reminder", "Say something to the speaker at a later time.", MESSAGE, _text("when"), ROOM),
    _step("set_wake_alarm", "Ring at a time.", _text("when"), ROOM),
)
LISTS = (
    _step("add_list_item", "Add items to a list.", _text("item"), LIST, *ITEMS),
    _step("remove_list_item", "Take items from a list.", _text("item"), LIST, *ITEMS),
    _effect("complete_list_item", "Mark items of a list as done.", _text("item"), LIST, *ITEMS),
    _question("query_list", "Report what is on a list.", LIST),
)
PLAYBACK = (
    _effect(
        "play_home_media",
        "Play something; without a query, whatever fits.",
        *(_text("query", required=False), _choice("kind", MEDIA), PLAYER, ROOM, WHEN),
    ),
    _effect("pause_home_media", "Pause what plays.", PLAYER, ROOM),
    _effect("resume_home_media", "Go on with what was paused.", PLAYER, ROOM),
    _effect("stop_home_media", "Stop what plays.", PLAYER, ROOM, _choice("scope", SCOPES)),
    _step("next_home_track", "Go to the next track.", PLAYER, ROOM),
    _step("previous_home_track", "Go back to the previous track.", PLAYER, ROOM),
    _effect("mute_home_media", "Mute a player.", PLAYER, ROOM),
    _effect("unmute_home_media", "Unmute a player.", PLAYER, ROOM),
    _step("broadcast_home_message", "Say a message in other rooms.", MESSAGE, ROOM, FLOOR, risk="mess"),
)
INFORMATION = (
    _question("query_home_time", "Report the time of day.", _text("place", required=False)),
    _question("query_home_date", "Report the date.", DAY),
    _question("query_home_weather", "Report the weather.", DAY, _text("place", required=False)),
)
DIALOGUE = (
    _step("confirm", "The speaker says yes to the newest question."),
    _effect("decline", "The speaker says no to the newest question."),
    _step("undo", "Take back what was done last."),
    _effect("cancel_later", "Cancel what was to happen later.", _text("what", required=False)),
    _question("query_later", "Report what is to happen later."),
    _question("what_did_you_do", "Report what was done last, and why."),
    _effect("never_mind", "The speaker takes back what is being said."),
)


def _of(*groups: Iterable[Function]) -> tuple[Function, ...]:
    return tuple(function for group in groups for function in group)


HOME_2 = Toolset(
    "home",
    _of(DEVICES, ENTRY, SCENES, TIMERS, LISTS, PLAYBACK, INFORMATION, DIALOGUE),
    version=2,
)
