"""Drafts of what a session says and writes: right on a reply that runs as planned, else harmless."""

import random

import pytest
from tests.support.tiny_engine import tiny_vocabulary

from duplexsla.engine.speculative_decoding import (
    LETTER_CHUNKS,
    LOST_AFTER,
    MOST_PLANNED,
    TRANSCRIPT_LAG,
    Drafter,
    DraftVocabulary,
)
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import assistant_text, planning_text
from duplexsla.protocol.tokens import Vocabulary

WORDS = ["turn", "on", "the", "kitchen", "light", "and", "the", "living", "room", "fan", "please"]
Chunk = tuple[int, list[int]]  # anchor, action


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return tiny_vocabulary()


@pytest.fixture
def drafter(vocabulary: Vocabulary) -> Drafter:
    return Drafter(DraftVocabulary(vocabulary))


def _reply(vocabulary: Vocabulary) -> list[Chunk]:
    """Silence, a plan, its words at their pace, their transcript, silence."""
    silence, pad = vocabulary.id(tokens.VAD_SILENCE), vocabulary.id(tokens.TTS_PAD)
    chunks: list[Chunk] = [(silence, []), (silence, vocabulary.encode(planning_text(" ".join(WORDS))))]
    start, ends, first = 2.0, [], len(chunks)
    anchors = {}
    for word in WORDS:
        anchors[int(start)] = vocabulary.id(f" {word}")
        start += max(1.0, len(word) * LETTER_CHUNKS)
        ends.append((int(start) + TRANSCRIPT_LAG, word))
    for chunk in range(first, int(start) + 6):
        said = anchors.get(chunk, pad if chunk < start else silence)
        written = [assistant_text(word) for end, word in ends if end == chunk]
        chunks.append((said, vocabulary.encode("".join(written))))
    return chunks


def _observed(drafter: Drafter, chunks: list[Chunk]) -> list[tuple[bool, bool]]:
    """Whether the anchor and the first action tokens of each chunk were drafter."""
    right = []
    for anchor, written in chunks:
        drafted = drafter.action()
        right.append((drafter.anchor() == anchor, written[: len(drafted)] == drafted and bool(drafted)))
        drafter.observe(anchor, written)
    return right


def test_a_silent_session_is_expected_to_stay_silent(vocabulary: Vocabulary, drafter: Drafter) -> None:
    silence = vocabulary.id(tokens.VAD_SILENCE)
    for _ in range(50):
        assert (drafter.anchor(), drafter.action()) == (silence, [])
        drafter.observe(silence, [])


def test_a_reply_is_expected_as_it_was_planned_and_written_down(
    vocabulary: Vocabulary, drafter: Drafter
) -> None:
    chunks = _reply(vocabulary)
    right = _observed(drafter, chunks)
    assert sum(anchor for anchor, _ in right) >= 0.8 * len(chunks)
    transcribed = [(written, right[i][1]) for i, (_, written) in enumerate(chunks[2:], start=2) if written]
    assert sum(ok for _, ok in transcribed) >= 0.7 * len(transcribed)


def test_the_word_after_the_mark_is_the_one_that_has_waited_longest(
    vocabulary: Vocabulary, drafter: Drafter
) -> None:
    silence, mark = vocabulary.id(tokens.VAD_SILENCE), vocabulary.id(tokens.ASSISTANT_WORD)
    for word in WORDS[:3]:
        drafter.observe(vocabulary.id(f" {word}"), [])
    drafter.observe(silence, [])
    assert drafter.continuation([mark]) == vocabulary.encode(" turn")
    assert drafter.continuation([mark, *vocabulary.encode(" turn"), mark]) == vocabulary.encode(" on")
    assert drafter.continuation(vocabulary.encode(" light")) == []


def test_a_word_that_was_left_out_does_not_mislead_for_long(vocabulary: Vocabulary, drafter: Drafter) -> None:
    mark = vocabulary.id(tokens.ASSISTANT_WORD)
    for word in WORDS[:5]:
        drafter.observe(vocabulary.id(f" {word}"), [])
    drafter.observe(vocabulary.id(tokens.TTS_PAD), vocabulary.encode(assistant_text("the")))
    assert drafter.continuation([mark]) == vocabulary.encode(" kitchen")
    for _ in range(2 * LOST_AFTER):
        drafter.observe(vocabulary.id(tokens.VAD_SILENCE), [])
    assert drafter.continuation([mark]) == []


def test_whatever_happens_drafts_stay_small(vocabulary: Vocabulary, drafter: Drafter) -> None:
    rng = random.Random(0)
    every = range(len(vocabulary))
    for _ in range(3_000):
        drafter.observe(rng.choice(every), rng.choices(every, k=rng.randint(0, 10)))
        assert 0 <= drafter.anchor() < len(vocabulary)
        assert len(drafter.action()) <= 6
        assert len(drafter._plan) <= MOST_PLANNED
