"""How a name sounds, roughly: equal for words that are taken for each other (light, lite; lamp, lump)."""

import re
from functools import lru_cache

# From spelling to sound, in this order; what sounds alike becomes one letter, vowels count at the start.
_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^wh", "w"),
        (r"^ps", "s"),
        (r"mb$", "m"),
        (r"(?<=[aeiou])gh(?=t)", ""),
        (r"gh$", "f"),
        (r"ph|v", "f"),
        (r"tch|ch|sh|ti(?=on)", "x"),
        (r"ck|q|c(?![eiy])", "k"),
        (r"c|z", "s"),
        (r"dge|j", "x"),
        (r"th", "t"),
        (r"d", "t"),
        (r"b", "p"),
        (r"g", "k"),
        (r"^[aeiouy]+", "a"),
        (r"(?<!^)[aeiouyhw]+", ""),
        (r"(.)\1+", r"\1"),
    )
)


def phonetic_key(name: str) -> str:
    """Of a name in lower case; its words keep their order and their number."""
    return " ".join(map(_sound, name.split()))


@lru_cache(maxsize=16_384)
def _sound(word: str) -> str:
    for pattern, sound in _RULES:
        word = pattern.sub(sound, word)
    return word
