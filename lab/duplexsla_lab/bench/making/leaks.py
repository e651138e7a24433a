"""Proof that nothing of a case is in training: voice, phrasings, combinations, and the very sound; nor four
words in a row of the sentences that another's collection judges by."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from duplexsla_lab.bench.case import Case
from duplexsla_lab.data.language.contractions import expanded
from duplexsla_lab.data.shards import Shards
from duplexsla_lab.data.voices.voices import UserVoice

TRAINING_KINDS = ("train",)
GRAM_WORDS = 4
COMMON_GRAMS = 500  # of a judge's, the most frequent: any two people say them
Row = Mapping[str, Any]


@dataclass(slots=True)
class TrainingContents:
    """What a corpus holds. hashes: of every utterance of any kind; the rest of training alone. grams: every
    four words that a user says in a row."""

    voices: set[str] = field(default_factory=set)
    phrasings: set[str] = field(default_factory=set)
    combinations: set[str] = field(default_factory=set)
    hashes: set[str] = field(default_factory=set)
    grams: set[tuple[str, ...]] = field(default_factory=set)
    rows: int = 0

    def add(self, row: Row) -> None:
        """A scenario of training."""
        self.rows += 1
        self.voices.add(UserVoice(**row["voice"]).group)
        for each in row["lines"]:
            self.hashes.add(each["hash"])
            self.grams.update(four_grams(" ".join(each["line"]["words"])))
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


def four_grams(text: str) -> Iterator[tuple[str, ...]]:
    """Every four words in a row; short forms as two words, so that "it's on" is "it is on"."""
    words = expanded(text.lower()).split()
    return (tuple(words[i : i + GRAM_WORDS]) for i in range(len(words) - GRAM_WORDS + 1))


def judged_leaks(
    sentences: Iterable[str], training: TrainingContents, *, common: int = COMMON_GRAMS
) -> Iterator[str]:
    """A line for each four words of a judge's sentences that training says, too, with how many of the
    sentences have them; without the `common` that most of the sentences have."""
    counts = Counter(gram for sentence in set(sentences) for gram in set(four_grams(sentence)))
    usual = {gram for gram, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:common]}
    for gram in sorted(counts.keys() - usual):
        if gram in training.grams:
            yield f"judge: {' '.join(gram)} ({counts[gram]})"


def _shared(case: Case, what: str, of_case: Iterable[str], of_corpus: set[str]) -> Iterator[str]:
    return (f"{case.id}: {what} {each}" for each in of_case if each in of_corpus)


def _combinations(calls: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Of two values and more: a single one is in every split."""
    return [f"{name} {sorted(values.items())}" for name, values in calls if len(values) > 1]


def _hashes(row: Row) -> list[str]:
    lines = row.get("lines", [row])  # a sentence of the assistant has no lines
    return [each["hash"] for each in lines if "hash" in each]
