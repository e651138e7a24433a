"""The pieces of the model's text: what the grammars of both toolsets say and write.

    python -m duplexsla_lab.training.duplex.vocabulary --home 2 --out build/nano/vocabulary.json

A run takes the vocabulary that its folder has, and makes one where it has none.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

from duplexsla.protocol.actions import call_text
from duplexsla.protocol.channel_lines import LINES
from duplexsla.protocol.prompts import PROMPTS
from duplexsla.protocol.tokens import Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS, toolset
from duplexsla_lab.data.home.grammar import ITEMS
from duplexsla_lab.data.home2 import information, lists, names
from duplexsla_lab.data.language.fillers import FILLERS
from duplexsla_lab.data.scenarios.families import scenario, taught
from duplexsla_lab.data.scenarios.paper_families import EXCHANGES
from duplexsla_lab.data.scenarios.scenario import FAMILIES, HOME_2_FAMILIES
from duplexsla_lab.data.scenarios.small_talk import TOPICS

VOCABULARY_SIZE = 1_792
HOME_2_SIZE = 4_096
EXCHANGES_DRAWN = 30_000  # of each toolset: every word of the grammars comes up
SCENARIOS_DRAWN = 300  # of each family and toolset
NAME_WEIGHT = 40  # times that each name is counted, so that its words are one piece each


def grammar_vocabulary(*, size: int | None = None, home: int = 1) -> Vocabulary:
    """The same pieces every time. `home`: the version of its toolset that is taught."""
    rng = random.Random(0)
    texts = ["".join(f" {filler}" for filler in FILLERS), *PROMPTS.values(), *ITEMS]
    topics = [topic for name in TOOLSETS for topic in TOPICS[name]]
    texts += [text for topic in topics for text in (*topic.questions, *topic.sentences)]
    versions = {name: home if name == "home" else 1 for name in ("home", "car")}
    for name, version in versions.items():
        texts += _drawn(rng, taught(name, version), version)
    if home > 1:
        texts += [name for kind in names.KINDS for name in kind.all for _ in range(NAME_WEIGHT)]
        texts += [*information.CITIES, *lists.ITEMS, *(line.head for line in LINES.values())]
    toolsets = [toolset(name, version) for name, version in versions.items()]
    ordered = toolsets if home > 1 else list(TOOLSETS.values())
    functions = [function for each in ordered for function in each.functions]
    arguments = dict.fromkeys(argument.name for function in functions for argument in function.arguments)
    return build_vocabulary(
        texts,
        size or (VOCABULARY_SIZE if home == 1 else HOME_2_SIZE),
        [function.name for function in functions],
        list(arguments),
    )


def _drawn(rng: random.Random, name: str, version: int) -> Iterator[str]:
    """What is said and written in conversations of a toolset."""
    for _ in range(EXCHANGES_DRAWN):
        drawn = EXCHANGES[name](rng)
        yield from (drawn.said, drawn.reply, drawn.outcome)
        if drawn.function:
            yield call_text(drawn.function, drawn.arguments)
    for family in FAMILIES if version == 1 else (*FAMILIES, *HOME_2_FAMILIES):
        for _ in range(SCENARIOS_DRAWN):
            for line in scenario(rng, toolset=name, family=family).lines:
                yield from (line.said, *line.answer, line.event)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=int, choices=(1, 2), default=2, help="version of the home's toolset")
    parser.add_argument(
        "--size", type=int, help=f"pieces (default: {VOCABULARY_SIZE}, of version 2 {HOME_2_SIZE})"
    )
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    made = grammar_vocabulary(size=args.size, home=args.home)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    made.save(args.out)
    print(f"{args.out}: {len(made)} pieces")


if __name__ == "__main__":
    main()
