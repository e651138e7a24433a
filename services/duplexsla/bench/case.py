"""A test case: user audio, what happens in it and when (paper tables 3 and 4), and what must be called.

One JSON object a line. Times in seconds from the start of the case's own audio, history not counted:

    {"id": "pause-0001", "scenario": "pause", "toolset": "home", "audio": "pause-0001.wav",
     "anchors": {"user_end_s": 2.31}}
    {"id": "multi-0007", "scenario": "multi", "toolset": "car", "samples": "<base64 of 16-bit samples>",
     "wanted": [{"function": "open_app", "arguments": {"app": "maps"}, "offset_s": 1.12}],
     "history": [{"user": "hello", "assistant": "good evening", "audio": "hello.wav"}],
     "notes": {"voice": "en-us+f3"}}

Audio paths are relative to the file of cases: WAV, PCM, 16 bits, mono, 16 kHz.
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duplexsla.client import read_wav
from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import ActionRefused, AudioError, BadInput
from duplexsla.tools import TOOLSETS

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
class Wanted:
    """A call that the user's words ask for, at `offset_s`, its semantic trigger."""

    function: str
    arguments: Mapping[str, str | int | float]
    offset_s: float


@dataclass(frozen=True)
class Turn:
    """One exchange of the dialogue before the case. `audio` is the user's track of it, as long as it took."""

    user: str
    assistant: str
    audio: Path | Samples | None = None

    def samples(self) -> Samples:
        """int16 [N]; empty without audio. Raises CaseError."""
        return np.zeros(0, np.int16) if self.audio is None else _samples(self.audio)


@dataclass(frozen=True)
class Case:
    """Raises CaseError when its parts do not belong together."""

    id: str
    scenario: str
    toolset: str
    audio: Path | Samples
    anchors: Mapping[str, float] = field(default_factory=dict)
    wanted: tuple[Wanted, ...] = ()
    history: tuple[Turn, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)

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

    def _check_call(self, wanted: Wanted) -> None:
        try:
            TOOLSETS[self.toolset].validate(wanted.function, wanted.arguments)
        except ActionRefused as error:
            raise CaseError(f"case {self.id}: wanted call: {error}") from error

    @property
    def is_tool(self) -> bool:
        return self.scenario in TOOL_SCENARIOS

    def samples(self) -> Samples:
        """The user's audio, int16 [N]. Raises CaseError for audio that cannot be read."""
        return _samples(self.audio)


def read_cases(path: Path) -> list[Case]:
    """The cases of a JSON lines file, ids distinct. Raises CaseError that names file and line."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read: {error}") from error
    cases: dict[str, Case] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            case = _read_line(path, number, line)
            if case.id in cases:
                raise CaseError(f"{path}:{number}: case {case.id} is there twice")
            cases[case.id] = case
    if not cases:
        raise CaseError(f"{path} holds no case")
    return list(cases.values())


def _read_line(path: Path, number: int, line: str) -> Case:
    try:
        return case_from(json.loads(line), path.parent)
    except CaseError as error:
        raise CaseError(f"{path}:{number}: {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise CaseError(f"{path}:{number}: no case: {error}") from error
    except KeyError as error:
        raise CaseError(f"{path}:{number}: the field {error} is missing") from error


def case_from(row: Mapping[str, Any], folder: Path) -> Case:
    """The case of one JSON object. KeyError, TypeError, ValueError or CaseError for what is none."""
    known = {"id", "scenario", "toolset", "audio", "samples", "anchors", "wanted", "history", "notes"}
    if strangers := sorted(row.keys() - known):
        raise CaseError(f"unknown field {strangers[0]!r}")
    audio = _audio(row, folder)
    if audio is None:
        raise CaseError("neither audio nor samples")
    return Case(
        id=str(row["id"]),
        scenario=row["scenario"],
        toolset=row["toolset"],
        audio=audio,
        anchors={name: _seconds(name, value) for name, value in row.get("anchors", {}).items()},
        wanted=tuple(_wanted(each) for each in row.get("wanted", ())),
        history=tuple(
            Turn(turn["user"], turn["assistant"], _audio(turn, folder)) for turn in row.get("history", ())
        ),
        notes=row.get("notes", {}),
    )


def case_row(case: Case, folder: Path) -> dict[str, Any]:
    """What `case_from` reads back; paths become relative to `folder`, samples become base64."""
    return {
        "id": case.id,
        "scenario": case.scenario,
        "toolset": case.toolset,
        **_audio_row(case.audio, folder),
        "anchors": dict(case.anchors),
        "wanted": [
            {"function": each.function, "arguments": dict(each.arguments), "offset_s": each.offset_s}
            for each in case.wanted
        ],
        "history": [
            {"user": turn.user, "assistant": turn.assistant, **_audio_row(turn.audio, folder)}
            for turn in case.history
        ],
        "notes": dict(case.notes),
    }


def write_cases(path: Path, cases: Sequence[Case]) -> None:
    """A file that `read_cases` reads; audio files are referred to, not copied."""
    path.write_text("".join(json.dumps(case_row(case, path.parent)) + "\n" for case in cases), "utf-8")


def _wanted(row: Mapping[str, Any]) -> Wanted:
    offset_s = _seconds("offset_s", row["offset_s"])
    return Wanted(row["function"], dict(row["arguments"]), offset_s)


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CaseError(f"{name} is no time in seconds: {value!r}")
    return float(value)


def _audio(row: Mapping[str, Any], folder: Path) -> Path | Samples | None:
    if "samples" not in row:
        return folder / row["audio"] if "audio" in row else None
    try:
        return np.frombuffer(base64.b64decode(row["samples"], validate=True), "<i2")
    except (binascii.Error, ValueError) as error:
        raise CaseError(f"samples are no base64 of 16-bit samples: {error}") from error


def _audio_row(audio: Path | Samples | None, folder: Path) -> dict[str, str]:
    if audio is None:
        return {}
    if isinstance(audio, Path):
        return {"audio": str(audio.relative_to(folder) if audio.is_relative_to(folder) else audio)}
    return {"samples": base64.b64encode(audio.astype("<i2").tobytes()).decode()}


def _samples(audio: Path | Samples) -> Samples:
    if not isinstance(audio, Path):
        return audio
    try:
        return np.frombuffer(read_wav(audio), "<i2")
    except (OSError, AudioError) as error:
        raise CaseError(f"audio {audio}: {error}") from error


def seconds(samples: Samples) -> float:
    return len(samples) / SAMPLE_RATE
