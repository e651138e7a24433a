"""A test case: user audio, what happens in it and when (paper tables 3 and 4), and what must be called.

Times in seconds from the start of the case's own audio, history not counted. `case_rows.py` has its JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duplexsla.audio.wav import read_wav
from duplexsla.clock import CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla.errors import ActionRefused, AudioError, BadInput
from duplexsla.tools import TOOLSETS
from duplexsla_lab.bench.event_log import EventLog

Samples = NDArray[np.int16]

TURN_SCENARIOS = ("normal", "pause", "interrupt", "backchannel")
TOOL_SCENARIOS = ("single", "multi", "backchannel_action")
# Scenario -> the anchors of table 3 that it needs.
ANCHORS = {
    "normal": ("user_end_s",),
    "pause": ("user_end_s",),
    "interrupt": ("interrupt_s",),
    "backchannel": ("backchannel_start_s", "backchannel_end_s"),
    **dict.fromkeys(TOOL_SCENARIOS, ()),
}


class CaseError(BadInput):
    """A case that cannot be used: the message says where it stands and what is wrong."""

    code = "bad_case"


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """A call that the user's words ask for, at `offset_s`, its semantic trigger."""

    function: str
    arguments: Mapping[str, str | int | float]
    offset_s: float


@dataclass(frozen=True, slots=True)
class PlacedSound:
    """A sound in the midst of silence: `length` samples in all, it begins at sample `at`."""

    sound: Samples
    at: int
    length: int

    def samples(self) -> Samples:
        track = np.zeros(self.length, np.int16)
        heard = self.sound[: max(0, self.length - self.at)]
        track[self.at :][: len(heard)] = heard
        return track


Sound = Path | Samples | PlacedSound


@dataclass(frozen=True, slots=True)
class CaseSentence:
    """A sentence of the assistant in a history: it sounds in the chunks first..end-1.

    words: (start s, end s, word) from the sentence's own start; sound: int16 [2560 n], whole, also where the
    case begins before its end.
    """

    words: tuple[tuple[float, float, str], ...]
    first: int
    end: int
    sound: Samples

    @property
    def text(self) -> str:
        return " ".join(word for *_, word in self.words)


@dataclass(frozen=True, slots=True)
class ActionText:
    """What stands on the action channel in one chunk; its first `forced` characters are the service's."""

    chunk: int
    text: str
    forced: int = 0


@dataclass(frozen=True, slots=True)
class AssistantTrack:
    """The assistant's side of a turn, chunk by chunk, for systems that can be given a past to have lived."""

    chunks: int
    sentences: tuple[CaseSentence, ...]
    writing: tuple[ActionText, ...]

    def samples(self) -> Samples:
        """What is heard of the assistant, int16 [2560 chunks]."""
        track = np.zeros(self.chunks * CHUNK_SAMPLES, np.int16)
        for each in self.sentences:
            heard = each.sound[: (each.end - each.first) * CHUNK_SAMPLES]
            track[each.first * CHUNK_SAMPLES :][: len(heard)] = heard
        return track


@dataclass(frozen=True)
class CaseTurn:
    """One exchange of the dialogue before the case.

    assistant: what was said before the case begins; rest: what the assistant is about to say then, "" when
    it has finished. `audio` is the user's track of the turn, as long as it took; `track` the other side.
    """

    user: str
    assistant: str
    audio: Sound | None = None
    rest: str = ""
    track: AssistantTrack | None = None

    def samples(self) -> Samples:
        """int16 [N]; empty without audio. Raises CaseError."""
        return np.zeros(0, np.int16) if self.audio is None else _samples(self.audio)


@dataclass(frozen=True)
class Case:
    """Raises CaseError when its parts do not belong together.

    truth: what the data has an assistant do in this case, if that is known.
    """

    id: str
    scenario: str
    toolset: str
    audio: Sound
    anchors: Mapping[str, float] = field(default_factory=dict)
    wanted: tuple[ExpectedCall, ...] = ()
    history: tuple[CaseTurn, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    truth: EventLog | None = None

    def __post_init__(self) -> None:
        if self.scenario not in ANCHORS:
            raise CaseError(f"case {self.id}: no scenario {self.scenario!r}, there is {', '.join(ANCHORS)}")
        if self.toolset not in TOOLSETS:
            raise CaseError(f"case {self.id}: no toolset {self.toolset!r}, there is {', '.join(TOOLSETS)}")
        if missing := [name for name in ANCHORS[self.scenario] if name not in self.anchors]:
            raise CaseError(f"case {self.id}: a case of {self.scenario} needs the anchor {missing[0]}")
        if self.is_tool and not self.wanted:
            raise CaseError(f"case {self.id}: a case of {self.scenario} needs a wanted call")
        for wanted in self.wanted:
            self._check_call(wanted)

    def _check_call(self, wanted: ExpectedCall) -> None:
        try:
            TOOLSETS[self.toolset].validate(wanted.function, wanted.arguments)
        except ActionRefused as error:
            raise CaseError(f"case {self.id}: wanted call: {error}") from error

    @property
    def is_tool(self) -> bool:
        return self.scenario in TOOL_SCENARIOS

    @property
    def needs_history(self) -> bool:
        """Whether the assistant is speaking when the case begins."""
        return any(turn.rest for turn in self.history)

    def samples(self) -> Samples:
        """The user's audio, int16 [N]. Raises CaseError for audio that cannot be read."""
        return _samples(self.audio)


def _samples(audio: Sound) -> Samples:
    if isinstance(audio, PlacedSound):
        return audio.samples()
    if not isinstance(audio, Path):
        return audio
    try:
        return np.frombuffer(read_wav(audio), "<i2")
    except (OSError, AudioError) as error:
        raise CaseError(f"audio {audio}: {error}") from error


def seconds(samples: Samples) -> float:
    return len(samples) / SAMPLE_RATE
