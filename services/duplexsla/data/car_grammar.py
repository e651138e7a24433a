"""What people ask of a car, the call it means, and what the assistant answers to each outcome.

The fifty functions of paper appendix C. `exchange` draws one of any split, as the home's does.
"""

import random
from collections.abc import Callable, Mapping

from duplexsla.data import car_cabin
from duplexsla.data.car_media import MEDIA
from duplexsla.data.car_navigation import NAVIGATION
from duplexsla.data.car_pattern import Pattern
from duplexsla.data.car_search import NUMBERS, SEARCH, dialed
from duplexsla.data.car_system import SYSTEM
from duplexsla.data.car_words import CITIES, GENRES, PLACES
from duplexsla.data.exchange import Draft, Exchange, Value, pick
from duplexsla.data.frames import framed

PATTERNS = SYSTEM + NAVIGATION + MEDIA + SEARCH
CABIN_SHARE = 0.35  # of nine functions with many combinations
DIALED_SHARE = 0.01

SMALL_TALK = (
    ("hello", "hello"),
    ("good morning", "good morning"),
    ("good evening", "good evening"),
    ("how are you", "i am fine thank you"),
    ("thank you", "you are welcome"),
    ("thanks a lot", "you are welcome"),
    ("never mind", "okay"),
    ("forget it", "okay"),
    ("who are you", "i am your car assistant"),
    ("what can you do", "i can help you with the car"),
    ("can you hear me", "yes i can hear you"),
    ("what a nice car", "thank you"),
    ("i am tired of driving", "you should take a break"),
    ("it was a long drive", "you should take a rest"),
    ("we are almost there", "yes it is not far"),
    ("this traffic is terrible", "i am sorry to hear that"),
    ("i love {place}", "it is a nice place"),
    ("we are going to {place} this summer", "that sounds good"),
    ("i like {music}", "that is nice"),
    ("my old car had no radio", "i am glad this one has"),
)
ACKNOWLEDGE = ("", "", "", "okay", "sure", "all right")
FAILURES = {
    " [ failed]": "sorry {thing} can not do that",
    " [ silent]": "sorry {thing} did not answer",
    " [ late]": "sorry that took too long",
    " [ refused]": "sorry i can not do that",
}
_THINGS = {
    **dict.fromkeys(("navigate", *(each.function for each in NAVIGATION)), "the navigation"),
    **dict.fromkeys((each.function for each in MEDIA), "the player"),
    **dict.fromkeys((each.function for each in SEARCH), "the search"),
    "make_call": "the phone",
    "set_car_alarm": "the alarm",
}


def _dial(rng: random.Random) -> Draft:
    number = rng.choice(NUMBERS)
    said, phrasing = pick(rng, "dial {it}|call the number {it}|call {it}", it=dialed(number))
    return Draft(
        said, phrasing, "make_call", {"contact": number}, "", f"calling {dialed(number)}"
    )


def _families(patterns: tuple[Pattern, ...]) -> list[tuple[Pattern, ...]]:
    """Patterns by function: functions are drawn evenly, whatever the number of their patterns."""
    return [
        tuple(p for p in patterns if p.function == name)
        for name in dict.fromkeys(p.function for p in patterns)
    ]


_FAMILIES = _families(PATTERNS)


def _maker(rng: random.Random) -> Callable[[random.Random], Draft]:
    kind = rng.random()
    if kind < CABIN_SHARE:
        return rng.choices([m for _, m in car_cabin.MAKERS], [weight for weight, _ in car_cabin.MAKERS])[0]
    if kind < CABIN_SHARE + DIALED_SHARE:
        return _dial
    family = rng.choice(_FAMILIES)
    return rng.choices(family, [len(p.phrasings) for p in family])[0].draw


def _thing(function: str, arguments: Mapping[str, Value]) -> str:
    """What a failure reply names."""
    if function in _THINGS:
        return _THINGS[function]
    for key in ("setting", "app", "connection"):
        if key in arguments:
            return f"the {arguments[key]}"
    return "the car"


def _small_talk(rng: random.Random) -> Exchange:
    said, reply = rng.choice(SMALL_TALK)
    place = rng.choice(CITIES if "summer" in said else PLACES[2:])
    return Exchange(said.format(place=place, music=rng.choice(GENRES)), None, {}, "", reply, said)


def exchange(rng: random.Random, *, small_talk: float = 0.1, failure: float = 0.15) -> Exchange:
    """One random exchange, of any split."""
    if rng.random() < small_talk:
        return _small_talk(rng)
    core, template, function, arguments, value, reply = _maker(rng)(rng)
    said, phrasing = framed(rng, core, template)
    outcome = f" [ done {value}]" if value else " [ done]"
    if rng.random() < failure:
        outcome = rng.choices(list(FAILURES), [3, 6, 2, 1])[0]
        reply = FAILURES[outcome].format(thing=_thing(function, arguments))
    elif (word := rng.choice(ACKNOWLEDGE)) and not reply.startswith(("it ", "okay", "here ", "there ")):
        reply = f"{word} {reply}"
    return Exchange(said, function, arguments, outcome, reply, phrasing, core)
