"""Hesitant speech: fillers and pauses where a sentence cannot be over yet."""

import random

from duplexsla_lab.data.language.fillers import FILLERS
from duplexsla_lab.data.scenarios.scenario import ScenarioLine

PAUSE_S = (0.3, 1.6)
# After these words something must follow: a pause behind them is no end.
OPEN_ENDED = frozenset((
    "the", "a", "an", "to", "in", "of", "for", "from", "by", "on", "at", "my", "our", "your", "some", "and",
    "then", "is", "are", "it", "set", "put", "turn", "make", "with", "about", "level", "all", "next", "this",
    "that", "i", "want", "need", "would", "like", "can", "you", "could", "please", "let", "add", "find",
    "play", "show",
))  # fmt: skip


def with_hesitations(line: ScenarioLine, rng: random.Random, *, times: int) -> ScenarioLine:
    """The line with up to `times` pauses, behind an open-ended word or a filler; actions keep their words."""
    for _ in range(times):
        places = [i for i in range(1, len(line.words)) if line.words[i - 1] in OPEN_ENDED]
        places = [i for i in places if i not in {before for before, _ in line.pauses}]
        if (not places or rng.random() < 0.5) and len(line.words) > 1:
            at = rng.choice(places) if places else rng.randint(1, len(line.words) - 1)
            line, places = line.with_word(at, rng.choice(FILLERS)), [at + 1]
        if places:
            line = line.with_pause(rng.choice(places), rng.uniform(*PAUSE_S))
    return line
