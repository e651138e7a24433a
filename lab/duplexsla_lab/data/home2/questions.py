"""Questions about a device, a door or the air: they change nothing, whatever they name."""

import random
from collections.abc import Mapping

from duplexsla_lab.data.home2 import mentions, names
from duplexsla_lab.data.home2.mentions import CLEANERS, CLIMATE, COVERS, FANS, LIGHTS, PLAYERS, SWITCHES, one
from duplexsla_lab.data.language.exchange import Arguments
from duplexsla_lab.data.language.intent_pattern import (
    DrawMention,
    IntentPattern,
    Mention,
    ResultText,
    joined,
    number_of,
    one_of,
)
from duplexsla_lab.data.language.spoken_numbers import spoken

POWER = joined("""
{x_is} {x} (on/off/still on/already on/on or off/running/still running/turned on/switched off/on right now)
did (i/we/somebody/anybody) (turn off/turn on/switch off) {x}|(did i leave/have i left/did we leave) {x} on
(<check>) (if/whether) {x} {x_is} (on/off)|(<know>) if {x} {x_is} (on/off)
(<check>) (if/whether) {x} {x_is} (on/off/still on)|(<know>) (if/whether) {x} {x_is} (on/off)
do you know if {x} {x_is} on|was {x} (on/off)|are you sure {x} {x_is} off|who turned on {x}
what is the state of {x}|i think i left {x} on did i|has anybody turned off {x}
""").replace("was {x} (on/off)|", "")
OPEN = joined("""
{x_is} {x} (open/closed/shut/still open/already closed/open or closed/open right now)
did (i/we/somebody) (close/open/shut) {x}|(did i leave/have i left/did we leave) {x} open
(<check>) (if/whether) {x} {x_is} (open/closed)|(<know>) if {x} {x_is} (open/closed)
(<know>) (if/whether) {x} {x_is} (open/closed)|do you know if {x} {x_is} closed|what is the state of {x}
are you sure {x} {x_is} closed|how far {x_is} {x} open|{x_is} {x} all the way (open/closed)
did anybody (open/close) {x}
""")
LOCKED = joined("""
{x_is} {x} (locked/unlocked/still locked/already locked/locked or not/really locked/locked right now)
did (i/we/somebody/anybody) (lock/unlock) {x}|(did i forget/did we forget) to lock {x}
(<check>) (if/whether) {x} {x_is} (locked/unlocked)|(<know>) if {x} {x_is} locked
(<know>) (if/whether) {x} {x_is} locked|do you know if {x} {x_is} locked|are you sure {x} {x_is} locked
have i locked {x}|has {x} been locked|(<check>) (if/whether) {x} {x_is} locked|who unlocked {x}
i can not remember if i locked {x}|what is the state of the lock of {x}|how is {x}
""").replace("|how is {x}", "")
DOOR_OPEN = joined("""
{x_is} {x} (open/closed/still open/shut)|did (i/we/somebody) (close/open) {x}|did i leave {x} open
check if {x} {x_is} (open/closed)
""")
WHICH = joined("""
{a} {g} are (on/still on) {p}|(tell me/check) {a} {g} are on {p}
""")
ANY = joined("""
are any {g} (on/still on) {p}|did i leave any {g} on {p}|is any of the {g} on {p}|check if any {g} are on {p}
""")
ALL_OFF = joined("""
are all (the/) {g} off {p}|is every one of the {g} off {p}|are the {g} all off {p}
check that all {g} are off {p}
""")
HOW_MANY = "how many {g} are (on/off/still on) {p}|count the {g} that are on {p}"
BRIGHT = joined("""
how bright {x_is} {x}|what is the brightness of {x}|what (brightness/level) {x_is} {x} at
how much is {x} dimmed|check the brightness of {x}
""")
COLOR = joined("""
what color {x_is} {x}|which color does {x} have|what is the color of {x}|what color did i set {x} to
tell me the color of {x}
""")
VOLUME = joined("""
how loud {x_is} {x}|what is the volume (of/on) {x}|what volume {x_is} {x} at|how loud did i set {x}
check the volume of {x}
""")
BATTERY = joined("""
how (full/empty) is the battery of {x}|how much battery (does {x} have/is left in {x})
does {x} (need charging/have enough battery)|what is the battery level of {x}
is {x} (charged/fully charged/charging)|check the battery of {x}|the battery of {x}|battery of {x}
when does {x} need new batteries
""")
CLEANER = joined("""
what is {x} doing|where is {x}|is {x} (working/cleaning/done/stuck/docked/home)|has {x} finished
how is {x} getting on|is {x} still running
""")
TEMPERATURE = joined("""
how (warm/cold/hot) is it {p}|what is the temperature {p}|what temperature is it {p}
how many degrees (is it/are there/do we have) {p}|is it (warm/cold/warm enough) {p}
(tell me/check/give me) the temperature {p}|temperature {p}|how is the temperature {p}
how warm did it get {p}|what is the temperature like {p}
""")
HUMIDITY = joined("""
how humid is it {p}|what is the humidity {p}|(tell me/check/give me) the humidity {p}
is the air (dry/humid/too dry) {p}|humidity {p}|how dry is the air {p}
""")
SENSOR = joined("""
what is the temperature of {s}|how (warm/cold) is {s}|what temperature does {s} have|how cold is it in {s}
check the temperature of {s}|is {s} cold enough
""")
TARGET = joined("""
what (temperature/value) is {x} set to|what is {x} set to|how high is {x}|how warm is {x} set
what does {x} say|where is {x} at
""")
MODE = joined("""
what mode is {x} in|which mode is {x} in|what mode does {x} run in|is {x} in (eco/sleep/auto/dry) mode
check the mode of {x}
""")
FAN = joined("""
how fast is {x}|what speed is {x} (on/at)|which level is {x} on|what is the speed of {x}
how fast does {x} run
""")
PRESENCE = joined("""
is (anybody/anyone/somebody/someone) (home/at home/there/in the house)|is {n} (home/at home/here/back)
who is (home/at home/here)|is the house empty|did {n} come home
""")
IN_ROOM = joined("""
is (anybody/anyone/somebody) in {r}|who is in {r}|is {r} (empty/occupied)|did anyone move in {r}
is there anybody in {r}
""")
POWER_USE = joined("""
how much (power/energy/electricity) (does {x} use/is {x} using)|what does {x} (use/draw)
how many watts does {x} use|is {x} using (power/a lot of power)|what is the power usage of {x}
check the power usage of {x}
""")


def _of(property: str) -> dict[str, str]:
    return {"property": property}


def _switched_group(rng: random.Random) -> Mention:
    name = rng.choice(("lights", "lights", "lamps", "fans", "radiators", "speakers", "heaters", "plugs"))
    return Mention(name, {"device": name})


def _sensor(rng: random.Random) -> Mention:
    name = names.SENSORS.draw(rng)
    return Mention(f"the {name}", {"device": name})


def _whose(rng: random.Random) -> Mention:
    name = rng.choice([each for each in names.PEOPLE.train if " " not in each])
    return Mention(name, {"device": name})


def _doors(rng: random.Random) -> Mention:
    return mentions.device(mentions.DOORS, several=0.0)(rng)


def _level_told(rng: random.Random, arguments: Arguments) -> ResultText:
    level = rng.randint(1, 5)
    return f"{level} level", f"level {spoken(level)}"


def _query(
    phrasings: str, replies: str, property: str, values: Mapping[str, DrawMention], *shapes: str, **fixed: str
) -> IntentPattern:
    """Answered by one of the shapes."""
    return IntentPattern(
        "query_home_device", phrasings, replies, values, {"property": property, **fixed}, one_of(*shapes)
    )


_IS = "{x_told} {x_is} {result}|{x_told} {x_is} {result} right now|{result}"
_ON_OFF = ("on", "off")
_OPEN_CLOSED = ("open", "closed")

PATTERNS = (
    *(
        _query(POWER, _IS, "power", {"x": one(group)}, *_ON_OFF)
        for group in (LIGHTS, SWITCHES, FANS, PLAYERS, CLIMATE)
    ),
    _query(OPEN, _IS, "state", {"x": one(COVERS)}, *_OPEN_CLOSED),
    _query(DOOR_OPEN, _IS, "state", {"x": _doors}, *_OPEN_CLOSED),
    _query(LOCKED, _IS, "lock", {"x": _doors}, "locked", "unlocked"),
    _query(
        WHICH,
        "{result}|{result} is on",
        "power",
        {
            "a": mentions.words(lambda rng: "which", "scope"),
            "g": _switched_group,
            "p": mentions.question_place,
        },
        "the desk lamp",
        "the hall light",
        "none",
    ),
    _query(
        ANY,
        "{result}|the answer is {result}",
        "power",
        {"g": _switched_group, "p": mentions.question_place},
        "yes",
        "no",
        scope="any",
    ),
    _query(
        ALL_OFF,
        "{result}",
        "power",
        {"g": _switched_group, "p": mentions.question_place},
        "yes all off",
        "no not all",
        scope="all",
    ),
    _query(
        HOW_MANY,
        "{result}|{result} of them",
        "power",
        {"g": _switched_group, "p": mentions.question_place},
        "two",
        "three",
        "none",
        "five",
        scope="how many",
    ),
    IntentPattern(
        "query_home_device",
        BRIGHT,
        "{x_told} {x_is} at {result}|{result}",
        {"x": one(LIGHTS)},
        _of("brightness"),
        number_of(range(5, 101, 5), "percent"),
    ),
    _query(COLOR, _IS, "color", {"x": one(LIGHTS)}, "red", "warm white", "blue", "green"),
    _query(
        MODE, "{x_told} is in {result} mode|{result} mode", "mode", {"x": one(CLIMATE)}, "eco", "auto", "heat"
    ),
    _query(
        CLEANER,
        "{x_told} is {result}|{result}",
        "state",
        {"x": mentions.one(CLEANERS)},
        "cleaning",
        "docked",
        "stuck",
        "paused",
    ),
    IntentPattern(
        "query_home_device",
        VOLUME,
        "{x_told} {x_is} at {result}|{result}",
        {"x": one(PLAYERS)},
        _of("volume"),
        number_of(range(5, 100, 5), "percent"),
    ),
    IntentPattern(
        "query_home_device",
        BATTERY,
        "{x_told} has {result}|{result}|{result} left",
        {"x": mentions.one(CLEANERS)},
        _of("battery"),
        number_of(range(5, 100, 5), "percent"),
    ),
    IntentPattern(
        "query_home_device",
        TEMPERATURE,
        "it is {result}|{result}|it is {result} {p}",
        {"p": mentions.question_place},
        {"device": "thermostat", "property": "temperature"},
        number_of(range(15, 29), "degrees"),
    ),
    IntentPattern(
        "query_home_device",
        HUMIDITY,
        "it is {result}|{result}",
        {"p": mentions.question_place},
        {"device": "humidity sensor", "property": "humidity"},
        number_of(range(25, 75, 5), "percent"),
    ),
    IntentPattern(
        "query_home_device",
        SENSOR,
        "{s} is at {result}|{result}",
        {"s": _sensor},
        _of("temperature"),
        number_of(range(2, 30), "degrees"),
    ),
    IntentPattern(
        "query_home_device",
        TARGET,
        "{x_told} is at {result}|{result}",
        {"x": one(CLIMATE)},
        _of("temperature"),
        number_of(range(15, 29), "degrees"),
    ),
    IntentPattern(
        "query_home_device",
        FAN,
        "{x_told} is on {result}|{result}",
        {"x": one(FANS)},
        _of("speed"),
        _level_told,
    ),
    IntentPattern(
        "query_home_device",
        PRESENCE,
        "{result}",
        {"n": _whose},
        {"property": "presence", "device": "everybody"},
        one_of("yes", "no", "nobody is home", "anna and ben"),
    ),
    IntentPattern(
        "query_home_device",
        IN_ROOM,
        "{result}|{result} in {r}",
        {"r": mentions.room},
        {"property": "presence", "device": "motion sensor"},
        one_of("nobody", "somebody", "no movement"),
    ),
    IntentPattern(
        "query_home_device",
        POWER_USE,
        "{x_told} uses {result}|{result}",
        {"x": one(SWITCHES)},
        _of("power usage"),
        number_of((40, 60, 90, 100, 300, 800, 1200), "watts"),
    ),
)
