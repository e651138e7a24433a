"""Packed shards: NAME.pcm (int16 samples end to end) and NAME.jsonl (one row an item), and how they are read.

A shard is complete when its .jsonl is there: that file is written last, under another name first.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duplexsla.errors import CorpusError

SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class ShardContents:
    """What a shard holds: items, samples, and the SHA-256 of both of its files."""

    name: str
    items: int
    samples: int
    sha256: str


def write_shard(folder: Path, name: str, items: Iterable[tuple[dict[str, Any], NDArray[np.int16]]]) -> None:
    """Writes a shard item by item. Each row gets `num_samples`."""
    rows, partial = folder / f"{name}.jsonl", folder / f"{name}.jsonl.partial"
    with (folder / f"{name}.pcm").open("wb") as sound, partial.open("w", encoding="utf-8") as lines:
        for row, samples in items:
            sound.write(samples.astype("<i2").tobytes())
            lines.write(json.dumps({**row, "num_samples": len(samples)}) + "\n")
    partial.replace(rows)


def described(folder: Path, name: str) -> ShardContents:
    """Reads a shard whole. Raises CorpusError when it is damaged."""
    digest = hashlib.sha256()
    shard = Shard(folder, name)
    for suffix in (".jsonl", ".pcm"):
        digest.update((folder / f"{name}{suffix}").read_bytes())
    return ShardContents(name, len(shard), int(shard.ends[-1]) if len(shard) else 0, digest.hexdigest())


class Shard:
    """One shard, its sound mapped into memory. Raises CorpusError that says what to do."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        try:
            self._lines = (folder / f"{name}.jsonl").read_text("utf-8").splitlines()
            size = (folder / f"{name}.pcm").stat().st_size // SAMPLE_BYTES
            self.ends = np.cumsum(
                [self.row(i)["num_samples"] for i in range(len(self._lines))], dtype=np.int64
            )
        except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(str(error)) from error
        if size != (self.ends[-1] if len(self.ends) else 0):
            raise self._damaged(f"{size} samples of sound where its rows name {self.ends[-1:].sum()}")
        self._sound = np.memmap(folder / f"{name}.pcm", "<i2", "r") if size else np.zeros(0, np.int16)

    def _damaged(self, why: str) -> CorpusError:
        return CorpusError(
            f"shard {self.name} is damaged ({why}): delete its files and make the corpus again"
        )

    def __len__(self) -> int:
        return len(self._lines)

    def row(self, index: int) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(self._lines[index])
        return row

    def samples(self, index: int) -> NDArray[np.int16]:
        first = self.ends[index - 1] if index else 0
        return np.asarray(self._sound[first : self.ends[index]])


class Shards(Sequence[tuple[dict[str, Any], NDArray[np.int16]]]):
    """All shards of a kind as one sequence of (row, samples): any item can be read, in any order."""

    def __init__(self, folder: Path, kind: str) -> None:
        names = sorted(path.stem for path in folder.glob(f"{kind}-*.jsonl"))
        self.shards = [Shard(folder, name) for name in names]
        self._starts = np.cumsum([0, *map(len, self.shards)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, index: Any) -> Any:
        shard, place = self._place(index)
        return shard.row(place), shard.samples(place)

    def row(self, index: int) -> dict[str, Any]:
        """The row alone."""
        shard, place = self._place(index)
        return shard.row(place)

    def rows(self) -> Iterator[dict[str, Any]]:
        return (shard.row(i) for shard in self.shards for i in range(len(shard)))

    def _place(self, index: int) -> tuple[Shard, int]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self.shards[number], index - int(self._starts[number])
