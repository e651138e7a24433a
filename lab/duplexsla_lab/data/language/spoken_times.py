"""Times and durations as people say them, with what a call or a clock makes of them."""

import random
from collections.abc import Iterator

from duplexsla_lab.data.language.exchange import Arguments
from duplexsla_lab.data.language.intent_pattern import Mention
from duplexsla_lab.data.language.spoken_numbers import spoken

_MINUTES = {"fifteen": 15, "thirty": 30, "forty five": 45, "ten": 10, "twenty": 20, "fifty": 50, "oh five": 5}
_PAST = {"quarter past": 15, "half past": 30, "ten past": 10, "twenty past": 20, "five past": 5}
_TO = {"quarter to": 45, "ten to": 50, "twenty to": 40, "five to": 55}
_DAYTIMES = ("am", "pm", "in the morning", "in the evening", "tonight", "o'clock")


def _clocks() -> Iterator[tuple[str, str]]:
    """(as said, as a clock shows it)."""
    for hour in range(1, 13):
        name = spoken(hour)
        yield name, f"{hour} 00"
        for words in _DAYTIMES:
            yield f"{name} {words}", f"{hour} 00"
        for words, minute in _MINUTES.items():
            yield f"{name} {words}", f"{hour} {minute:02}"
        for words, minute in _PAST.items():
            yield f"{words} {name}", f"{hour} {minute:02}"
        for words, minute in _TO.items():
            yield f"{words} {name}", f"{(hour - 2) % 12 + 1} {minute:02}"
    yield from (("noon", "12 00"), ("midnight", "0 00"))


CLOCKS = dict(_clocks())
_BARE = [said for said in CLOCKS if not said.endswith(("am", "pm", "morning", "evening", "tonight"))]
DAYS = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tomorrow",
    "tomorrow morning", "tomorrow evening", "the day after tomorrow",
)  # fmt: skip
REPEATS = (
    "every day at", "every weekday at", "every morning at", "every evening at", "every night at",
    "on weekdays at", "on weekends at", "every monday at", "every tuesday at", "every friday at",
    "every sunday at", "each day at",
)  # fmt: skip
VAGUE = (
    "tonight", "this evening", "tomorrow", "tomorrow morning", "in the morning", "this afternoon",
    "tomorrow night",
)  # fmt: skip
_SHORT = (1, 2, 3, 4, 5, 5, 5, 6, 7, 8, 10, 10, 10, 12, 15, 15, 20, 20, 25, 30, 30, 40, 45, 50, 90)
_EVEN = (("half an hour", 30, "minutes"), ("a quarter of an hour", 15, "minutes"), ("an hour", 1, "hours"))
_HALVES = (("hour", "hours", 30, "minutes"), ("minute", "minutes", 30, "seconds"))


def duration(rng: random.Random) -> Mention:
    """ "an hour and a half": value 1, unit hours, second_value 30, second_unit minutes."""
    kind = rng.random()
    if kind < 0.12:
        said, value, unit = rng.choice((*_EVEN, ("a minute", 1, "minutes"), ("one hour", 1, "hours")))
        return Mention(said, {"value": value, "unit": unit})
    if kind < 0.2:
        one, unit, rest, second = rng.choice(_HALVES)
        value = rng.choice((1, 2, 3, 4, 5))
        whole = f"an {one} and a half" if one == "hour" else f"a {one} and a half"
        said = whole if value == 1 else f"{spoken(value)} and a half {unit}"
        return Mention(said, {"value": value, "unit": unit, "second_value": rest, "second_unit": second})
    if kind < 0.38:
        return _of_two_units(rng)
    unit = rng.choice(("minutes", "minutes", "minutes", "seconds", "hours"))
    value = rng.choice(range(1, 13) if unit == "hours" else _SHORT)
    return Mention(_counted(value, unit), {"value": value, "unit": unit})


def _of_two_units(rng: random.Random) -> Mention:
    unit, second = rng.choice((("hours", "minutes"), ("minutes", "seconds"), ("minutes", "seconds")))
    value, rest = rng.randint(1, 3 if unit == "hours" else 12), rng.choice(range(5, 60, 5))
    arguments: Arguments = {"value": value, "unit": unit, "second_value": rest, "second_unit": second}
    joint = rng.choice((" and ", " and ", " "))
    return Mention(f"{_counted(value, unit)}{joint}{_counted(rest, second)}", arguments)


def _counted(value: int, unit: str) -> str:
    return f"{spoken(value)} {unit.removesuffix('s') if value == 1 else unit}"


def clock(rng: random.Random, *, bare: bool = False) -> str:
    """`bare`: without a part of the day, behind a day or a repetition."""
    return rng.choice(_BARE if bare else list(CLOCKS))


def when(rng: random.Random) -> Mention:
    """A later time, as it is said: "in five minutes", "at nine", "every weekday at seven"."""
    kind = rng.random()
    if kind < 0.4:
        said = f"in {duration(rng).said}"
    elif kind < 0.66:
        said = f"at {clock(rng)}"
    elif kind < 0.78:
        said = f"{rng.choice(DAYS)} at {clock(rng, bare=True)}"
    elif kind < 0.9:
        said = f"{rng.choice(REPEATS)} {clock(rng, bare=True)}"
    else:
        said = rng.choice(VAGUE)
    return Mention(said, {"when": said})


def at_a_time(rng: random.Random) -> Mention:
    """A time that an alarm clock rings at: "at half past six", "tomorrow at seven"."""
    kind = rng.random()
    day = f"{rng.choice(DAYS)} at" if kind < 0.25 else rng.choice(REPEATS) if kind < 0.45 else "at"
    said = f"{day} {clock(rng, bare=day != 'at')}"
    return Mention(said, {"when": said})


def due(said: str, rng: random.Random) -> str:
    """What a clock shows when it is time: of "every weekday at seven" 7 00; any time where none is said."""
    at = said.rpartition("at ")[2]
    return CLOCKS.get(at) or f"{rng.randint(0, 23)} {rng.choice(range(0, 60, 5)):02}"
