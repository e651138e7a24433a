"""Numbers in words, in a row of words as they are said: ("twenty", "five", "minutes") has 25."""

from collections.abc import Sequence

from duplexsla.gates.english import ONES, TENS

_ONES = {word: value for value, word in enumerate(ONES)}
_TENS = {word: value for value, word in enumerate(TENS) if value >= 2}
MAX_DIGITS = 6


def with_numbers(words: Sequence[str]) -> list[str | float]:
    """The words, each run that is one number as that number; "seven thirty" is two, "two point five" one.

    Digits are numbers as well; more than six of them are a word that nobody understands.
    """
    found: list[str | float] = []
    at = 0
    while at < len(words):
        number, at_end = _number(words, at)
        found.append(words[at] if number is None else number)
        at = max(at_end, at + 1)
    return found


def _number(words: Sequence[str], at: int) -> tuple[float | None, int]:
    """(value, index behind it); None where no number stands."""
    value, end = _below_hundred(words, at)
    if value is None:
        return None, at
    if _word(words, end) == "hundred" and 0 < value < 10:
        value, end = value * 100, end + 1
        rest_at = end + 1 if _word(words, end) == "and" else end
        rest, rest_end = _below_hundred(words, rest_at)
        if rest is not None:
            value, end = value + rest, rest_end
    if _word(words, end) == "point":
        digit, digit_end = _below_hundred(words, end + 1)
        if digit is not None and digit < 10:
            return value + digit / 10, digit_end
    return value, end


def _below_hundred(words: Sequence[str], at: int) -> tuple[float | None, int]:
    word = _word(words, at)
    if _is_digits(word):
        return float(word), at + 1
    if word in _ONES:
        return float(_ONES[word]), at + 1
    if word in _TENS:
        one = _ONES.get(_word(words, at + 1), 0)
        return (10.0 * _TENS[word] + one, at + 2) if 0 < one < 10 else (10.0 * _TENS[word], at + 1)
    return None, at


def _is_digits(word: str) -> bool:
    whole, _, decimals = word.partition(".")
    parts = (whole, decimals) if decimals else (word,)
    return len(word) <= MAX_DIGITS and all(part.isascii() and part.isdigit() for part in parts)


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""
