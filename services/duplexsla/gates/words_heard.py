"""Whether the words of a turn ask for a call. Pure, and strict: what is not clearly a command is a doubt.

A call is believed if the transcript commands it ("unlock the front door", "could you please unlock ...") in
one of its function's phrases, names what it is about, and holds no negation, no question, no telling of what
was or is, and no word of the opposite. One such word anywhere in the turn is a doubt.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache

from duplexsla.tools.home2 import HERE
from duplexsla.tools.spoken import SPOKEN, SpokenForm


class Doubt(StrEnum):
    NOTHING_HEARD = "nothing heard"  # neither a word of the function nor of what it is about
    NEGATED = "negated"
    OPPOSITE = "opposite"
    ASKED = "asked"  # a question about it, or a condition
    TOLD = "told"  # it was done, somebody does it, a thing is so
    NOT_COMMANDED = "not commanded"
    NOT_NAMED = "not named"  # a word of what it is about was not said


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


NEGATIONS = _words(
    "not no never nope nah cannot without nobody none neither nor",
    "cancel forget nevermind instead rather wrong",
    "wait unless avoid dont didnt doesnt isnt arent wasnt werent wont",
    "wouldnt shouldnt couldnt cant mustnt aint",
    "don didn doesn isn aren wasn weren wouldn shouldn couldn mustn t",  # "don t"
)
QUESTIONS = _words("who what whats why how whether if where which when whose wonder wondering")
TELLING = _words(
    "said say says saying told tells heard hear saw read reads remember forgot wrote sings called asked asks",
    "thought think thinks yesterday earlier ago already always usually often",
    "sometimes story movie film song book",
    "joke dream left kept was were been had did",
)
AUXILIARIES = _words("is are was were did does do has have had am should shall may might must")
REQUESTS = _words("can could will would")  # before "you"
WISHES = _words("want need like")  # before "you to"
OTHERS = _words(  # who does it, where no machine is told to
    "i we they he she it somebody someone anybody anyone everybody everyone people"
)
SUBJECTS = OTHERS | _words(
    "you the my our your his her their this that these those there a an nobody all any im"
)
GREETINGS = _words("okay ok hey hi hello")  # a name may follow
LEADS = GREETINGS | _words(
    "so um uh oh er erm hm hmm well alright right yes yeah yep sure",
    "please and then now just also quickly kindly",
    "immediately thanks",
)
NO_PAST = _words("need indeed hundred speed feed seed weed shed shared naked")
LITTLE = _words("the a an my our your his her their of in on at to for and or")
EVERY = ("all", "every", "both", "everything")  # one word stands for another
ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_PARTED = frozenset(("un", "dis", "de"))
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def doubt(function: str, arguments: Mapping[str, object], transcript: str) -> Doubt | None:
    """Why the turn's words do not ask for this call; None where they do.

    A function without a spoken form is never commanded.
    """
    form = SPOKEN.get(function, SpokenForm(()))
    heard = spoken_words(transcript)
    held = frozenset(map(_singular, heard))
    named = _names(form, arguments)
    if not (held & _all_words(form)) and not any(held & name for name in named):
        return Doubt.NOTHING_HEARD
    if is_negated(heard):
        return Doubt.NEGATED
    if any(_told(phrase, heard) or _holds(phrase, heard) for phrase in form.opposites):
        return Doubt.OPPOSITE
    if _asks(heard):
        return Doubt.ASKED
    if _tells(heard, frozenset[str]().union(*named)):
        return Doubt.TOLD
    if not any(_commands(phrase, heard) for phrase in form.says):
        return Doubt.NOT_COMMANDED
    return None if all(name & held for name in named) else Doubt.NOT_NAMED


def text_doubt(function: str, arguments: Mapping[str, object], transcript: str) -> Doubt | None:
    """The same, of the words alone that a function writes down (a list's item, a message); else None."""
    form = SPOKEN.get(function)
    if form is None or not form.keeps:
        return None
    heard = spoken_words(transcript)
    held = frozenset(map(_singular, heard))
    named = _names(form, arguments)
    if all(name & held for name in named):
        return Doubt.NEGATED if is_negated(heard) else None
    return Doubt.NOT_NAMED if any(name & held for name in named) else Doubt.NOTHING_HEARD


def is_negated(heard: Iterable[str]) -> bool:
    return any(word in NEGATIONS or word.endswith("n't") for word in heard)


def spoken_words(text: str) -> list[str]:
    """Lower-case words of a text; "un lock" is one."""
    found = _WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    joined: list[str] = []
    for word in found:
        if joined and joined[-1] in _PARTED:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _asks(heard: Sequence[str]) -> bool:
    """A question, or a condition: a word of one, or a verb before its subject. "Can you" is none."""
    start = _start(heard)
    for place, word in enumerate(heard):
        bare = word.partition("'")[0]
        if bare in QUESTIONS:
            return True
        after = heard[place + 1].partition("'")[0] if place + 1 < len(heard) else ""
        if bare in AUXILIARIES and (place == start or after in SUBJECTS):
            return True
        if bare in REQUESTS and after != "you" and (place == start or after in SUBJECTS):
            return True
    return False


def _tells(heard: Sequence[str], named: frozenset[str]) -> bool:
    """A word of telling, or any form of the past but in a name ("the heated floor")."""
    return any(
        word in TELLING or (len(word) > 3 and word.endswith("ed") and word not in NO_PAST)
        for word in heard
        if word not in named
    )


def _commands(phrase: str, heard: Sequence[str]) -> bool:
    """The phrase stands where a command stands: at the start, after "please", "could you", "and then"."""
    first, *rest = phrase.split()
    return any(
        word == first and _leads(heard, place) and _follow(rest, heard, place + 1)
        for place, word in enumerate(heard)
    )


def _leads(heard: Sequence[str], place: int) -> bool:
    """A command may begin here. A verb after it makes it a noun: "lock is broken"."""
    if place + 1 < len(heard) and heard[place + 1] in AUXILIARIES:
        return False
    start = _start(heard)
    if place == start or (place == start + 1 and heard[start - 1 : start] and heard[start - 1] in GREETINGS):
        return True
    before = heard[max(place - 3, 0) : place]
    if before[-2:-1] and before[-1] == "you" and before[-2] in REQUESTS:
        return True
    if before[-2:] == ["you", "to"] and before[0] in WISHES:
        return True
    asked = any(
        pair in REQUESTS and heard[at + 1 : at + 2] == ["you"] for at, pair in enumerate(heard[:place])
    )
    others = OTHERS.intersection(heard[:place])
    return before[-1] in LEADS and (before[-1] == "please" or asked or not others)


def _start(heard: Sequence[str]) -> int:
    """Place of the first word that is no filler."""
    return next((place for place, word in enumerate(heard) if word not in LEADS), len(heard))


def _follow(rest: Sequence[str], heard: Sequence[str], place: int) -> bool:
    for word in rest:
        try:
            place = heard.index(word, place) + 1
        except ValueError:
            return False
    return True


def _holds(phrase: str, heard: Sequence[str]) -> bool:
    first, *rest = phrase.split()
    return any(word == first and _follow(rest, heard, place + 1) for place, word in enumerate(heard))


def _told(phrase: str, heard: Sequence[str]) -> bool:
    """Another form of a phrase's only word: "locked", "locking"."""
    return not _forms(phrase).isdisjoint(heard)


@cache
def _forms(phrase: str) -> frozenset[str]:
    if " " in phrase or len(phrase) < 3:
        return frozenset()
    stem = phrase.removesuffix("e")
    return frozenset(
        f"{each}{end}" for each in (phrase, stem, phrase + phrase[-1]) for end in ("s", "ed", "ing")
    )


@cache
def _all_words(form: SpokenForm) -> frozenset[str]:
    """Every word that has to do with a function: of its phrases and of the opposite ones, in every form."""
    phrases = (*form.says, *form.opposites)
    words = {word for phrase in phrases for word in phrase.split()} | set(form.about)
    return frozenset(map(_singular, words.union(*map(_forms, phrases)) - LITTLE))


def _names(form: SpokenForm, arguments: Mapping[str, object]) -> list[frozenset[str]]:
    """What must be said: of each set one word."""
    given = [arguments[name] for name in form.names if arguments.get(name, HERE) != HERE]
    words = [
        word
        for value in given
        for word in (spoken_words(value) if isinstance(value, str) else _number(value))
    ]
    every = frozenset(EVERY)
    sets = [every if word in every else frozenset((_singular(word),)) for word in words if word not in LITTLE]
    return sets + ([frozenset(form.about)] if form.about else [])


def _number(value: object) -> list[str]:
    """How a whole number below a thousand is said; anything else is said in too many ways to be believed."""
    if not isinstance(value, int | float) or value != int(value) or not 0 <= value < 1_000:
        return ["a number that nobody says"]
    hundreds, rest = divmod(int(value), 100)
    words = ([] if hundreds < 2 else [ONES[hundreds]]) + (["hundred"] if hundreds else [])
    if rest < len(ONES):
        return words + ([ONES[rest]] if rest or not hundreds else [])
    tens, ones = divmod(rest, 10)
    return [*words, TENS[tens], *([ONES[ones]] if ones else [])]


def _singular(word: str) -> str:
    return word.removesuffix("'s").removesuffix("s") if len(word) > 3 else word
