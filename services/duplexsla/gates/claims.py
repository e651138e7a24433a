"""Whether a sentence says that something was done, and whether one asks for it: for figures alone. Pure.

Both are by the words of the functions that have a spoken form, so what they have no word for is not seen.
"""

from functools import cache

from duplexsla.gates.english import ARE, LEADS, QUESTIONS, is_negated, spoken_words
from duplexsla.gates.words_heard import asks, forms, is_commanded
from duplexsla.tools.spoken import SPOKEN

_STATES = frozenset(("set", "done", "added")).union(*(form.states for form in SPOKEN.values()))
_BETWEEN = frozenset(("now", "all", "both", "again", "already"))  # "it is now on"
_DONE_BEFORE = frozenset(("have", "just", "already"))  # "i have just locked"
_IRREGULAR = frozenset(("set", "put", "shut", "ran", "sent", "told", "made", "did"))


@cache
def _verbs(ending: str) -> frozenset[str]:
    """Forms with this ending of the verbs of all phrases."""
    firsts = {phrase.split()[0] for form in SPOKEN.values() for phrase in form.says}
    return frozenset(form for first in firsts for form in forms(first) if form.endswith(ending))


def claims_effect(said: str) -> bool:
    """Whether the assistant says that something was done, is being done, or is as it was wanted."""
    words = spoken_words(said)
    start = next((place for place, word in enumerate(words) if word not in LEADS), len(words))
    if start == len(words) or is_negated(words) or asks(words) or not QUESTIONS.isdisjoint(words):
        return False
    if words[start] == "done" or words[start] in _verbs("ing"):
        return True
    return any(_is_state(words, place) or _is_deed(words, place) for place in range(1, len(words)))


def asks_for_effect(heard: str) -> bool:
    """Whether somebody clearly asks for what one of our functions does, of whatever thing."""
    return any(is_commanded(function, heard) for function in SPOKEN)


def _is_state(words: list[str], place: int) -> bool:
    """ "is on", "'s now locked"."""
    if words[place] not in _STATES:
        return False
    before = place - 1
    while before > 0 and words[before] in _BETWEEN:
        before -= 1
    return words[before] in ARE or words[before].endswith("'s")


def _is_deed(words: list[str], place: int) -> bool:
    """ "i locked", "i have added", "i've set"."""
    if words[place] not in _verbs("ed") | _IRREGULAR:
        return False
    before = place - 1
    while before > 0 and words[before] in _DONE_BEFORE:
        before -= 1
    return words[before] in ("i", "i've")
