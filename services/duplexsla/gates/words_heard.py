"""Whether the words of a turn ask for a call. Pure, and strict: what is not clearly a command is a doubt.

A call is believed if the transcript commands it ("unlock the front door", "could you please unlock ...") in
one of its function's phrases, with what it is about as its object, or wants the state in which it leaves
that ("make sure the front door is locked"); and if it holds no negation, no question, no telling of what was
or is, no other time, and no word of the opposite. One such word anywhere in the turn is a doubt.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from duplexsla.gates.english import (
    ARE,
    ASSURE,
    ASSURED,
    AUXILIARIES,
    BESIDE,
    DENIALS,
    GREETINGS,
    LATER,
    LEADS,
    LITTLE,
    NO_PAST,
    OTHERS,
    PRONOUNS,
    QUESTIONS,
    REQUESTS,
    SUBJECTS,
    TELLING,
    WANTED,
    WISHES,
    is_negated,
    number_words,
    singular,
    spoken_words,
)
from duplexsla.tools.home2 import HERE
from duplexsla.tools.spoken import EVERY, SPOKEN, SpokenForm

_ASSURE = tuple(tuple(f"{each}{that}".split()) for each in ASSURE for that in ("", " that"))
_ASSURED = tuple(tuple(f"{each} {to}".split()) for each in ASSURE for to in ASSURED)
_JOINTS = frozenset(each[-1] for each in _ASSURED)
_WANTED = tuple(tuple(each.split()) for each in WANTED)
DENIED_WORDS = 5  # so far before it a negation denies a word: "do not leave the lamp on"
_AFTER = LEADS | BESIDE | SUBJECTS | PRONOUNS  # a noun makes a state a part of its name: "open sign"


class Doubt(StrEnum):
    NOTHING_HEARD = "nothing heard"  # neither a word of the function nor of what it is about
    NEGATED = "negated"
    OPPOSITE = "opposite"
    ASKED = "asked"  # a question about it, or a condition
    TOLD = "told"  # it was done, somebody does it, a thing is so
    LATER = "later"  # another time is named than the call has
    NOT_COMMANDED = "not commanded"
    NOT_NAMED = "not named"  # the command is about something else, or a word of what it is about was not said


@dataclass(frozen=True, slots=True)
class _SpokenSearch:
    """What a transcript is searched for, of one function."""

    form: SpokenForm
    says: tuple[tuple[str, ...], ...]
    minding: tuple[tuple[str, ...], ...]  # after "would you mind": "locking"
    opposites: tuple[tuple[str, ...], ...]  # of several words
    opposite_words: frozenset[str]  # in every form
    own_words: frozenset[str]  # the last one of each phrase, and states
    every_word: frozenset[str]  # that has to do with it: of its phrases and the opposite ones, in every form


@cache
def _search(function: str) -> _SpokenSearch:
    form = SPOKEN.get(function, SpokenForm(()))
    phrases = (*form.says, *form.opposites)
    alone = [phrase for phrase in form.opposites if " " not in phrase]
    words = {word for phrase in phrases for word in phrase.split()} | set(form.about)
    return _SpokenSearch(
        form=form,
        says=tuple(tuple(phrase.split()) for phrase in form.says),
        minding=tuple((ing, *rest) for first, *rest in map(str.split, form.says) for ing in _gerunds(first)),
        opposites=tuple(tuple(phrase.split()) for phrase in form.opposites if " " in phrase),
        opposite_words=frozenset(alone).union(*map(forms, alone)),
        own_words=frozenset((*(phrase.split()[-1] for phrase in form.says), *form.states)),
        every_word=frozenset(map(singular, words.union(*map(forms, phrases)) - LITTLE)),
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """What must be said: of each set one word; `object` is the part that the verb is about."""

    object: tuple[frozenset[str], ...]
    every: tuple[frozenset[str], ...]


def _named(form: SpokenForm, arguments: Mapping[str, object]) -> _Named:
    about = (frozenset(form.about),) if form.about else ()
    sets = [_said(arguments[name]) if name in arguments else () for name in (*form.names, "when")]
    return _Named(about or sets[0], (*about, *(each for words in sets for each in words)))


def doubt(function: str, arguments: Mapping[str, object], transcript: str) -> Doubt | None:
    """Why the turn's words do not ask for this call; None where they do.

    A function without a spoken form is never commanded.
    """
    search = _search(function)
    heard = spoken_words(transcript)
    held = frozenset(map(singular, heard))
    named = _named(search.form, arguments)
    if held.isdisjoint(search.every_word) and not any(held & name for name in named.every):
        return Doubt.NOTHING_HEARD
    if is_negated(heard):
        return Doubt.NEGATED
    if not search.opposite_words.isdisjoint(heard) or any(_holds(each, heard) for each in search.opposites):
        return Doubt.OPPOSITE
    if asks(heard):
        return Doubt.ASKED
    wanted = _wanted_states(search.form.states, named, heard)
    if _tells([word for place, word in enumerate(heard) if place not in wanted], named.every):
        return Doubt.TOLD
    if not LATER.isdisjoint(heard) and not arguments.get("when"):
        return Doubt.LATER
    return _command_doubt(search, named, heard, held, wanted)


def _command_doubt(
    search: _SpokenSearch,
    named: _Named,
    heard: Sequence[str],
    held: frozenset[str],
    wanted: Collection[int],
) -> Doubt | None:
    commands = [*_commands(search.says, heard, _leads), *_commands(search.minding, heard, _minds)]
    about = [*(_is_about(named, heard, place, rest) for place, rest in commands), *(True for _ in wanted)]
    if not about:
        return Doubt.NOT_COMMANDED
    all_named = all(name & held for name in named.every)
    return None if all_named and (search.form.keeps or any(about)) else Doubt.NOT_NAMED


def is_commanded(function: str, transcript: str) -> bool:
    """Whether the words command this function at all, of whatever thing: no doubt lies in them alone."""
    search, heard = _search(function), spoken_words(transcript)
    if is_negated(heard) or asks(heard) or _tells(heard, ()):
        return False
    commands = [*_commands(search.says, heard, _leads), *_commands(search.minding, heard, _minds)]
    return any(place + 1 < len(heard) for place, _ in commands)


def text_doubt(function: str, arguments: Mapping[str, object], transcript: str) -> Doubt | None:
    """The same, of the words alone that a function writes down (a list's item, a message); else None."""
    form = SPOKEN.get(function)
    if form is None or not form.keeps:
        return None
    heard = spoken_words(transcript)
    held = frozenset(map(singular, heard))
    named = _named(form, arguments).every
    if all(name & held for name in named):
        return Doubt.NEGATED if is_negated(heard) else None
    return Doubt.NOT_NAMED if any(name & held for name in named) else Doubt.NOTHING_HEARD


def comfort_doubt(function: str, arguments: Mapping[str, object], transcript: str) -> Doubt | None:
    """The same where a wrong effect costs little: words to keep were said, and nothing is done that was
    denied, or of which the opposite alone was said.
    """
    search, heard = _search(function), spoken_words(transcript)
    if search.form.keeps or not search.form.opposites:
        return text_doubt(function, arguments, transcript)
    own = [place for place, word in enumerate(heard) if word in search.own_words]
    if any(is_negated(heard[max(place - DENIED_WORDS, 0) : place], DENIALS) for place in own):
        return Doubt.NEGATED
    if own:
        return None
    opposite = any(_holds(each, heard) for each in search.opposites)
    return Doubt.OPPOSITE if opposite or not search.opposite_words.isdisjoint(heard) else None


def _said(value: object) -> tuple[frozenset[str], ...]:
    words = spoken_words(value) if isinstance(value, str) and value != HERE else ()
    if not isinstance(value, str):
        words = number_words(value)
    return tuple(
        EVERY if word in EVERY else frozenset((singular(word),)) for word in words if word not in LITTLE
    )


def asks(heard: Sequence[str]) -> bool:
    """A question, or a condition: a word of one, or a verb before its subject. "Can you" is none."""
    start = _start(heard)
    for place, word in enumerate(heard):
        bare = word.partition("'")[0]
        if bare in QUESTIONS:
            return True
        if bare in AUXILIARIES or bare in REQUESTS:
            after = heard[place + 1].partition("'")[0] if place + 1 < len(heard) else ""
            if (place == start or after in SUBJECTS) and (after != "you" or bare in AUXILIARIES):
                return True
    return False


def _tells(heard: Sequence[str], named: Sequence[frozenset[str]]) -> bool:
    """A word of telling, or any form of the past but in a name ("the heated floor")."""
    return any(
        (word in TELLING or (word.endswith("ed") and len(word) > 3 and word not in NO_PAST))
        and not any(word in name for name in named)
        for word in heard
    )


def _commands(
    says: Sequence[tuple[str, ...]],
    heard: Sequence[str],
    leads: Callable[[Sequence[str], int], bool],
) -> list[tuple[int, list[str]]]:
    """Where a phrase stands as a command stands: at the start, after "please", "could you", "and then"; and
    the words of the phrase that follow.
    """
    return [
        (place, rest)
        for first, *rest in says
        if first in heard
        for place, word in enumerate(heard)
        if word == first and leads(heard, place) and _follow(rest, heard, place + 1)
    ]


def _leads(heard: Sequence[str], place: int) -> bool:
    """A command may begin here. A verb after it makes it a noun: "lock is broken"."""
    if place + 1 < len(heard) and heard[place + 1] in AUXILIARIES:
        return False
    start = _start(heard)
    if place <= start or (place == start + 1 and heard[start - 1 : start] and heard[start - 1] in GREETINGS):
        return True
    if heard[place - 1] in _JOINTS and any(_leads(heard, one) for one in _before(_ASSURED, heard, place)):
        return True
    before = ["", "", *heard[max(place - 3, 0) : place]][-3:]
    if before[-1] == "you":
        return before[-2] in REQUESTS
    if before[-2:] == ["you", "to"]:
        return before[0] in WISHES
    if before[-1] == "please":
        return before[-2] not in OTHERS
    return before[-1] in LEADS and (_requested(heard[:place]) or OTHERS.isdisjoint(heard[:place]))


def _minds(heard: Sequence[str], place: int) -> bool:
    """After "would you mind"."""
    return place > 2 and heard[place - 3] in REQUESTS and list(heard[place - 2 : place]) == ["you", "mind"]


def _wanted_states(states: Sequence[str], named: _Named, heard: Sequence[str]) -> set[int]:
    """Places of states that are wanted of what is named: "make sure it is locked", "get it locked"."""
    found: set[int] = set()
    if not any(state in heard for state in states):
        return found
    for begin in range(1, len(heard)):
        place = begin
        if any(_leads(heard, first) for first in _before(_ASSURE, heard, begin)):
            place = _name_end(states, named, heard, begin)
            if heard[place : place + 1] and heard[place] in ARE:
                place += 1
            elif not heard[place - 1].endswith("'s"):
                continue
        elif any(_leads(heard, first) for first in _before(_WANTED, heard, begin)):
            place = _name_end(states, named, heard, begin)
        after = heard[place + 1 : place + 2]
        if place > begin and heard[place : place + 1] and heard[place] in states and _AFTER.issuperset(after):
            found.add(place)
    return found


def _name_end(states: Sequence[str], named: _Named, heard: Sequence[str], begin: int) -> int:
    """The place after the name, or a pronoun for it, that begins there; `begin` where none does."""
    left = list(named.object)
    for place in range(begin, len(heard)):
        word, one = heard[place], singular(heard[place])
        if not left and word in states:
            return place
        if one in PRONOUNS:
            left = []
        elif any(one in name for name in named.object):
            left = [name for name in left if one not in name]
        elif not (word in BESIDE or any(one in name for name in named.every)):
            return begin if left else place
    return begin


def _before(phrases: Sequence[tuple[str, ...]], heard: Sequence[str], place: int) -> list[int]:
    """Where the phrases begin that end before this place."""
    return [place - len(each) for each in phrases if tuple(heard[max(place - len(each), 0) : place]) == each]


def _requested(heard: Sequence[str]) -> bool:
    """Somebody was asked, "could you", and what follows on it is a part of that."""
    return any(word == "you" and before in REQUESTS for before, word in zip(heard, heard[1:], strict=False))


def _is_about(named: _Named, heard: Sequence[str], place: int, phrase: list[str]) -> bool:
    """The words after the verb are those of its object, but for small ones and other names ("the kitchen
    oven"); or "it". In "let me in the front door" they follow the phrase's end.
    """
    starts = {place + 1}
    for word in phrase:
        place = heard.index(word, place + 1)
        starts.add(place + 1)
    return any(_names_at_once(named, heard[start:], phrase) for start in starts)


def _names_at_once(named: _Named, heard: Sequence[str], phrase: list[str]) -> bool:
    left = list(named.object)
    for place, word in enumerate(heard):
        one = singular(word)
        begun = len(left) < len(named.object)
        if any(one in name for name in named.object):
            left = [name for name in left if one not in name]
        elif not begun and word in PRONOUNS:
            return True
        elif begun or not (word in BESIDE or word in phrase or any(one in name for name in named.every)):
            return not left and not _goes_on(heard[place:])
    return not left


def _goes_on(heard: Sequence[str]) -> bool:
    """A name with a noun behind it is another's: "the front door button is stuck"."""
    return heard[0] not in SUBJECTS and not AUXILIARIES.isdisjoint(heard[1:2])


def _start(heard: Sequence[str]) -> int:
    """Place of the first word that is no filler."""
    for place, word in enumerate(heard):
        greets = word in ("morning", "evening", "night", "afternoon") and heard[place - 1] == "good"
        if word not in LEADS and not greets and heard[place : place + 1] != ["good"]:
            return place
    return len(heard)


def _follow(rest: Sequence[str], heard: Sequence[str], place: int) -> bool:
    for word in rest:
        try:
            place = heard.index(word, place) + 1
        except ValueError:
            return False
    return True


def _holds(phrase: Sequence[str], heard: Sequence[str]) -> bool:
    """The words of a phrase in their order, whatever lies between them."""
    return _follow(phrase, heard, 0)


def _gerunds(word: str) -> list[str]:
    return [form for form in forms(word) if form.endswith("ing")]


def forms(phrase: str) -> frozenset[str]:
    """Other forms of a phrase's only word: "locked", "locking"; none of a short one ("on")."""
    if " " in phrase or len(phrase) < 3:
        return frozenset()
    stems = (phrase, phrase.removesuffix("e"), phrase + phrase[-1])
    return frozenset(f"{stem}{end}" for stem in stems for end in ("s", "ed", "ing"))
