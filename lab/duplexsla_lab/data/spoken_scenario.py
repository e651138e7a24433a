"""A scenario that a voice has spoken, as it is stored: a row of JSON, and its samples."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from duplexsla_lab.data.pcm import PCM_SCALE, Samples, pcm
from duplexsla_lab.data.scenarios.scenario import Scenario, ScenarioAction, ScenarioLine
from duplexsla_lab.data.timeline.timeline import SpokenLine


def sample_hash(samples: Samples) -> str:
    """The first 16 hex digits of the samples' SHA-256: by it a recording is found again."""
    return hashlib.sha256(np.ascontiguousarray(samples).tobytes()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class SpokenScenario:
    """voice: what `voices.Voice` holds, as a mapping."""

    scenario: Scenario
    voice: Mapping[str, Any]
    lines: tuple[SpokenLine, ...]

    def texts(self) -> list[str]:
        """All that is said and written in it."""
        scenario = self.scenario
        lines = [text for line in scenario.lines for text in (line.said, *line.answer)]
        events = [line.event for line in scenario.lines if line.event]
        return lines + [f" {call.outcome}" for call in scenario.calls] + events


def to_row(spoken: SpokenScenario) -> tuple[dict[str, Any], Samples]:
    """(row, samples of all lines end to end)."""
    sounds = [pcm(line.samples) for line in spoken.lines]
    lines = []
    for line, sound in zip(spoken.lines, sounds, strict=True):
        words = [(round(start, 3), round(end, 3)) for start, end, _ in line.words]
        phones = [(round(start, 3), phone) for start, phone in line.phones]
        lines.append(
            {
                "line": _line_row(line.line),
                "words": words,
                "phones": phones,
                "samples": len(sound),
                "hash": sample_hash(sound),
            }
        )
    scenario = spoken.scenario
    row = {
        "family": scenario.family,
        "toolset": scenario.toolset,
        "voice": dict(spoken.voice),
        "lines": lines,
    }
    return row, np.concatenate(sounds)


def from_row(row: Mapping[str, Any], samples: Samples) -> SpokenScenario:
    """What `to_row` made. KeyError and TypeError for what is none."""
    lines, at = [], 0
    for each in row["lines"]:
        line, sound = _line(each["line"]), samples[at : at + each["samples"]]
        words = [(start, end, word) for (start, end), word in zip(each["words"], line.words, strict=True)]
        phones = [(start, phone) for start, phone in each["phones"]]
        lines.append(SpokenLine(line, sound.astype(np.float32) * PCM_SCALE, words, phones))
        at += each["samples"]
    scenario = Scenario(row["family"], row["toolset"], tuple(line.line for line in lines))
    return SpokenScenario(scenario, row["voice"], tuple(lines))


def _line_row(line: ScenarioLine) -> dict[str, Any]:
    """Its actions stand under "acts" in the rows; a user who says something is not told apart."""
    fields = asdict(line)
    fields["acts"] = fields.pop("actions")
    usual = {"speaker": "user", "event": ""}
    return {name: value for name, value in fields.items() if usual.get(name) != value}


def _line(row: Mapping[str, Any]) -> ScenarioLine:
    fields = dict(row)
    actions = tuple(ScenarioAction(**action) for action in fields.pop("acts"))
    pauses = tuple((before, pause_s) for before, pause_s in fields["pauses"])
    tuples = {name: tuple(fields[name]) for name in ("words", "answer", "phrasings")}
    return ScenarioLine(**{**fields, **tuples, "actions": actions, "pauses": pauses})


def with_line_fields(spoken: SpokenScenario, **fields: Any) -> SpokenScenario:
    """The same sounds, with those fields of every line replaced: a listening task asks for less."""
    lines = tuple(replace(each, line=replace(each.line, **fields)) for each in spoken.lines)
    scenario = replace(spoken.scenario, lines=tuple(each.line for each in lines))
    return replace(spoken, scenario=scenario, lines=lines)
