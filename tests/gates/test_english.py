"""A text becomes words, and a number the words in which it is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.gates.english import is_negated, number_words, singular, spoken_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Lock the front door!", ["lock", "the", "front", "door"]),
        ("un lock it", ["unlock", "it"]),
        ("dis arm", ["disarm"]),
        ("don\N{RIGHT SINGLE QUOTATION MARK}t", ["don't"]),
        ("", []),
        ("un", ["un"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert spoken_words(text) == words


@given(st.text())
def test_any_text_is_words(text: str) -> None:
    assert all(word and word == word.lower() and " " not in word for word in spoken_words(text))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (7, "seven"),
        (13, "thirteen"),
        (20, "twenty"),
        (21, "twenty one"),
        (100, "hundred"),
        (210, "two hundred ten"),
        (999, "nine hundred ninety nine"),
    ],
)
def test_numbers(number: int, words: str) -> None:
    assert number_words(number) == words.split()
    assert number_words(float(number)) == words.split()


@pytest.mark.parametrize("number", [1_000, -1, 0.5, None, float("1e300")])
def test_what_is_said_in_too_many_ways_is_never_heard(number: object) -> None:
    (word,) = number_words(number)
    assert spoken_words(word) != [word]


def test_both_numbers_of_a_word_are_one() -> None:
    assert singular("doors") == singular("door") == singular("door's")


def test_negations() -> None:
    assert all(
        is_negated(spoken_words(text)) for text in ("don't", "no", "i never do", "couldn't you", "do not")
    )
    assert not is_negated(spoken_words("please note that"))
