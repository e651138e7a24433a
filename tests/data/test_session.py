"""The timeline: every token once and in order, the budget, the reply's text before its sound."""

import random

import numpy as np
import pytest

from duplexsla.clock import ACTION_BUDGET, CHUNK_S, CHUNK_SAMPLES, chunk_at
from duplexsla.data.positions import IGNORE, Weights, collate
from duplexsla.data.session import (
    RESPONSE_LAG,
    TRANSCRIPT_LAG,
    Reply,
    Session,
    SessionBuilder,
    Turn,
    place_anchors,
)
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.protocol.vocabulary import Vocabulary, build_vocabulary

SILENCE_CODE = 7
REPLY = Reply(
    [(0.02, 0.4, "the"), (0.4, 0.8, "light"), (0.8, 1.1, "is"), (1.1, 1.5, "on")],
    np.arange(40).reshape(10, 4),
)


def vocabulary() -> Vocabulary:
    texts = ["turn on the kitchen light please", "the light is on", " [ done]"]
    return build_vocabulary(texts, 400, ["open_home_device"], ["device", "room"])


def turn(reply: Reply | None = REPLY, words: str = "turn on the kitchen light please") -> Turn:
    said = [(0.3 * i, 0.3 * (i + 1), word) for i, word in enumerate(words.split())]
    call = call_text("open_home_device", {"device": "light", "room": "kitchen"})
    samples = np.full(int(0.3 * len(said) * 16_000), 0.1, np.float32)
    return Turn(samples, said, [(0.0, "t")], call, " [ done]", "the light is on", reply)


def built(turns: int = 1, seed: int = 0) -> Session:
    builder = SessionBuilder(vocabulary(), silence_code=SILENCE_CODE, rng=random.Random(seed))
    for _ in range(turns):
        builder.add(turn(), silence_s=0.5)
    return builder.finish(silence_chunks=3)


def test_every_token_of_every_action_appears_once_and_in_order() -> None:
    vocab, session = vocabulary(), built()
    written = vocab.text(token for segment in session.actions for token in segment)
    call = f"{tokens.TOOLCALL_BEGIN}{turn().call}{tokens.TOOLCALL_END}"
    assert written == f" turn on the kitchen light please{tokens.RESPONSE}{call} [ done] ( the light is on)"


@pytest.mark.parametrize("seed", range(20))
def test_no_chunk_exceeds_the_budget_and_a_busy_queue_uses_all_of_it(seed: int) -> None:
    session = built(turns=2, seed=seed)
    assert max(map(len, session.actions)) <= ACTION_BUDGET
    begin, end = (vocabulary().id(piece) for piece in (tokens.TOOLCALL_BEGIN, tokens.TOOLCALL_END))
    for segment, following in zip(session.actions, session.actions[1:], strict=False):
        inside = begin in segment and end not in segment
        assert not inside or (len(segment) == ACTION_BUDGET and following)


def test_words_and_the_response_label_come_with_their_lag() -> None:
    vocab, session = vocabulary(), built()
    chunk_of = {token: c for c, segment in enumerate(session.actions) for token in segment}
    assert chunk_of[vocab.id(" turn")] == chunk_at(0.5 + 0.3) + TRANSCRIPT_LAG
    assert chunk_of[vocab.id(tokens.RESPONSE)] == chunk_at(0.5 + 1.8) + RESPONSE_LAG


@pytest.mark.parametrize("seed", range(10))
def test_a_reply_is_planned_before_it_sounds_and_ends_in_silence(seed: int) -> None:
    vocab, session = vocabulary(), built(seed=seed)
    planned = next(
        c for c, segment in enumerate(session.actions) if vocab.id(tokens.PLANNING_OPEN) in segment
    )
    silent = session.anchors == vocab.id(tokens.VAD_SILENCE)
    speaking = np.flatnonzero(~silent)
    assert speaking[0] == planned + 1
    assert len(speaking) == len(REPLY.codes)
    assert (session.codes[silent] == SILENCE_CODE).all()
    assert (session.codes[speaking] == REPLY.codes).all()
    assert session.forced[planned] == len(vocab.encode(" [ done]"))


def test_anchors_take_one_chunk_each_in_order() -> None:
    placed = place_anchors([(0.0, 1), (0.05, 2), (0.1, 3), (1.0, 4)], 8)
    assert placed == [(0, 1), (1, 2), (2, 3), (6, 4)]


def test_sound_lies_where_the_clock_says() -> None:
    session = built()
    loud = np.flatnonzero(session.samples)
    assert len(session.samples) == session.num_chunks * CHUNK_SAMPLES
    assert loud[0] == int(0.5 * 16_000)
    assert session.phones.shape == (2 * session.num_chunks, 2)
    assert session.num_chunks * CHUNK_S > 3


def test_a_batch_holds_each_position_once() -> None:
    vocab, sessions = vocabulary(), [built(seed=1), built(turns=2, seed=2)]
    batch = collate(sessions, vocab, Weights())
    for row, session in enumerate(sessions):
        used = {
            *batch.user_at[row, : session.num_chunks].tolist(),
            *batch.assistant_at[row, : session.num_chunks].tolist(),
        }
        positions = 2 * session.num_chunks + sum(map(len, session.actions))
        assert len(used) == 2 * session.num_chunks and max(used) < positions
        asked = int((batch.targets[row] != IGNORE).sum())
        assert asked == positions - sum(
            session.forced
        )  # each position is asked for something, unless it was fed
        assert int(batch.speaking[row].sum()) == int((session.anchors != vocab.id(tokens.VAD_SILENCE)).sum())
