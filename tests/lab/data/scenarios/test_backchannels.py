"""Feedback and interruptions: enough of each, distinct, and some of each held out."""

import pytest

from duplexsla_lab.data.scenarios.backchannels import (
    BACKCHANNELS,
    BARGE_INS,
    SILENCE_REQUESTS,
    STATEMENTS,
    TURNING_BACKCHANNELS,
)
from duplexsla_lab.data.splits import held_out_phrasing

STATED = tuple(said for said, _ in STATEMENTS)
WANTED = {"feedback": 80, "cut in": 35, "turn": 25, "statement": 50, "quiet": 20}
LISTS = dict(
    zip(WANTED, (BACKCHANNELS, BARGE_INS, TURNING_BACKCHANNELS, STATED, SILENCE_REQUESTS), strict=True)
)


@pytest.mark.parametrize("kind", WANTED)
def test_there_are_many_ways_and_at_least_four_are_held_out(kind: str) -> None:
    said = LISTS[kind]
    assert len(set(said)) == len(said) >= WANTED[kind]
    assert sum(map(held_out_phrasing, said)) >= 4


def test_feedback_is_short() -> None:
    assert all(len(said.split()) <= 3 for said in BACKCHANNELS)


def test_feedback_that_turns_is_feedback_and_a_but() -> None:
    assert all(turn.endswith(" but") for turn in TURNING_BACKCHANNELS)
    assert not set(BACKCHANNELS) & {*BARGE_INS, *SILENCE_REQUESTS, *TURNING_BACKCHANNELS}


def test_texts_are_plain_words() -> None:
    replies = [reply for _, reply in STATEMENTS]
    for text in (*replies, *(text for said in LISTS.values() for text in said)):
        assert text == text.lower().strip() and text.replace(" ", "").isalpha()
