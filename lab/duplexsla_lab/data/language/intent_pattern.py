"""How a function is asked for: phrasings that name its arguments, and what is answered."""

import itertools
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from duplexsla.tools import Toolset
from duplexsla_lab.data.language.exchange import Arguments, ExchangeDraft, Value
from duplexsla_lab.data.language.fragments import with_fragments
from duplexsla_lab.data.language.spoken_numbers import ordinal, spoken_value

ResultText = tuple[str, str]  # (as written, as said)

_SLOT = re.compile(r"{([a-z]+(?:_[a-z]+)*?)(?:_(nth|bare|told|is|it))?}")
_BEFORE_VOWEL = re.compile(r"\ba(?= [aei])")
_CHOICE = re.compile(r"\(([^()]*)\)")


class Mention(NamedTuple):
    """Something as it is said, and the arguments that it gives.

    said: "the kitchen light"; bare: "kitchen light", for "is the {x_bare} on"; told: as a reply names it.
    """

    said: str
    arguments: Mapping[str, Value]
    bare: str = ""
    told: str = ""
    plural: bool = False

    def form(self, form: str) -> str:
        """ "", "bare", "told", "is" (is or are), "it" (it or them)."""
        if form == "is":
            return "are" if self.plural else "is"
        if form == "it":
            return "them" if self.plural else "it"
        return {"bare": self.bare, "told": self.told}.get(form) or self.said


DrawMention = Callable[[random.Random], Mention]


@dataclass(frozen=True, slots=True)
class IntentPattern:
    """Ways to ask for one function. An argument is given when the phrasing has its slot.

    A slot is {argument}, {argument_nth} for an ordinal, or the name and form of a Mention, which may give
    several arguments. A reply may also have {result}; only replies are drawn whose slots are given. Phrasings
    and replies are `|`-separated; (turn/switch) is one of the words, (now/) none or one.
    """

    function: str
    phrasings: str
    replies: str
    values: Mapping[str, Sequence[Value] | DrawMention] = field(default_factory=dict)
    fixed: Mapping[str, Value] = field(default_factory=dict)
    result: Callable[[random.Random, Arguments], ResultText] | None = None

    def draw(self, rng: random.Random, toolset: Toolset) -> ExchangeDraft:
        phrasing = rng.choice(self.phrasings.split("|"))
        words = varied(rng, phrasing)
        chosen: dict[str, Value | Mention] = {}
        given: Arguments = dict(self.fixed)
        for name in sorted(slots(words)):
            values = self.values[name]
            if callable(values):
                chosen[name] = mention = values(rng)
                given |= mention.arguments
            else:
                chosen[name] = given[name] = rng.choice(values)
        arguments: Arguments = dict(toolset.validate(self.function, given))
        written, said = self.result(rng, arguments) if self.result else ("", "")
        reply = rng.choice([r for r in self.replies.split("|") if slots(r) <= {*chosen, "result"}])
        return ExchangeDraft(
            filled(words, chosen),
            phrasing,
            self.function,
            arguments,
            written,
            filled(varied(rng, reply), {**_told(chosen), "result": said}),
        )


def _told(chosen: Mapping[str, Value | Mention]) -> dict[str, Value | Mention]:
    """What was said as a reply says it: of a corrected mention the right one alone."""
    return {k: v._replace(said=v.form("told")) if isinstance(v, Mention) else v for k, v in chosen.items()}


def joined(text: str) -> str:
    """Phrasings of several lines as one, with their fragments: a line may hold several, too."""
    return with_fragments("|".join(line.strip() for line in text.strip().splitlines()))


def slots(phrasing: str) -> set[str]:
    return {match[1] for match in _SLOT.finditer(phrasing)}


def varied(rng: random.Random, phrasing: str) -> str:
    """The phrasing with one of each of its choices; it draws nothing where there are none."""
    said = _CHOICE.sub(lambda match: rng.choice(match[1].split("/")), phrasing)
    return " ".join(said.split())


def variants(phrasing: str) -> list[str]:
    """All that `varied` may make of a phrasing."""
    parts = _CHOICE.split(phrasing)
    choices = [part.split("/") if number % 2 else [part] for number, part in enumerate(parts)]
    return [" ".join("".join(each).split()) for each in itertools.product(*choices)]


def filled(phrasing: str, values: Mapping[str, Value | Mention]) -> str:
    """The phrasing with its values as they are said; "a" before a vowel is "an"."""

    def said(match: re.Match[str]) -> str:
        value, form = values[match[1]], match[2] or ""
        if isinstance(value, Mention):
            return value.form(form)
        return ordinal(int(value)) if form == "nth" else spoken_value(value)

    return " ".join(_BEFORE_VOWEL.sub("an", _SLOT.sub(said, phrasing)).split())


def one_of(*shapes: str) -> Callable[[random.Random, Arguments], ResultText]:
    """One of the shapes, filled with the call's arguments: the same words written and said."""

    def draw_value(rng: random.Random, arguments: Arguments) -> ResultText:
        text = rng.choice(shapes).format(**arguments)
        return text, text

    return draw_value


def number_of(values: Sequence[int], unit: str) -> Callable[[random.Random, Arguments], ResultText]:
    """A number with its unit: digits written, words said."""

    def draw_value(rng: random.Random, arguments: Arguments) -> ResultText:
        value = rng.choice(values)
        return f"{value} {unit}", f"{spoken_value(value)} {unit}"

    return draw_value
