"""From stored scenarios to sessions, by task: the same sounds serve dialogue, listening and acting."""

import random
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from duplexsla.clock import CHUNK_SAMPLES, FEATURES_PER_CHUNK, TOKENS_PER_CHUNK, chunk_at
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import ActionObject, planning_text
from duplexsla.protocol.tokens import Vocabulary
from duplexsla_lab.data.scenarios.scenario import Scenario
from duplexsla_lab.data.spoken_scenario import SpokenScenario, with_line_fields
from duplexsla_lab.data.timeline.positions import IGNORE
from duplexsla_lab.data.timeline.timeline import SpokenLine, Timeline, TimingConflict
from duplexsla_lab.data.timeline.training_session import Reply, TrainingSession

LONGEST = 80  # chunks of one session: longer ones are cut, at a sentence
LEAD_IN = 4  # chunks of a cut session that are read and not asked for: its first sentence is planned there
QUIET_SHARE = 0.1  # of the sessions that begin with a long silence
QUIET_S = (2.0, 8.0)
BEFORE_EVENT = 8  # chunks that stay before a line that talks over the assistant


def duplex_session(
    spoken: SpokenScenario,
    replies: Mapping[str, Reply],
    vocabulary: Vocabulary,
    rng: random.Random,
    *,
    silence_code: int,
    before: SpokenScenario | None = None,
) -> TrainingSession:
    """All three channels, under the toolset's prompt, after another conversation if one is given.

    Raises TimingConflict when the parts no longer fit.
    """
    context = before.lines if before else ()
    toolset = spoken.scenario.toolset
    return _annotated(
        spoken, replies, vocabulary, rng, silence_code=silence_code, prompt=toolset, context=context
    )


def asr_user_session(
    spoken: SpokenScenario, vocabulary: Vocabulary, rng: random.Random, *, silence_code: int
) -> TrainingSession:
    """The user's delayed transcript and nothing else (appendix A.1): nobody answers."""
    listening = with_line_fields(_said(spoken), actions=(), answer=(), over_words=None)
    return _annotated(listening, {}, vocabulary, rng, silence_code=silence_code, prompt="asr_user")


def asr_assistant_session(
    spoken: SpokenScenario,
    replies: Mapping[str, Reply],
    vocabulary: Vocabulary,
    rng: random.Random,
    *,
    silence_code: int,
) -> TrainingSession:
    """The assistant's sentences and their delayed transcript (appendix A.2); the user is not written down."""
    speaking = with_line_fields(_said(spoken), actions=(), over_words=None)
    return _annotated(
        speaking,
        replies,
        vocabulary,
        rng,
        silence_code=silence_code,
        prompt="asr_assistant",
        transcribe_user=False,
    )


def _said(spoken: SpokenScenario) -> SpokenScenario:
    """Without what only happens. Raises TimingConflict where nobody says anything."""
    lines = tuple(each for each in spoken.lines if each.line.words)
    if not lines:
        raise TimingConflict("nobody says anything")
    scenario = replace(spoken.scenario, lines=tuple(each.line for each in lines))
    return replace(spoken, scenario=scenario, lines=lines)


def _annotated(
    spoken: SpokenScenario,
    replies: Mapping[str, Reply],
    vocabulary: Vocabulary,
    rng: random.Random,
    *,
    silence_code: int,
    prompt: str,
    transcribe_user: bool = True,
    context: tuple[SpokenLine, ...] = (),
) -> TrainingSession:
    lines = (*context, *spoken.lines)
    if rng.random() < QUIET_SHARE:
        lines = (_after_quiet(lines[0], rng), *lines[1:])
    timeline = Timeline(lines, replies, vocabulary, rng=rng, transcribe_user=transcribe_user)
    annotated = timeline.run(silence_code=silence_code, silence_chunks=rng.choice((1, 2, 4, 8)))
    session = annotated.session
    session.prompt = prompt
    if session.num_chunks <= LONGEST:
        return session
    starts = [0, *(max(0, each.first - 2) for each in annotated.speech)]
    event = chunk_at(rng.choice(annotated.lines[len(context) :]).start_s)
    first = max((start for start in starts if start <= max(0, event - BEFORE_EVENT)), default=0)
    first = max(first, min(event - BEFORE_EVENT, session.num_chunks - LONGEST))
    end = min(session.num_chunks, first + LONGEST)
    return session.cut(first, end, given=LEAD_IN if first else 0)


def _after_quiet(first: SpokenLine, rng: random.Random) -> SpokenLine:
    return replace(first, line=replace(first.line, silence_s=rng.uniform(*QUIET_S)))


def text_session(scenarios: list[Scenario], vocabulary: Vocabulary) -> TrainingSession:
    """Exchanges as text alone: what is said and called, then what comes of it; a chunk for each.

    Words and outcomes stand there as the service's text does, so that they are read and not asked for.
    """
    actions: list[list[int]] = []
    given: list[int] = []
    for line in (line for scenario in scenarios for line in scenario.lines):
        read = 0
        for word in sorted({action.word for action in line.actions}):
            said = vocabulary.encode("".join(f" {each}" for each in line.words[read : word + 1]))
            due = (action for action in line.actions if action.word == word)
            text = "".join(
                ActionObject(action.name, 0, action.planning, action.arguments).text() for action in due
            )
            actions.append(said + vocabulary.encode(text))
            given.append(len(said))
            read = word + 1
        outcome = vocabulary.encode("".join((line.event, *(call.outcome for call in line.calls))))
        left = range(len(line.answer) - 1, -1, -1)
        plan = "".join(planning_text(text, more=n > 0) for text, n in zip(line.answer, left, strict=True))
        actions.append(outcome + vocabulary.encode(plan))
        given.append(len(outcome))
    return _silent(actions, given, vocabulary)


def _silent(actions: list[list[int]], given: list[int], vocabulary: Vocabulary) -> TrainingSession:
    n = len(actions)
    return TrainingSession(
        np.zeros(n * CHUNK_SAMPLES, np.float32),
        np.full(n, vocabulary.id(tokens.VAD_SILENCE)),
        np.zeros((n, TOKENS_PER_CHUNK), np.int64),
        np.full((n * FEATURES_PER_CHUNK, 2), IGNORE),
        actions,
        given,
        "text",
    )
