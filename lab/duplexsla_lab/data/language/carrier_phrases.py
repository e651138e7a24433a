"""What stands around a request: politeness, wishes, impatience. A phrasing is a frame and a core together.

The core says what is to be done ("turn on {where}") and is written without any politeness; the frame is drawn
here ("could you {} for me"). So a few dozen cores and the frames make hundreds of phrasings of one function.
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


def frames(core: str) -> tuple[str, ...]:
    """The frames that fit a core: an order, a question or a statement; repeated ones are drawn more often."""
    if core.startswith(ASKING):
        return ASKED if core.startswith(("what", "when", "where", "who", "how", "which")) else STATED
    return STATED if core.startswith(STATING) or core.endswith((" please", " thanks")) else ORDERED


def framed(rng: random.Random, said: str, core: str) -> tuple[str, str]:
    """(what is said, its phrasing) for a core, given as said and as a template."""
    frame = rng.choice(frames(core))
    return frame.format(said), f"{frame}{BETWEEN}{core}"


def bare(phrasing: str) -> str:
    """The phrasing of the same core without a frame, as a clause in the middle of a sentence says it."""
    return f"{{}}{BETWEEN}{phrasing.split(BETWEEN)[-1]}"
