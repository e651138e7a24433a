"""What the cascade may learn from: texts of the training split alone, drawn from the grammars.

No held-out phrasing and no held-out combination of arguments is among them.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from duplexsla_lab.data.language.exchange import Exchange, Value
from duplexsla_lab.data.scenarios.families import scenario
from duplexsla_lab.data.scenarios.paper_families import EXCHANGES, JOINTS
from duplexsla_lab.data.scenarios.scenario import ScenarioLine
from duplexsla_lab.data.splits import split_of

CONVERSATIONS = ("multi", "pause", "interrupt", "dialogue", "backchannel")
SMALL_TALK_SHARE = 0.05
MAX_JOINED = 3  # requests in one utterance, at most


@dataclass(frozen=True, slots=True)
class Example:
    """What somebody says, without the politeness around it, and what it means; `reply` answers small talk."""

    text: str
    function: str | None = None
    arguments: Mapping[str, Value] = field(default_factory=dict)
    reply: str = ""


@dataclass(frozen=True, slots=True)
class TrainingTexts:
    """sentences: as people say them, for the recogniser; examples: for the planner."""

    sentences: tuple[str, ...]
    examples: tuple[Example, ...]


def training_texts(toolset: str, *, draws: int, seed: int = 0) -> TrainingTexts:
    """From `draws` requests, and a fifth as many conversations."""
    rng = random.Random(seed)
    drawn = [EXCHANGES[toolset](rng, small_talk=SMALL_TALK_SHARE) for _ in range(draws)]
    kept = [each for each in drawn if _in_training(each)]
    lines = [line for number in range(draws // 5) for line in _lines(rng, toolset, number)]
    talk = {line.said: line for line in lines if not line.calls}
    return TrainingTexts(
        (
            *(each.said for each in kept),
            *_joined_requests(rng, kept, draws // 10),
            *(line.said for line in lines),
        ),
        (*map(_example, kept), *(Example(said, reply=_answer(line)) for said, line in talk.items())),
    )


def _lines(rng: random.Random, toolset: str, number: int) -> tuple[ScenarioLine, ...]:
    """What a user says in a conversation; nothing of one that is not of the training split."""
    made = scenario(rng, toolset=toolset, family=CONVERSATIONS[number % len(CONVERSATIONS)])
    return made.lines if made.split == "train" else ()


def _answer(line: ScenarioLine) -> str:
    """The first sentence; "" for feedback, and for who asks for silence."""
    return line.answer[0] if line.answer else ""


def _in_training(each: Exchange) -> bool:
    return split_of([each.phrasing], [(each.function, each.arguments)]) == "train"


def _example(each: Exchange) -> Example:
    reply = "" if each.function else each.reply
    return Example(each.bare_text or each.said, each.function, each.arguments, reply)


def _joined_requests(rng: random.Random, kept: list[Exchange], count: int) -> list[str]:
    """Several requests in one utterance."""
    rows = []
    for _ in range(count):
        first, *rest = rng.sample(kept, rng.randint(2, MAX_JOINED))
        rows.append(
            " ".join([first.bare_text or first.said, *(f"{rng.choice(JOINTS)} {r.bare_text}" for r in rest)])
        )
    return rows
