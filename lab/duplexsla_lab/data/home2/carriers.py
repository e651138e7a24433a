"""What people put around a request: a wake word in front or behind, courtesy, haste, a word to begin with."""

import random

from duplexsla_lab.data.language.carrier_phrases import ASKING, BETWEEN, STATING

WAKE_WORDS = ("assistant", "computer", "jarvis", "nabu", "house", "mycroft")
_WAKING = tuple(f"{call}{word}" for word in WAKE_WORDS for call in ("hey ", "hey ", "okay ", "", "hello "))
PLAIN = ("{}",) * 10
STATED = (
    *PLAIN, *PLAIN,
    "oh {}", "well {}", "so {}", "hmm {}", "you know {}", "hey {}", "honestly {}", "okay {}", "{} right now",
    "um {}",
)  # fmt: skip
ASKED = (
    *PLAIN, *PLAIN,
    "hey {}", "okay {}", "so {}", "tell me {}", "quick question {}", "excuse me {}", "sorry {}", "um {}",
    "well {}", "say {}", "and {}", "oh {}", "{} please", "{} by the way", "just wondering {}",
    "one question {}", "before i forget {}", "listen {}", "i was wondering {}", "wait {}", "uh {}",
)  # fmt: skip
ORDERED = (
    *PLAIN, *PLAIN,
    "please {}", "please {}", "{} please", "{} please", "could you {}", "could you {}", "can you {}",
    "can you {}", "could you please {}", "can you please {}", "would you {}", "would you please {}",
    "will you {}", "could you {} please", "can you {} for me", "could you {} for me", "{} thanks",
    "{} thank you", "{} for me", "{} now", "hey {}", "okay {}", "just {}", "quickly {}", "go ahead and {}",
    "be so kind and {}", "be a dear and {}", "do me a favor and {}", "i want you to {}", "i need you to {}",
    "i would like you to {}", "i would appreciate it if you could {}", "you should {}", "you can {}",
    "you may {}", "maybe {}", "now {}", "um {}", "uh could you {}", "well {}", "so {}", "oh and {}",
    "oh and could you {}", "and {}", "also {}", "also please {}", "then {}", "can somebody {}",
    "could somebody {}", "i think you should {}", "it is time to {}", "would you be able to {}",
    "are you able to {}", "do you think you can {}", "i was wondering if you could {}",
    "could i ask you to {}", "may i ask you to {}", "please could you {}", "if you could {}",
    "if you can {}", "when you have a second {}", "real quick {}", "first {}", "right {}",
    "excuse me could you {}", "sorry could you {}", "hey there {}", "hi {}", "hello could you {}",
    "let us {}", "why don't you {}", "why not {}", "try to {}", "i said {}", "once more {}",
    "{} when you can", "{} if you can", "{} if you do not mind", "{} real quick", "{} my friend",
    "{} would you",
)  # fmt: skip
# An order begins with a verb: with other words only the plain ones of STATED fit.
VERBS = frozenset((
    "turn", "switch", "put", "flip", "power", "fire", "start", "activate", "enable", "get", "let", "have",
    "leave", "make", "bring", "set", "give", "shut", "kill", "cut", "deactivate", "disable", "dim", "change",
    "adjust", "brighten", "lower", "raise", "keep", "soften", "tone", "take", "add", "bump", "paint",
    "color", "use", "go", "open", "pull", "roll", "draw", "slide", "close", "lock", "bolt", "secure",
    "unlock", "unbolt", "release", "arm", "disarm", "run", "launch", "send", "dock", "park", "return",
    "call", "stop", "pause", "halt", "freeze", "hold", "resume", "continue", "play", "find", "show", "skip",
    "mute", "unmute", "silence", "shush", "pump", "crank", "broadcast", "announce", "tell", "say", "spread",
    "cancel", "delete", "clear", "remove", "drop", "forget", "undo", "revert", "reverse", "restore", "wake",
    "ring", "remind", "create", "check", "tick", "mark", "complete", "cross", "strike", "write", "note",
    "read", "list", "tilt", "move", "heat", "warm", "cool", "increase", "decrease", "reduce", "extend",
    "lengthen", "shorten", "subtract", "vacuum", "clean", "hoover", "mop", "sweep", "light", "lighten",
    "count", "choose", "select", "trigger", "begin", "water", "time", "explain", "speed", "slow", "remember",
    "prepare", "surprise", "rewind", "jump", "press", "end", "quit", "carry", "describe",
))  # fmt: skip
WAKE_FRONT, WAKE_BEHIND = 0.14, 0.05
WHOLE = (
    "would you", "could ", "can ", "may ", "mind ", "any chance", "is it possible", "how about",
    "what about", "do you", "why ", "who ", "please ", "let us", "let there", "maybe ",
)  # fmt: skip


def carriers_of(text: str) -> tuple[str, ...]:
    """Those that fit the words: a question, an order, or what only says how things are."""
    if text.startswith(WHOLE) or text.endswith((" please", " thanks", " now")):
        return PLAIN
    if text.startswith(("what", "when", "where", "who", "how", "which")):
        return ASKED
    if text.startswith((*ASKING, *STATING)) or text.split()[0] not in VERBS:
        return STATED
    return ORDERED


def around(rng: random.Random, text: str, template: str) -> tuple[str, str]:
    """(what is said, its phrasing) for the words of an intent template."""
    carrier = rng.choice(carriers_of(text))
    kind = rng.random()
    if kind < WAKE_FRONT:
        carrier = f"{rng.choice(_WAKING)} {carrier}"
    elif kind < WAKE_FRONT + WAKE_BEHIND:
        carrier = f"{carrier} {rng.choice(WAKE_WORDS)}"
    return carrier.format(text), f"{carrier}{BETWEEN}{template}"
