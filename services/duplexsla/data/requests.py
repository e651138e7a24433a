"""Reads a corpus: spoken requests with their replies, ready to be laid on a timeline."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duplexsla.data.session import Reply, Turn
from duplexsla.errors import CheckpointError
from duplexsla.protocol.actions import call_text

PCM_SCALE = 1 / 32767


@dataclass(frozen=True, slots=True)
class Row:
    """One utterance of a shard: its line of metadata, and its samples int16 [N]."""

    meta: Mapping[str, Any]
    samples: NDArray[np.int16]

    @property
    def waveform(self) -> NDArray[np.float32]:
        return self.samples.astype(np.float32) * PCM_SCALE


def read_shard(meta: Path) -> list[Row]:
    """The utterances of one shard, by the path of its .jsonl. Raises CheckpointError when it is damaged."""
    lines = [json.loads(line) for line in meta.read_text().splitlines()]
    with np.load(meta.with_suffix(".npz")) as audio:
        samples, ends = audio["samples"], audio["ends"]
    if len(ends) != len(lines) or ends[-1] != len(samples):
        raise CheckpointError(
            f"shard {meta} and its audio do not belong together: delete both and make them again"
        )
    starts = ends - np.diff(ends, prepend=0)
    return [Row(line, samples[start:end]) for line, start, end in zip(lines, starts, ends, strict=True)]


def read_rows(folder: Path, kind: str) -> list[Row]:
    """All utterances of a kind ("train", "voices", ..., "replies")."""
    return [row for meta in sorted(folder.glob(f"{kind}-*.jsonl")) for row in read_shard(meta)]


def turn_of(row: Row, replies: Mapping[str, Reply]) -> Turn:
    """The exchange of a row; without its reply's sound when `replies` lacks it."""
    meta = row.meta
    return Turn(
        samples=row.waveform,
        words=meta["words"],
        phones=meta["phones"],
        call=call_text(meta["function"], meta["arguments"]) if meta["function"] else "",
        outcome=meta["outcome"],
        reply_text=meta["reply"],
        reply=replies.get(meta["reply"]),
    )


def read_replies(folder: Path) -> dict[str, Reply]:
    """Spoken replies by text, from the shards that `training.reply_codes` has encoded; may be empty."""
    replies = {}
    for path in sorted(folder.glob("replies-*.codes.npz")):
        meta = path.with_name(path.name.replace(".codes.npz", ".jsonl"))
        with np.load(path) as coded:
            codes, ends = coded["codes"].astype(np.int64), coded["ends"]
        for line, end, size in zip(
            meta.read_text().splitlines(), ends, np.diff(ends, prepend=0), strict=True
        ):
            row = json.loads(line)
            replies[row["reply"]] = Reply(row["words"], codes[end - size : end])
    return replies
