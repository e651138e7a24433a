"""The pieces of the model's text: what the grammars of both toolsets say and write."""

import random

from duplexsla.protocol.actions import call_text
from duplexsla.protocol.prompts import PROMPTS
from duplexsla.protocol.tokens import Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS
from duplexsla_lab.data.home.grammar import ITEMS
from duplexsla_lab.data.language.fillers import FILLERS
from duplexsla_lab.data.scenarios.families import EXCHANGES, scenario
from duplexsla_lab.data.scenarios.scenario import FAMILIES
from duplexsla_lab.data.scenarios.small_talk import TOPICS

VOCABULARY_SIZE = 1_792
EXCHANGES_DRAWN = 30_000  # of each toolset: every word of the grammars comes up
SCENARIOS_DRAWN = 300  # of each family and toolset


def grammar_vocabulary(*, size: int = VOCABULARY_SIZE) -> Vocabulary:
    """The same pieces every time."""
    rng = random.Random(0)
    texts = ["".join(f" {filler}" for filler in FILLERS), *PROMPTS.values(), *ITEMS]
    topics = [topic for group in TOPICS.values() for topic in group]
    texts += [text for topic in topics for text in (*topic.questions, *topic.sentences)]
    for toolset, exchange in EXCHANGES.items():
        for _ in range(EXCHANGES_DRAWN):
            drawn = exchange(rng)
            texts += [drawn.said, drawn.reply, drawn.outcome]
            texts += [call_text(drawn.function, drawn.arguments)] if drawn.function else []
        for family in FAMILIES:
            for _ in range(SCENARIOS_DRAWN):
                lines = scenario(rng, toolset=toolset, family=family).lines
                texts += [text for line in lines for text in (line.said, *line.answer)]
    functions = [function for toolset in TOOLSETS.values() for function in toolset.functions]
    arguments = dict.fromkeys(argument.name for function in functions for argument in function.arguments)
    return build_vocabulary(texts, size, [function.name for function in functions], list(arguments))
