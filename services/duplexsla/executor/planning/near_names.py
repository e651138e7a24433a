"""Names that are spelled or sound nearly like what was said, for when nothing is called exactly so.

A word that the home knows is taken for no other word of it ("bedroom" is not a bathroom misheard), and
neither is a number, nor one of two opposites ("east window" is no west window).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import fuzz, process

from duplexsla.executor.planning.phonetic_key import phonetic_key

THRESHOLD = 85.0  # similarity, 0 to 100, that a name must have
MARGIN = 6.0  # by which it must be ahead of names of anything else
SOUNDS_ALIKE = 92.0  # what a name of the same sound is worth, however it is spelled
LEAST_SPELLING = 50.0  # below this even the same sound is chance
SHORT = 3  # characters up to which spelling alone says nothing
LIMIT = 8

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty thirty forty fifty first second third fourth fifth"
)
_OPPOSITES = (
    "left right east west north south front back upper lower up down inside outside upstair downstair"
    " top bottom hot cold big small his her"
)
_FIXED = frozenset((*_NUMBERS.split(), *_OPPOSITES.split()))


class NearNames:
    """Searches one set of spellings; made once for it."""

    def __init__(self, spellings: Iterable[str]) -> None:
        self._spellings = tuple(dict.fromkeys(spellings))
        self._words = {word for spelling in self._spellings for word in spelling.split()}
        sounds: dict[str, list[str]] = {}
        for spelling in self._spellings:
            sounds.setdefault(phonetic_key(spelling), []).append(spelling)
        self._by_sound: Mapping[str, Sequence[str]] = sounds

    def find(self, said: str) -> list[tuple[float, str]]:
        """(similarity, spelling), the nearest first; those above the threshold less the margin, at most 8."""
        scores: dict[str, float] = {}
        least = THRESHOLD - MARGIN
        if len(said) > SHORT:
            found = process.extract(said, self._spellings, scorer=fuzz.ratio, score_cutoff=least, limit=LIMIT)
            scores = {spelling: score for spelling, score, _ in found}
        for spelling in self._by_sound.get(phonetic_key(said), ()):
            if fuzz.ratio(said, spelling) >= LEAST_SPELLING:
                scores[spelling] = max(scores.get(spelling, 0.0), SOUNDS_ALIKE)
        near = [(score, each) for each, score in scores.items() if self._may_mean(said, each)]
        return sorted(near, key=lambda one: (-one[0], one[1]))[:LIMIT]

    def _may_mean(self, said: str, spelling: str) -> bool:
        if said.replace(" ", "") == spelling.replace(" ", ""):
            return True
        mine, theirs = Counter(said.split()), Counter(spelling.split())
        only_mine, only_theirs = mine - theirs, theirs - mine
        if any(self._is_settled(word) for word in only_mine):
            return False
        return only_theirs.total() <= only_mine.total() or not any(map(_is_fixed, only_theirs))

    def _is_settled(self, word: str) -> bool:
        return word in self._words or _is_fixed(word)


def _is_fixed(word: str) -> bool:
    return word in _FIXED or not word.isalpha()
