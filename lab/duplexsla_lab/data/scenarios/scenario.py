"""A conversation before it is spoken: what the user says, what is to be done at which word, what is answered.

Pure text. Every action object (paper appendix E) hangs on the word whose end makes it clear; `timeline.py`
puts it on the clock.
"""

import random
from dataclasses import dataclass, field, replace
from typing import Literal

from duplexsla.protocol.tokens import LABELS
from duplexsla_lab.data.language.exchange import Arguments
from duplexsla_lab.data.splits import split_of

FAMILIES = ("dialogue", "single", "multi", "pause", "backchannel", "backchannel_action", "interrupt")
"""Paper table 2: ordinary talk; one call; several calls; a hesitant request; feedback; an unrelated request
while the assistant talks; a new thought that cuts the assistant's speech."""


HOME_2_FAMILIES = (
    "nothing", "cannot", "correction", "ambiguity", "confirmation", "follow_up", "shared_verb", "happening",
    "people", "television", "echo",
)  # fmt: skip
"""Beside the paper's, of version 2's home: nobody asks anything; what can not be done; a change of mind;
which one is meant; asked before it is done; a second turn that leans on the first; several devices and one
verb; what happens at home; people among themselves; a television; the assistant's own voice come back."""

Speaker = Literal["user", "other", "television", "echo"]


@dataclass(frozen=True, slots=True)
class ScenarioAction:
    """An action object. name: a function, or "response", "interrupt", "backchannel"."""

    name: str
    word: int  # index of the user's word at whose end it is triggered
    arguments: Arguments = field(default_factory=dict)
    planning: str = ""
    outcome: str = ""  # what the service feeds back, " [ done]"; "" for labels

    @property
    def is_call(self) -> bool:
        return f"<{self.name}>" not in LABELS


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """One utterance of the user and what follows from it.

    over_words: None, and it comes when all is quiet, after `silence_s`; or it starts `silence_s`
    after the assistant has said that many words of what it is saying. pauses: (before which word, seconds).
    answer: sentences, each planned when it is its turn, and none before all the line's outcomes are known.
    event: what the service writes: of a line without words when it is its turn, of one that interrupts the
    words that were heard. speaker: whose voice it is; the assistant's own come back is not written down.
    """

    words: tuple[str, ...]
    actions: tuple[ScenarioAction, ...]
    answer: tuple[str, ...] = ()
    over_words: int | None = None
    silence_s: float = 0.5
    pauses: tuple[tuple[int, float], ...] = ()
    phrasings: tuple[str, ...] = ()  # templates, for the splits
    speaker: Speaker = "user"
    event: str = ""

    def __post_init__(self) -> None:
        if not self.words and not self.event:
            raise ValueError("a line says something, or something happens")
        if any(not 0 <= action.word < len(self.words) for action in self.actions):
            raise ValueError(f"an action hangs on no word of {self.words}")
        if list(self.actions) != sorted(self.actions, key=lambda action: action.word):
            raise ValueError("actions stand in the order of their words")
        if any(not 0 < before < len(self.words) for before, _ in self.pauses):
            raise ValueError("a pause stands between two words")

    @property
    def said(self) -> str:
        return " ".join(self.words)

    @property
    def calls(self) -> tuple[ScenarioAction, ...]:
        return tuple(action for action in self.actions if action.is_call)

    @property
    def answer_words(self) -> int:
        return sum(len(sentence.split()) for sentence in self.answer)

    def answering(self, sentences: tuple[str, ...]) -> "ScenarioLine":
        return replace(self, answer=sentences)

    def after(self, rng: random.Random, most_s: float) -> "ScenarioLine":
        """The line after a silence of up to `most_s`."""
        return replace(self, silence_s=rng.uniform(0.05, most_s))

    def with_word(self, before: int, word: str) -> "ScenarioLine":
        """One more word: the actions and pauses behind it move along."""
        actions = tuple(
            replace(action, word=action.word + (action.word >= before)) for action in self.actions
        )
        pauses = tuple((at + (at >= before), length) for at, length in self.pauses)
        words = (*self.words[:before], word, *self.words[before:])
        return replace(self, words=words, actions=actions, pauses=pauses)

    def with_pause(self, before: int, pause_s: float) -> "ScenarioLine":
        return replace(self, pauses=tuple(sorted((*self.pauses, (before, pause_s)))))


@dataclass(frozen=True, slots=True)
class Scenario:
    """The lines of one conversation, in order. toolset: "home" or "car"."""

    family: str
    toolset: str
    lines: tuple[ScenarioLine, ...]

    @property
    def calls(self) -> tuple[ScenarioAction, ...]:
        return tuple(call for line in self.lines for call in line.calls)

    @property
    def split(self) -> str:
        """Which of "train", "combinations" "phrasings" it is in: held out if any of its parts is."""
        phrasings = (phrasing for line in self.lines for phrasing in line.phrasings)
        calls = ((call.name, call.arguments) for call in self.calls)
        return split_of(phrasings, calls, said=(f"{line.said}{line.event}" for line in self.lines))
