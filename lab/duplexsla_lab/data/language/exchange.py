"""One request and what follows from it, and how one is drawn from phrasings."""

import random
import re
from dataclasses import dataclass
from typing import NamedTuple

Value = str | int | float
Arguments = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what follows from it. `function` is None when nothing is to be done."""

    said: str  # the user's words
    function: str | None
    arguments: Arguments
    outcome: str  # text on the action channel, for example " [ done]"; "" without a call
    reply: str  # the assistant's words
    phrasing: str  # the template, for the splits
    bare_text: str = ""  # the words without a carrier phrase, for a clause in the middle of a sentence


class ExchangeDraft(NamedTuple):
    """What a generator draws; `value` is what the outcome says of it, "" for nothing."""

    said: str
    phrasing: str
    function: str
    arguments: Arguments
    value: str
    reply: str


def pick(rng: random.Random, phrasings: str, **slots: str) -> tuple[str, str]:
    """One of the `|`-separated phrasings -> (filled, phrasing)."""
    phrasing = rng.choice(phrasings.split("|"))
    return re.sub(r"{(\w+)}", lambda match: slots[match[1]], phrasing), phrasing
