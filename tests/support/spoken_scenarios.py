"""Scenarios with made-up sound: every word takes its time, every sentence has codes of its own."""

import random
from functools import cache

import numpy as np

from duplexsla.clock import CHUNK_S, SAMPLE_RATE
from duplexsla.protocol.tokens import Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS
from duplexsla_lab.data.scenarios.families import GENERATORS, scenario
from duplexsla_lab.data.scenarios.scenario import Scenario, ScenarioLine
from duplexsla_lab.data.timeline.timeline import AnnotatedSession, SpokenLine, Timeline, TimingConflict
from duplexsla_lab.data.timeline.training_session import Reply

SILENCE_CODE = 7


def word_s(word: str) -> float:
    return 0.11 + 0.05 * len(word)


def spoken(line: ScenarioLine) -> SpokenLine:
    pauses = dict(line.pauses)
    words, now = [], 0.03
    for i, word in enumerate(line.words):
        now += pauses.get(i, 0.0)
        words.append((now, now + word_s(word), word))
        now += word_s(word)
    samples = np.full(int(now * SAMPLE_RATE), 0.1, np.float32)
    return SpokenLine(line, samples, words, [(0.0, "t")])


def reply(text: str) -> Reply:
    words, now = [], 0.02
    for word in text.split():
        words.append((now, now + word_s(word), word))
        now += word_s(word)
    num_chunks = int(now / CHUNK_S) + 1
    codes = np.random.default_rng(len(text)).integers(10, 6_561, (num_chunks, 4))
    return Reply(words, codes, np.full(int(now * SAMPLE_RATE), 3_000, np.int16))


@cache
def vocabulary() -> Vocabulary:
    rng, texts = random.Random(0), []
    for toolset in TOOLSETS:
        for family in GENERATORS:
            for _ in range(40):
                for line in scenario(rng, toolset=toolset, family=family).lines:
                    texts += [line.said, *line.answer]
    functions = [name for toolset in TOOLSETS.values() for name in toolset.function_names]
    arguments = [name for toolset in TOOLSETS.values() for name in toolset.argument_names]
    return build_vocabulary(texts, 1_200, functions, arguments)


def annotated(
    drawn: Scenario, *, seed: int = 0, transcribe_assistant: bool = True, silence_chunks: int = 2
) -> AnnotatedSession:
    """The scenario on the clock. Raises TimingConflict."""
    timeline = Timeline(
        [spoken(line) for line in drawn.lines],
        {text: reply(text) for line in drawn.lines for text in line.answer},
        vocabulary(),
        rng=random.Random(seed),
        transcribe_assistant=transcribe_assistant,
    )
    return timeline.run(silence_code=SILENCE_CODE, silence_chunks=silence_chunks)


@cache
def drawn(toolset: str, family: str, seed: int) -> tuple[Scenario, AnnotatedSession]:
    """A scenario of the family, and the same on the clock."""
    rng = random.Random(f"{toolset}-{family}-{seed}")
    while True:
        case = scenario(rng, toolset=toolset, family=family)
        try:
            return case, annotated(case, seed=seed)
        except TimingConflict:
            continue
