"""Times and durations as people say them are read by the executor as they are meant."""

import random

from duplexsla.executor.planning.said_time import NotUnderstood, when_of
from duplexsla_lab.data.language.spoken_numbers import spoken
from duplexsla_lab.data.language.spoken_times import at_a_time, due, duration, when

NOW_MS = 1_796_000_000_000
ZONE = "Europe/Berlin"


def test_every_time_that_is_taught_is_understood() -> None:
    rng = random.Random(0)
    for _ in range(1_500):
        for mention, waking in ((when(rng), False), (at_a_time(rng), True)):
            read = when_of(str(mention.arguments["when"]), NOW_MS, ZONE, waking=waking)
            assert not isinstance(read, NotUnderstood), mention.said


def test_a_duration_says_its_numbers() -> None:
    rng = random.Random(1)
    for _ in range(500):
        mention = duration(rng)
        assert mention.arguments["unit"] in ("seconds", "minutes", "hours")
        value = int(mention.arguments["value"])
        assert spoken(value) in mention.said or value in (1, 15, 30)


def test_a_clock_shows_what_was_said() -> None:
    rng = random.Random(2)
    assert due("every weekday at half past seven", rng) == "7 30" and due("at noon", rng) == "12 00"
    assert due("at quarter to one", rng) == "12 45"
