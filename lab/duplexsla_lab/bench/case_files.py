"""Cases on disk: a file of JSON lines that anybody can write, or a folder of shards that `make` has made."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from duplexsla.errors import CorpusError
from duplexsla_lab.bench.case import Case, CaseError, Samples
from duplexsla_lab.bench.case_rows import Row, case_from, case_row
from duplexsla_lab.data.shards import Shard


def read_cases(path: Path, *, small: bool = False) -> list[Case]:
    """The cases of a JSON lines file or of a folder, ids distinct; `small`: the folder's small set alone.

    Raises CaseError that says where.
    """
    read = list(_folder(path, "*-small" if small else "*") if path.is_dir() else _file(path))
    cases: dict[str, Case] = {}
    for where, case in read:
        if case.id in cases:
            raise CaseError(f"{where}: case {case.id} is there twice")
        cases[case.id] = case
    if not cases:
        raise CaseError(f"{path} holds no case")
    return list(cases.values())


def write_cases(path: Path, cases: Sequence[Case]) -> None:
    """A file that `read_cases` reads; audio files are referred to, not copied."""
    path.write_text("".join(json.dumps(case_row(case, path.parent)) + "\n" for case in cases), "utf-8")


def stored(case: Case) -> tuple[Row, Samples]:
    """A case for a shard: its row, and all of its sounds end to end."""
    sounds: list[Samples] = []

    def write(samples: Samples) -> Row:
        first = sum(map(len, sounds))
        sounds.append(samples)
        return {"span": [first, first + len(samples)]}

    row = case_row(case, Path(), write)
    return row, np.concatenate(sounds)


def _file(path: Path) -> Iterable[tuple[str, Case]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}:{number}"
            yield where, _read(where, line, path.parent)


def _folder(path: Path, names: str) -> Iterable[tuple[str, Case]]:
    for name in sorted(each.stem for each in path.glob(f"{names}.jsonl")):
        try:
            shard = Shard(path, name)
        except CorpusError as error:
            raise CaseError(f"{path}: {error}".replace("the corpus", "the cases")) from error
        for place in range(len(shard)):
            row = shard.row(place)
            row.pop("num_samples", None)
            where = f"{path / name}.jsonl:{place + 1}"
            yield where, _read(where, row, path, shard.samples(place))


def _read(where: str, row: str | dict[str, Any], folder: Path, samples: Samples | None = None) -> Case:
    try:
        return case_from(json.loads(row) if isinstance(row, str) else row, folder, samples)
    except CaseError as error:
        raise CaseError(f"{where}: {error}") from error
    except KeyError as error:
        raise CaseError(f"{where}: the field {error} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise CaseError(f"{where}: no case: {error}") from error
