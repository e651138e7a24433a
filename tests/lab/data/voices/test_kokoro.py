"""What becomes of Kokoro's symbols and durations: pure parts, without its weights."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duplexsla_lab.data.voices.kokoro import FRAME_S, phones, pronounced, word_starts
from duplexsla_lab.data.voices.speech import PHONES, SILENCE

KITCHEN = [*((symbol, 0) for symbol in "tˈɜɹn "), *((symbol, 1) for symbol in "ðə "), ("k", 2), (".", 2)]


def _starts(symbols: list[tuple[str, int]], frames: list[int]) -> np.ndarray:
    """Of all tokens, both edges and the end."""
    assert len(frames) == len(symbols) + 2
    return np.concatenate([[0], np.cumsum(frames)]) * FRAME_S


def test_a_stress_mark_begins_its_phone_and_a_short_space_is_none() -> None:
    starts = _starts(KITCHEN, [10, 2, 1, 4, 1, 2, 1, 1, 1, 9, 2, 3, 8])
    found = phones(KITCHEN, starts)
    assert [phone for _, phone in found] == [SILENCE, "t", "er", "n", "dh", "ax", SILENCE, "k", SILENCE]
    assert {phone: start for start, phone in found}["er"] == 12 * FRAME_S  # at its mark


def test_every_written_word_starts_at_its_first_symbol() -> None:
    starts = _starts(KITCHEN, [10, 2, 1, 4, 1, 2, 1, 1, 1, 9, 2, 3, 8])
    assert word_starts("turn the k", KITCHEN, starts) == [
        (10 * FRAME_S, "turn"),
        (21 * FRAME_S, "the"),
        (32 * FRAME_S, "k"),
    ]


def test_a_word_without_a_symbol_has_no_start() -> None:
    symbols = [("k", 0), (" ", 0), ("k", 2)]
    assert [word for _, word in word_starts("a b c", symbols, _starts(symbols, [1, 1, 1, 1, 1]))] == [
        "a",
        "c",
    ]


@given(st.lists(st.tuples(st.sampled_from("tˈˌɜɹ .,əAXː"), st.integers(0, 9)), max_size=30))
def test_phones_are_of_the_alphabet_and_in_order(drawn: list[tuple[str, int]]) -> None:
    symbols = [(symbol, 0) for symbol, _ in drawn]
    found = phones(symbols, _starts(symbols, [3, *(frames for _, frames in drawn), 2]))
    assert {phone for _, phone in found} <= set(PHONES)
    times = [start for start, _ in found]
    assert times == sorted(times) and found[-1][1] == SILENCE


def test_a_question_rises_and_spaces_count_the_words() -> None:
    said: list[str] = []

    def tokenize(text: str) -> list[SimpleNamespace]:
        said.append(text)
        return [SimpleNamespace(phonemes="ab", whitespace=" "), SimpleNamespace(phonemes=None, whitespace="")]

    rules = SimpleNamespace(tokenize=tokenize, phonemize_tokens=lambda tokens: tokens)
    assert pronounced(rules, "what now") == [("a", 0), ("b", 0), (" ", 0)]
    pronounced(rules, "lock it")
    assert said == ["what now?", "lock it."]
