"""What people ask of a car, the call it means, and what the assistant answers to each outcome.

The fifty functions of paper appendix C. `exchange` draws one of any split, as the home's does.
"""

import random
from collections.abc import Callable, Mapping
from functools import partial

from duplexsla.tools.car import CAR
from duplexsla_lab.data.car import cabin
from duplexsla_lab.data.car.media import MEDIA
from duplexsla_lab.data.car.names import CITIES, GENRES, PLACES
from duplexsla_lab.data.car.navigation import NAVIGATION
from duplexsla_lab.data.car.remarks import SMALL_TALK
from duplexsla_lab.data.car.search import NUMBERS, SEARCH, dialed
from duplexsla_lab.data.car.system import SYSTEM
from duplexsla_lab.data.language.carrier_phrases import with_carrier
from duplexsla_lab.data.language.exchange import Exchange, ExchangeDraft, Value, pick
from duplexsla_lab.data.language.intent_pattern import IntentPattern

PATTERNS = SYSTEM + NAVIGATION + MEDIA + SEARCH
CABIN_SHARE = 0.35  # of nine functions with many combinations
DIALED_SHARE = 0.01
DIAL = (
    "dial {it}|call the number {it}|call {it}|dial the number {it}|phone {it}|make a call to {it}|"
    "i want to call {it}|i need to call the number {it}|i would like to call {it}|ring the number {it}"
)

AGREED_WORDS = 7
ACKNOWLEDGE = ("", "", "", "okay", "sure", "all right")
# Replies that another word of agreement does not fit in front of.
_COMPLETE = ("it ", "okay", "done", "here ", "there ", "one moment", "how ", "you are ")
FAILURES = {
    " [ failed]": (
        "sorry {thing} can not do that",
        "sorry that did not work with {thing}",
        "i am sorry {thing} has a problem",
    ),
    " [ silent]": (
        "sorry {thing} did not answer",
        "i am sorry there is no answer from {thing}",
        "sorry i can not hear from {thing}",
    ),
    " [ late]": (
        "sorry {thing} took too long",
        "i am sorry {thing} was too slow",
        "sorry the answer of {thing} came too late",
    ),
    " [ refused]": (
        "sorry i can not do that with {thing}",
        "sorry {thing} does not let me do that",
        "i am sorry that is not possible with {thing}",
    ),
}
_THINGS = {
    **dict.fromkeys(("navigate", *(each.function for each in NAVIGATION)), "the navigation"),
    **dict.fromkeys((each.function for each in MEDIA), "the player"),
    **dict.fromkeys((each.function for each in SEARCH), "the search"),
    "make_call": "the phone",
    "set_car_alarm": "the alarm",
}


def _dial(rng: random.Random) -> ExchangeDraft:
    number = rng.choice(NUMBERS)
    said, phrasing = pick(rng, DIAL, it=dialed(number))
    return ExchangeDraft(said, phrasing, "make_call", {"contact": number}, "", f"calling {dialed(number)}")


def _families(patterns: tuple[IntentPattern, ...]) -> list[tuple[IntentPattern, ...]]:
    """Patterns by function: functions are drawn evenly, whatever the number of their patterns."""
    return [
        tuple(p for p in patterns if p.function == name)
        for name in dict.fromkeys(p.function for p in patterns)
    ]


_FAMILIES = _families(PATTERNS)


def _generator(rng: random.Random) -> Callable[[random.Random], ExchangeDraft]:
    kind = rng.random()
    if kind < CABIN_SHARE:
        return rng.choices([m for _, m in cabin.GENERATORS], [weight for weight, _ in cabin.GENERATORS])[0]
    if kind < CABIN_SHARE + DIALED_SHARE:
        return _dial
    family = rng.choice(_FAMILIES)
    return partial(rng.choices(family, [len(p.phrasings) for p in family])[0].draw, toolset=CAR)


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


def _agreement(rng: random.Random, reply: str) -> str:
    """A word of agreement in front of a short reply, or none."""
    fits = len(reply.split()) <= AGREED_WORDS and not reply.startswith(_COMPLETE)
    return rng.choice(ACKNOWLEDGE) if fits else ""


def exchange(rng: random.Random, *, small_talk: float = 0.1, failure: float = 0.15) -> Exchange:
    """One random exchange, of any split."""
    if rng.random() < small_talk:
        return _small_talk(rng)
    text, template, function, arguments, value, reply = _generator(rng)(rng)
    said, phrasing = with_carrier(rng, text, template)
    outcome = f" [ done {value}]" if value else " [ done]"
    if rng.random() < failure:
        outcome = rng.choices(list(FAILURES), [3, 6, 2, 1])[0]
        reply = rng.choice(FAILURES[outcome]).format(thing=_thing(function, arguments))
    elif word := _agreement(rng, reply):
        reply = f"{word} {reply}"
    return Exchange(said, function, arguments, outcome, reply, phrasing, text)
