import itertools

import pytest

from duplexsla_lab.data.language.reply_sentences import ReplySentences
from duplexsla_lab.data.language.spoken_numbers import spoken

VOCABULARY = ["pebble", "harbour", "violin", "tundra"]


def sentences(count: int, **settings: float) -> list[str]:
    source = ReplySentences(VOCABULARY, seed=7, **settings)  # type: ignore[arg-type]
    return [source.next() for _ in range(count)]


def test_the_same_seed_gives_the_same_sentences() -> None:
    assert sentences(50) == sentences(50)


def test_sentences_are_plain_words() -> None:
    for text in sentences(500):
        assert not any(character.isdigit() for character in text)
        assert text.split() == text.split(" ")
        assert "{" not in text


def test_random_words_come_from_the_vocabulary() -> None:
    known = {*VOCABULARY, "the", "and", "of", "in", "to", "is"}
    for text in sentences(50, random_word_share=1.0):
        assert set(text.rstrip(".").replace(",", "").split()) <= known


def test_every_number_has_words() -> None:
    words = [spoken(number) for number in range(101)]
    assert len(set(words)) == 101
    assert (words[0], words[19], words[30], words[99], words[100]) == (
        "zero",
        "nineteen",
        "thirty",
        "ninety nine",
        "one hundred",
    )


@pytest.mark.parametrize("number", [-1, 101])
def test_other_numbers_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        spoken(number)


def test_replies_vary() -> None:
    assert len(set(itertools.islice(sentences(300, random_word_share=0.0), 300))) > 200
