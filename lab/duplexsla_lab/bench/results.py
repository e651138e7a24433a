"""The results file of a run: JSON lines, a header and one line for each case that is over; a run can
continue in it."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from duplexsla.errors import BadInput
from duplexsla_lab.bench.case import Case, Samples
from duplexsla_lab.bench.case_rows import case_row
from duplexsla_lab.bench.event_log import EventLog, log_from

FORMAT = "duplexsla-bench 1"


class ResultsError(BadInput):
    """A results file that is damaged, or of another run."""

    code = "bad_results"


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What must be equal for a run to go on in the same file."""

    system: str
    prefill: bool
    cases: str  # digest of all cases and their truth
    settings: Mapping[str, Any] = field(default_factory=dict)  # what else changes the figures


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a system did in one case."""

    case: str
    log: EventLog
    failed: str = ""  # the reason
    transcript: str = ""
    said: str = ""
    slowest_step_ms: float = 0.0

    def row(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "failed": self.failed,
            **self.log.row(),
            "transcript": self.transcript,
            "said": self.said,
            "slowest_step_ms": round(self.slowest_step_ms, 2),
        }


def digest(cases: Sequence[Case]) -> str:
    """Names the cases by all that is in them; the sound of files is named by its path alone."""
    found = hashlib.sha256()
    for case in cases:
        row = case_row(case, _folder(case), _named)
        found.update(json.dumps(row, sort_keys=True).encode() + b"\n")
    return found.hexdigest()[:16]


def _named(samples: Samples) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(np.ascontiguousarray(samples).tobytes()).hexdigest()}


def _folder(case: Case) -> Path:
    return case.audio.parent if isinstance(case.audio, Path) else Path()


class ResultsFile:
    """Appends results; each is on disk when `add` returns."""

    def __init__(self, path: Path, head: RunHeader) -> None:
        """Goes on with the file at `path` if there is one. ResultsError if it is of another run."""
        self.done: dict[str, CaseResult] = {}
        size = 0
        if path.exists():
            found, self.done, size = _read(path)
            if size and found != head:
                raise ResultsError(f"{path} is of another run: {_difference(found, head)}; name another file")
        self._file = path.open("r+b" if path.exists() else "wb")
        self._file.truncate(size)
        self._file.seek(size)
        if not size:
            self._write({"bench": FORMAT, **asdict(head)})

    def add(self, result: CaseResult) -> None:
        self._write(result.row())
        self.done[result.case] = result

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _write(self, row: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def read_results(path: Path) -> tuple[RunHeader, dict[str, CaseResult]]:
    """RunHeader and results by case. ResultsError for a file that holds no run."""
    if not path.exists():
        raise ResultsError(f"there is no file {path}")
    head, results, size = _read(path)
    if not size:
        raise ResultsError(f"{path} is empty")
    return head, results


def _read(path: Path) -> tuple[RunHeader, dict[str, CaseResult], int]:
    """RunHeader, results, and how many bytes of the file are whole lines: a torn last line is not counted."""
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    if not whole:
        return RunHeader("", False, ""), {}, 0
    first, *rest = whole.split(b"\n")
    try:
        head = json.loads(first)
        if head.pop("bench") != FORMAT:
            raise ResultsError(f"{path} was written by another version: name another file")
        results = [_result(json.loads(line)) for line in rest]
        return RunHeader(**head), {each.case: each for each in results}, len(whole) + 1
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultsError(f"{path} is damaged: {error}; delete it, or name another file") from error


def _result(row: Mapping[str, Any]) -> CaseResult:
    return CaseResult(
        row["case"], log_from(row), row["failed"], row["transcript"], row["said"], row["slowest_step_ms"]
    )


def _difference(found: RunHeader, head: RunHeader) -> str:
    ours, theirs = asdict(head), asdict(found)
    name = next(name for name in ours if ours[name] != theirs[name])
    return f"its {name} is {theirs[name]}, not {ours[name]}"
