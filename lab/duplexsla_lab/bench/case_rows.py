"""Cases as JSON, one object each:

    {"id": "pause-0001", "scenario": "pause", "toolset": "home", "audio": "pause-0001.wav",
     "anchors": {"user_end_s": 2.31}}
    {"id": "multi-0007", "scenario": "multi", "toolset": "car", "samples": "<base64 of 16-bit samples>",
     "wanted": [{"function": "open_app", "arguments": {"app": "maps"}, "offset_s": 1.12}],
     "history": [{"user": "hello", "assistant": "good evening", "audio": "hello.wav"}],
     "notes": {"voice": "en-us+f3"}}

A sound is one of: `audio`, a path beside the file (WAV, PCM, 16 bits, mono, 16 kHz); `samples`, base64; or
`span`, [from, to) of the samples that are stored with the row. With `at` and `length` beside it, it stands
in that much silence. A turn may have a `rest` and a `track` (see case.py).
"""

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from duplexsla_lab.bench.case import (
    ActionText,
    AssistantTrack,
    Case,
    CaseError,
    CaseSentence,
    CaseTurn,
    ExpectedCall,
    PlacedSound,
    Samples,
    Sound,
)
from duplexsla_lab.bench.event_log import log_from

Row = dict[str, Any]
Write = Callable[[Samples], Row]
"""Puts samples somewhere, and says where as a part of the row."""

_SOUND_FIELDS = {"audio", "samples", "span", "at", "length"}
_FIELDS = {"id", "scenario", "toolset", "anchors", "wanted", "history", "notes", "truth", *_SOUND_FIELDS}


def case_from(row: Mapping[str, Any], folder: Path, stored: Samples | None = None) -> Case:
    """The case of one JSON object; `stored`: the samples beside it, for spans.

    KeyError, TypeError, ValueError or CaseError for what is none.
    """
    if strangers := sorted(row.keys() - _FIELDS):
        raise CaseError(f"unknown field {strangers[0]!r}")
    audio = _sound(row, folder, stored)
    if audio is None:
        raise CaseError("neither audio nor samples")
    return Case(
        id=str(row["id"]),
        scenario=row["scenario"],
        toolset=row["toolset"],
        audio=audio,
        anchors={name: _seconds(name, value) for name, value in row.get("anchors", {}).items()},
        wanted=tuple(_wanted(each) for each in row.get("wanted", ())),
        history=tuple(_turn(turn, folder, stored) for turn in row.get("history", ())),
        notes=row.get("notes", {}),
        truth=log_from(row["truth"]) if "truth" in row else None,
    )


def case_row(case: Case, folder: Path, write: Write | None = None) -> Row:
    """What `case_from` reads back; paths become relative to `folder`, samples base64 or what `write` says."""
    write = write or _base64
    row = {
        "id": case.id,
        "scenario": case.scenario,
        "toolset": case.toolset,
        **_sound_row(case.audio, folder, write),
        "anchors": dict(case.anchors),
        "wanted": [
            {"function": each.function, "arguments": dict(each.arguments), "offset_s": each.offset_s}
            for each in case.wanted
        ],
        "history": [_turn_row(turn, folder, write) for turn in case.history],
        "notes": dict(case.notes),
    }
    return row | ({"truth": case.truth.row()} if case.truth else {})


def _turn(row: Mapping[str, Any], folder: Path, stored: Samples | None) -> CaseTurn:
    track = _track(row["track"], folder, stored) if "track" in row else None
    return CaseTurn(row["user"], row["assistant"], _sound(row, folder, stored), row.get("rest", ""), track)


def _turn_row(turn: CaseTurn, folder: Path, write: Write) -> Row:
    row = {"user": turn.user, "assistant": turn.assistant, **_sound_row(turn.audio, folder, write)}
    row |= {"rest": turn.rest} if turn.rest else {}
    return row | ({"track": _track_row(turn.track, folder, write)} if turn.track else {})


def _track(row: Mapping[str, Any], folder: Path, stored: Samples | None) -> AssistantTrack:
    sentences = []
    for each in row["sentences"]:
        sound = _sound(each, folder, stored)
        if not isinstance(sound, np.ndarray):
            raise CaseError("a sentence of the history has no samples")
        words = tuple((start, end, word) for start, end, word in each["words"])
        sentences.append(CaseSentence(words, each["first"], each["end"], sound))
    return AssistantTrack(
        row["chunks"], tuple(sentences), tuple(ActionText(*each) for each in row["writing"])
    )


def _track_row(track: AssistantTrack, folder: Path, write: Write) -> Row:
    sentences = [
        {"words": each.words, "first": each.first, "end": each.end, **_sound_row(each.sound, folder, write)}
        for each in track.sentences
    ]
    writing = [[each.chunk, each.text, each.forced] for each in track.writing]
    return {"chunks": track.chunks, "sentences": sentences, "writing": writing}


def _wanted(row: Mapping[str, Any]) -> ExpectedCall:
    offset_s = _seconds("offset_s", row["offset_s"])
    return ExpectedCall(row["function"], dict(row["arguments"]), offset_s)


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CaseError(f"{name} is no time in seconds: {value!r}")
    return float(value)


def _sound(row: Mapping[str, Any], folder: Path, stored: Samples | None) -> Sound | None:
    if "audio" in row:
        return folder / row["audio"]
    samples = _span(row["span"], stored) if "span" in row else _from_base64(row.get("samples"))
    if samples is None or "at" not in row:
        return samples
    return PlacedSound(samples, int(row["at"]), int(row["length"]))


def _span(span: tuple[int, int], stored: Samples | None) -> Samples:
    first, end = span
    if stored is None or not 0 <= first <= end <= len(stored):
        raise CaseError(f"no samples {first} to {end} are stored with it")
    return stored[first:end]


def _from_base64(text: str | None) -> Samples | None:
    if text is None:
        return None
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), "<i2")
    except (binascii.Error, ValueError) as error:
        raise CaseError(f"samples are no base64 of 16-bit samples: {error}") from error


def _sound_row(sound: Sound | None, folder: Path, write: Write) -> Row:
    if sound is None:
        return {}
    if isinstance(sound, Path):
        return {"audio": str(sound.relative_to(folder) if sound.is_relative_to(folder) else sound)}
    if isinstance(sound, PlacedSound):
        return {**write(sound.sound), "at": sound.at, "length": sound.length}
    return write(sound)


def _base64(samples: Samples) -> Row:
    return {"samples": base64.b64encode(samples.astype("<i2").tobytes()).decode()}
