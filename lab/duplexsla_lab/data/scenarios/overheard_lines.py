"""Conversations of version 2's home in which nothing is asked that can be done."""

import random

from duplexsla_lab.data.home2 import talk
from duplexsla_lab.data.scenarios.answered_lines import answered
from duplexsla_lab.data.scenarios.paper_families import FIRST_WORDS, WORDS_OVER_FEEDBACK
from duplexsla_lab.data.scenarios.paper_families import talk as assistant_talk
from duplexsla_lab.data.scenarios.scenario import ScenarioLine, Speaker

AMONG_PEOPLE = ("others", "others", "stories", "past", "negations")
MOST_S = 2.0  # of silence between two who talk to each other


def left_alone(said: str, phrasing: str, speaker: Speaker = "user") -> ScenarioLine:
    """Words behind which nothing is done and nothing is said."""
    return ScenarioLine(tuple(said.split()), (), phrasings=(phrasing,), speaker=speaker)


def nothing(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """One or two sentences of somebody who asks nothing."""
    return tuple(left_alone(*talk.unaddressed(rng)) for _ in range(rng.choice((1, 1, 2))))


def cannot(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    drawn = talk.cannot(rng)
    return (answered(drawn.said, drawn),)


def people(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """Two people who talk to each other."""
    lines = []
    for number in range(rng.randint(2, 5)):
        said, phrasing = talk.unaddressed(
            rng, rng.choice(("others", "others", "stories", "past", "negations"))
        )
        lines.append(left_alone(said, phrasing, "other" if number % 2 else "user").after(rng, MOST_S))
    return tuple(lines)


def television(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """A television that is on."""
    return tuple(
        left_alone(*talk.television(rng), "television").after(rng, MOST_S) for _ in range(rng.randint(1, 3))
    )


def echo(rng: random.Random, toolset: str) -> tuple[ScenarioLine, ...]:
    """The assistant hears itself: it goes on, and writes nothing of it down."""
    first = assistant_talk(rng, toolset, words=30)
    spoken = " ".join(first.answer).split()
    at = rng.randint(FIRST_WORDS, first.answer_words - WORDS_OVER_FEEDBACK)
    heard = tuple(spoken[at - FIRST_WORDS : at + rng.randint(1, 4)])
    return first, ScenarioLine(heard, (), over_words=at, speaker="echo").after(rng, 0.3)
