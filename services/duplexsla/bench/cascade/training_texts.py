"""What the cascade may learn from: texts of the training split alone, drawn from the grammars.

No held-out phrasing and no held-out combination of arguments is among them.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from duplexsla.data.exchange import Exchange, Value
from duplexsla.data.feedback import BACKCHANNELS, BE_QUIET, CUT_INS, STATEMENTS
from duplexsla.data.scenarios import EXCHANGES, JOINTS, scenario
from duplexsla.data.small_talk import DONE, MORE, TOPICS
from duplexsla.data.splits import held_phrasing, split_of

CONVERSATIONS = ("multi", "pause", "interrupt", "dialogue", "backchannel")
SMALL_TALK_SHARE = 0.05
IN_A_ROW = 3  # requests in one breath, at most


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
    """From `draws` requests, and a fifth as many lines of conversations."""
    rng = random.Random(seed)
    drawn = [EXCHANGES[toolset](rng, small_talk=SMALL_TALK_SHARE) for _ in range(draws)]
    kept = [each for each in drawn if _trained(each)]
    sentences = [each.said for each in kept] + _rows(rng, kept, draws // 10)
    for number in range(draws // 5):
        made = scenario(rng, toolset=toolset, family=CONVERSATIONS[number % len(CONVERSATIONS)])
        if made.split == "train":
            sentences += [line.said for line in made.lines]
    return TrainingTexts(tuple(sentences), (*map(_example, kept), *_talk(toolset)))


def _trained(each: Exchange) -> bool:
    return split_of([each.phrasing], [(each.function, each.arguments)]) == "train"


def _example(each: Exchange) -> Example:
    reply = "" if each.function else each.reply
    return Example(each.core or each.said, each.function, each.arguments, reply)


def _rows(rng: random.Random, kept: list[Exchange], count: int) -> list[str]:
    """Several requests in one breath."""
    rows = []
    for _ in range(count):
        first, *rest = rng.sample(kept, rng.randint(2, IN_A_ROW))
        rows.append(" ".join([first.core or first.said, *(f"{rng.choice(JOINTS)} {r.core}" for r in rest)]))
    return rows


def _talk(toolset: str) -> list[Example]:
    """What calls for no function, with its answer; "" for feedback and for who asks for silence."""
    talk = [(ask, topic.sentences[0]) for topic in TOPICS[toolset] for ask in topic.questions]
    talk += [(ask, DONE[0]) for ask in MORE] + list(STATEMENTS)
    talk += [(said, "") for said in (*BACKCHANNELS, *CUT_INS, *BE_QUIET)]
    return [Example(said, reply=reply) for said, reply in talk if not held_phrasing(said)]
