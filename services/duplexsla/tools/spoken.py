"""How people say what a function does, and how they say its opposite: what a transcript is searched for.

A phrase is words in this order; others may lie between them ("turn the heater on" holds "turn on"). Words are
whole words: "unlock" does not hold "lock". A phrase is how somebody tells a machine to do it, as a command;
the other forms of its verb ("locked", "locking") tell of it, and ask for nothing; but a state may be wanted
("make sure the door is locked").
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpokenForm:
    """Of one function: one of `says` is heard and none of `opposites`, every word of the arguments `names`,
    and one word of `about`, if it has any.
    """

    says: tuple[str, ...]
    opposites: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    states: tuple[str, ...] = ()  # in which it leaves what it is about: "make sure that is locked"
    keeps: bool = False  # it writes words down: they must have been said, whatever it would cost


EVERY = frozenset(("all", "every", "both", "everything"))  # one stands for another

_ON = ("turn on", "switch on", "start", "activate", "enable")
_OFF = ("turn off", "switch off", "off", "deactivate", "disable")
_OPEN = ("open", "raise", "roll up")
_CLOSE = ("close", "shut", "lower", "roll down")
_UP = ("increase", "raise", "up", "more", "warmer", "hotter", "brighter", "louder", "faster", "higher")
_DOWN = (
    *("decrease", "lower", "reduce", "down", "less", "cooler", "colder", "dimmer", "dim", "quieter"),
    *("softer", "slower"),
)
_LOCK = ("lock", "bolt", "secure")
_UNLOCK = ("unlock", "unbolt", "unlatch", "open", "let in")
_LOCKED = ("locked", "bolted", "secured")
_CLOSED = ("closed", "shut", "off")
_ARM = ("arm", "activate", "enable", "turn on", "switch on")
_DISARM = ("disarm", "deactivate", "disable")
_STOP = ("stop", "halt", "pause", "end", "cancel")
_DEVICE = ("device", "room", "floor", "scope")
_DOOR = ("door", "room", "floor", "scope")
_ALARM = ("alarm", "security", "system", "house")
_SETTING = ("setting", "zone")
_ITEMS = ("item", "second_item", "third_item")

SPOKEN: Mapping[str, SpokenForm] = {
    "lock_home_door": SpokenForm(_LOCK, (*_UNLOCK, "unsecure"), _DOOR, states=_LOCKED),
    "unlock_home_door": SpokenForm(_UNLOCK, (*_LOCK, *_CLOSE), _DOOR, states=("unlocked",)),
    "arm_home_alarm": SpokenForm(
        (*_ARM, "set to", "put on", "put in", "switch to", "turn to"),
        (*_DISARM, *_OFF),
        ("mode",),
        _ALARM,
        ("armed", "on", "set"),
    ),
    "disarm_home_alarm": SpokenForm(_DISARM, (*_ARM, "on"), (), _ALARM, ("disarmed",)),
    "open_home_device": SpokenForm(
        (*_OPEN, *_ON, "unlock", "run"), (*_CLOSE, *_OFF, *_LOCK, *_STOP), _DEVICE, states=("open", "on")
    ),
    "close_home_device": SpokenForm((*_CLOSE, *_OFF), (*_OPEN, *_ON, *_UNLOCK), _DEVICE, states=_CLOSED),
    "set_home_device": SpokenForm(
        ("set", "make", "change", "turn", "put", "adjust", "switch"), (), ("device", "room", "floor", "value")
    ),
    "increase_home_device": SpokenForm((*_UP, "turn up"), _DOWN, _DEVICE),
    "decrease_home_device": SpokenForm((*_DOWN, "turn down"), _UP, _DEVICE),
    "start_home_device": SpokenForm(("start", "run", "vacuum", "mow", "clean"), (*_STOP, "dock"), _DEVICE),
    "stop_home_device": SpokenForm(("stop", "halt", "pause"), ("start", "run", "resume"), _DEVICE),
    "dock_home_device": SpokenForm(
        ("dock", "send home", "send back", "go home", "return"), ("start", "run"), ("device", "room")
    ),
    "run_home_scene": SpokenForm((*_ON, "run", "set", "play"), (*_OFF, *_STOP), ("scene",)),
    "broadcast_home_message": SpokenForm(
        ("tell", "say", "announce", "broadcast", "let know"), (), ("message", "room", "floor"), keeps=True
    ),
    "add_list_item": SpokenForm(
        ("add", "put", "write", "need", "buy"), ("remove", "delete"), _ITEMS, keeps=True
    ),
    "remove_list_item": SpokenForm(
        ("remove", "delete", "take off", "cross off"), ("add", "put", "buy"), _ITEMS, keeps=True
    ),
    "complete_list_item": SpokenForm(("complete", "check", "tick", "mark"), ("add",), _ITEMS, keeps=True),
    "set_reminder": SpokenForm(("remind", "reminder"), (), ("message",), keeps=True),
    "open_car_setting": SpokenForm(
        (*_OPEN, *_ON, "unlock"),
        (*_CLOSE, *_OFF, *_LOCK, *_STOP),
        _SETTING,
        states=("open", "on", "unlocked"),
    ),
    "close_car_setting": SpokenForm(
        (*_CLOSE, *_OFF, "lock"), (*_OPEN, *_ON, "unlock"), _SETTING, states=(*_CLOSED, "locked")
    ),
    "set_car_setting": SpokenForm(
        ("set", "make", "change", "turn", "put", "adjust", "switch", "move"), (), (*_SETTING, "value")
    ),
    "increase_car_setting": SpokenForm((*_UP, "turn up"), _DOWN, _SETTING),
    "decrease_car_setting": SpokenForm((*_DOWN, "turn down"), _UP, _SETTING),
    "set_car_alarm": SpokenForm(_ARM, (*_DISARM, *_OFF), ("state",), ("alarm",)),
    "make_call": SpokenForm(("call", "dial", "phone", "ring"), ("hang up",), ("contact",)),
}
"""Of every function whose effect may be of class mess or entry, by itself or by what it resolves to."""
