"""Proof that nothing of a case is in training: voice, phrasings, combinations, and the very sound."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from duplexsla_lab.bench.case import Case
from duplexsla_lab.data.shards import Shards
from duplexsla_lab.data.voices.voices import UserVoice

TRAINING_KINDS = ("train",)
Row = Mapping[str, Any]


@dataclass(slots=True)
class TrainingContents:
    """What a corpus holds. hashes: of every utterance of any kind; the rest: of training alone."""

    voices: set[str] = field(default_factory=set)
    phrasings: set[str] = field(default_factory=set)
    combinations: set[str] = field(default_factory=set)
    hashes: set[str] = field(default_factory=set)
    rows: int = 0

    def add(self, row: Row) -> None:
        """A scenario of training."""
        self.rows += 1
        self.voices.add(UserVoice(**row["voice"]).group)
        for each in row["lines"]:
            self.hashes.add(each["hash"])
            self.phrasings.update(each["line"]["phrasings"])
            calls = [(action["name"], action["arguments"]) for action in each["line"]["acts"]]
            self.combinations.update(_combinations(calls))


def training_contents(folder: Path) -> TrainingContents:
    """Of the corpus in a folder. Raises CorpusError for a damaged shard."""
    found = TrainingContents()
    for kind in TRAINING_KINDS:
        for row in Shards(folder, kind).rows():
            found.add(row)
    for kind in sorted(
        {path.stem.rsplit("-", 1)[0] for path in folder.glob("*.jsonl")} - set(TRAINING_KINDS)
    ):
        for row in Shards(folder, kind).rows():
            found.hashes.update(_hashes(row))
    return found


def leaks(cases: Iterable[Case], training: TrainingContents) -> Iterator[str]:
    """A line for each thing of a case that the corpus holds, too."""
    for case in cases:
        notes = case.notes
        calls = [(each.function, each.arguments) for each in case.wanted] + notes["history_calls"]
        yield from _shared(case, "voice", [notes["voice"]], training.voices)
        yield from _shared(
            case, "phrasing", notes["phrasings"] + notes["history_phrasings"], training.phrasings
        )
        yield from _shared(case, "combination", _combinations(calls), training.combinations)
        yield from _shared(case, "sound", notes["hashes"], training.hashes)


def _shared(case: Case, what: str, of_case: Iterable[str], of_corpus: set[str]) -> Iterator[str]:
    return (f"{case.id}: {what} {each}" for each in of_case if each in of_corpus)


def _combinations(calls: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Of two values and more: a single one is in every split."""
    return [f"{name} {sorted(values.items())}" for name, values in calls if len(values) > 1]


def _hashes(row: Row) -> list[str]:
    lines = row.get("lines", [row])  # a sentence of the assistant has no lines
    return [each["hash"] for each in lines if "hash" in each]
