"""Carrier phrases around a request: politeness, wishes, impatience. A phrasing is one and an intent template.

The intent template says what is to be done ("turn on {where}") and is written without any politeness; the
carrier phrase is drawn here ("could you {} for me"). So a few dozen templates make hundreds of phrasings of
one function.
"""

import random

ASKING = (
    "what", "when", "where", "who", "how", "which", "why", "is ", "are ", "do ", "does ", "did ", "will ",
    "was ", "am ", "has ", "have ", "should ", "any ",
)  # fmt: skip
STATING = ("i ", "we ", "it ", "the ", "my ", "there ", "next", "previous", "more", "less", "one ", "time ")

ANY = ("{}", "{}", "{}", "{}", "{}", "{}", "hey {}", "okay {}", "so {}", "hello {}")
STATED = (*ANY, *ANY, "{} please", "{} now", "and {}", "well {}", "right {}", "listen {}")
ASKED = (
    *ANY, *ANY, "tell me {}", "please tell me {}", "can you tell me {}", "could you tell me {}",
    "excuse me {}", "do you know {}", "{} right now", "quick question {}", "i want to know {}", "and {}",
    "well {}", "now {}",
)  # fmt: skip
ORDERED = (
    *ANY, *ANY, "please {}", "please {}", "{} please", "{} please", "{} now", "{} thanks", "{} for me",
    "{} right now", "could you {}", "could you {}", "can you {}", "can you {}", "would you {}", "will you {}",
    "could you please {}", "can you please {}", "would you please {}", "can you {} for me",
    "could you {} for me", "could you {} please", "can you {} please", "i want you to {}", "i need you to {}",
    "i would like you to {}", "go ahead and {}", "just {}", "quickly {}", "now {}", "well {}",
    "hey could you {}",
    "hey can you {}", "hello please {}", "okay now {}", "do me a favor and {}", "be so kind and {}",
    "it is time to {}",
    "i think you should {}", "you can {}", "you should {}", "let us {}", "first {}", "okay please {}",
)  # fmt: skip
BETWEEN = " / "


def carriers_of(template: str) -> tuple[str, ...]:
    """Those that fit an intent template: an order, a question or a statement; some come twice as often."""
    if template.startswith(ASKING):
        return ASKED if template.startswith(("what", "when", "where", "who", "how", "which")) else STATED
    return STATED if template.startswith(STATING) or template.endswith((" please", " thanks")) else ORDERED


def with_carrier(rng: random.Random, text: str, template: str) -> tuple[str, str]:
    """(what is said, its phrasing) for an intent template and the text that it makes."""
    carrier = rng.choice(carriers_of(template))
    return carrier.format(text), f"{carrier}{BETWEEN}{template}"


def without_carrier(phrasing: str) -> str:
    """The phrasing of the same intent template alone, as a clause in the middle of a sentence says it."""
    return f"{{}}{BETWEEN}{phrasing.split(BETWEEN)[-1]}"
