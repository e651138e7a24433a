"""How a car function is asked for: phrasings that name its arguments, and what is answered."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from duplexsla.tools.car import CAR
from duplexsla_lab.data.language.exchange import Arguments, ExchangeDraft, Value
from duplexsla_lab.data.language.spoken_numbers import ordinal, spoken_value

ResultText = tuple[str, str]  # (as written, as said)

_SLOT = re.compile(r"{(\w+?)(_nth)?}")
_BEFORE_VOWEL = re.compile(r"\ba(?= [aei])")


@dataclass(frozen=True, slots=True)
class IntentPattern:
    """Ways to ask for one function. An argument is given when the phrasing has its slot.

    A slot is {argument}, or {argument_nth} for an ordinal. A reply may also have {result}; only
    replies are drawn whose slots are given. Phrasings and replies are `|`-separated.
    """

    function: str
    phrasings: str
    replies: str
    values: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    fixed: Mapping[str, Value] = field(default_factory=dict)
    result: Callable[[random.Random, Arguments], ResultText] | None = None

    def draw(self, rng: random.Random) -> ExchangeDraft:
        phrasing = rng.choice(self.phrasings.split("|"))
        chosen = {name: rng.choice(self.values[name]) for name in sorted(slots(phrasing))}
        arguments: Arguments = dict(CAR.validate(self.function, {**self.fixed, **chosen}))
        written, said = self.result(rng, arguments) if self.result else ("", "")
        reply = rng.choice([r for r in self.replies.split("|") if slots(r) <= {*chosen, "result"}])
        return ExchangeDraft(
            filled(phrasing, chosen),
            phrasing,
            self.function,
            arguments,
            written,
            filled(reply, {**chosen, "result": said}),
        )


def slots(phrasing: str) -> set[str]:
    return {match[1] for match in _SLOT.finditer(phrasing)}


def filled(phrasing: str, values: Mapping[str, Value]) -> str:
    """The phrasing with its values as they are said; "a" before a vowel is "an"."""

    def said(match: re.Match[str]) -> str:
        value = values[match[1]]
        return ordinal(int(value)) if match[2] else spoken_value(value)

    return _BEFORE_VOWEL.sub("an", _SLOT.sub(said, phrasing))


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
