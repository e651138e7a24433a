import numpy as np
import pytest

from duplexsla_lab.bench.systems.cascade.word_model import START, WordModel

TEXTS = ["turn on the light", "turn on the radio", "turn off the light"]


@pytest.mark.parametrize("history", [(), ("turn",), ("turn", "on"), ("light", "turn")])
def test_what_comes_next_is_a_probability(history: tuple[str, ...]) -> None:
    model = WordModel(TEXTS)
    numbers = [model.words.index(word) for word in history]
    last = tuple([*START, *numbers][-2:])
    assert np.exp(model.log_probabilities(last)).sum() == pytest.approx(1.0, abs=1e-5)


def test_what_was_seen_is_likelier_and_nothing_is_impossible() -> None:
    model = WordModel(TEXTS)
    turn, on, off, radio = (model.words.index(word) for word in ("turn", "on", "off", "radio"))
    behind = model.log_probabilities((-1, turn))
    assert behind[on] > behind[off] > behind[radio] > -np.inf


def test_a_sentence_ends_where_sentences_have_ended() -> None:
    model = WordModel(TEXTS)
    the, light = model.words.index("the"), model.words.index("light")
    assert model.log_probabilities((the, light)).argmax() == model.end


def test_how_often_a_sentence_was_drawn_does_not_count() -> None:
    once, often = WordModel(TEXTS), WordModel([*TEXTS, *TEXTS[:1] * 50])
    turn = once.words.index("turn")
    np.testing.assert_array_equal(once.log_probabilities((-1, turn)), often.log_probabilities((-1, turn)))
