"""Words made comparable: "The kids' reading-lamps" and "kid's reading lamp" are one name."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_ARTICLES = frozenset({"the", "a", "an", "my", "our", "your", "this", "that", "these", "those", "please"})
_POSSESSIVE = re.compile(r"['\u2019\u02bc](s\b)?")
_BREAKS = re.compile(r"[^\w]+|_+")
_HISSING = ("ches", "shes", "xes", "sses", "zes")
_VOWELS = "aeiou"


def words_of(said: str) -> tuple[str, ...]:
    """Its words: case folded, accents and punctuation gone, no articles; plurals stay.

    An article at the end is a letter ("lamp a").
    """
    plain = said.casefold()
    if not plain.isascii():
        plain = "".join(
            each for each in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(each)
        )
    words = _BREAKS.sub(" ", _POSSESSIVE.sub(r"\1", plain)).split()
    return tuple(word for at, word in enumerate(words, 1) if at == len(words) or word not in _ARTICLES)


def singular(words: Sequence[str]) -> str:
    """One string, equal for singular and plural of each word; not always a word itself."""
    return " ".join(map(_singular, words))


def is_plural(words: Sequence[str]) -> bool:
    """Of its last word."""
    return bool(words) and _without_s(words[-1]) != words[-1]


@lru_cache(maxsize=16_384)
def _singular(word: str) -> str:
    word = _without_s(word)
    consonant_y = len(word) > 2 and word.endswith("y") and word[-2] not in _VOWELS
    return f"{word[:-1]}ie" if consonant_y else word  # batteries, battery; movies, movie


def _without_s(word: str) -> str:
    if word.endswith(_HISSING):
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word
