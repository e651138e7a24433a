"""Sessions: anchors on the chunk grid, cuts, and the positions of a batch."""

import numpy as np
from tests.support.spoken_scenarios import drawn, vocabulary

from duplexsla.protocol import tokens
from duplexsla.protocol.prompts import prompt_tokens
from duplexsla_lab.data.timeline.positions import IGNORE, LossWeights, collate
from duplexsla_lab.data.timeline.training_session import place_anchors


def test_anchors_take_one_chunk_each_in_order() -> None:
    placed = place_anchors([(0.0, 1), (0.05, 2), (0.1, 3), (1.0, 4)], 8)
    assert placed == [(0, 1), (1, 2), (2, 3), (6, 4)]


def test_a_cut_session_is_that_part_of_it() -> None:
    whole = drawn("home", "single", 0)[1].session
    part = whole.cut(5, 15, given=3)
    assert part.num_chunks == 10 and part.prompt == whole.prompt
    assert np.array_equal(part.samples, whole.samples[5 * 2_560 : 15 * 2_560])
    assert np.array_equal(part.assistant, whole.assistant[5 * 2_560 : 15 * 2_560])
    assert np.array_equal(part.phones, whole.phones[10:30])
    assert part.actions == whole.actions[5:15] and part.forced == whole.forced[5:15]
    assert part.num_positions == 20 + sum(map(len, part.actions))


def test_a_batch_holds_each_position_once() -> None:
    vocab, families = vocabulary(), ("single", "multi")
    sessions = [drawn("home", family, 0)[1].session for family in families]
    batch = collate(sessions, vocab, LossWeights(), prompt_length=8)
    assert batch.prompts.tolist() == [prompt_tokens(vocab, "home", 8)] * 2
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


def test_what_is_given_is_read_and_not_asked_for() -> None:
    vocab, whole = vocabulary(), drawn("home", "dialogue", 0)[1].session
    part = whole.cut(10, 40, given=4)
    batch = collate([part], vocab, LossWeights(), prompt_length=8)
    first_asked = int(batch.user_at[0, 4])
    assert (batch.targets[0, :first_asked] == IGNORE).all()
    assert not batch.speaking[0, :4].any()
    fed = [token for segment in part.actions[:4] for token in segment]
    assert [token for token in batch.tokens[0, :first_asked].tolist() if token] == fed
    assert batch.targets[0, first_asked] == part.anchors[4]
