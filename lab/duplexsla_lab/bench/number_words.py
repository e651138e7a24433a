"""Numbers in words, as they are transcribed, as digits."""

from collections.abc import Sequence

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * (2 + place) for place, word in enumerate(_TENS)
}
_SCALES = {"hundred": 100, "thousand": 1_000}


def digits_for_words(words: Sequence[str]) -> list[str]:
    """Each run of number words that is one number becomes its digits; all else stays.

    "twenty one" is 21, "two hundred and five" 205, "one point five" 1.5; "one two" are two numbers, 1 and 2.
    """
    found: list[str] = []
    at = 0
    while at < len(words):
        value, end = _whole(words, at)
        if end == at:
            found.append(words[at])
            at += 1
            continue
        decimals, at = _decimals(words, end)
        found.append(f"{value}.{decimals}" if decimals else str(value))
    return found


def _whole(words: Sequence[str], at: int) -> tuple[int, int]:
    """Value of the number that starts at `at`, and the index after it (`at` when none does)."""
    total, part, end = 0, 0, at
    room = 100  # the next word must be smaller: "twenty one", never "one twenty"
    while end < len(words):
        word = words[end]
        if word in _VALUES and _VALUES[word] < room and (_VALUES[word] or end == at):
            part += _VALUES[word]
            room = 10 if _VALUES[word] >= 20 else 0
        elif word in _SCALES and end > at and 0 < part < _SCALES[word]:
            part *= _SCALES[word]
            room = 100
            if word == "thousand":
                total, part = total + part, 0
        elif not (end > at and _joins(words[end - 1 : end + 2])):
            break
        end += 1
    return total + part, end


def _joins(three: Sequence[str]) -> bool:
    """ "hundred and five"."""
    return len(three) == 3 and three[0] in _SCALES and three[1] == "and" and three[2] in _VALUES


def _decimals(words: Sequence[str], at: int) -> tuple[str, int]:
    """Digits after "point", and the index after them."""
    if words[at : at + 1] != ["point"]:
        return "", at
    end = at + 1
    while end < len(words) and _VALUES.get(words[end], 10) < 10:
        end += 1
    digits = "".join(str(_VALUES[word]) for word in words[at + 1 : end])
    return (digits, end) if digits else ("", at)
