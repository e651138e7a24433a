"""Rows of any number of histories, in the order of their times, each with its place. Memory does not grow."""

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from duplexsla.errors import BadInput
from duplexsla.history import events
from duplexsla.history.events import Row

LOG = "log"  # who wrote an effect that was read from a home's own log


class HistoryLine(NamedTuple):
    row: Row
    where: str  # file:line


def files(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and those of folders. Raises BadInput when one is not there."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.glob("*.jsonl"))
        elif path.is_file():
            found.append(path)
        else:
            raise BadInput(f"there is no history {path}")
    return found


class HistoryReader:
    """Several files as one stream; `unreadable` counts lines that are no rows (the last one of a crash)."""

    def __init__(self, paths: Sequence[Path], *more: Iterable[HistoryLine]) -> None:
        """`more` are lines from elsewhere, in order of time."""
        self._paths, self._more = paths, more
        self.unreadable = 0

    def __iter__(self) -> Iterator[HistoryLine]:
        streams = [self._lines(path) for path in self._paths]
        return (
            line for _, line in heapq.merge(*map(_timed, [*streams, *self._more]), key=lambda pair: pair[0])
        )

    def _lines(self, path: Path) -> Iterator[HistoryLine]:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                row = _row(text)
                if row is None:
                    self.unreadable += 1
                else:
                    yield HistoryLine(row, f"{path}:{number}")


def effect_lines(effects: Iterable[dict[str, Any]], name: str) -> list[HistoryLine]:
    """Effects of a home's log (GET /homes/{home}/effects), oldest first, as rows; `name` says whence."""
    return [
        HistoryLine({"at": effect["at_ms"], "by": LOG, **_effect(effect)}, f"{name}:{number}")
        for number, effect in enumerate(effects, 1)
    ]


def _effect(effect: dict[str, Any]) -> Row:
    return events.effect(
        effect["action_id"],
        home=effect["home"],
        session=effect["session_id"],
        fence=effect["fence"],
        function=effect["function"],
        effect_at_ms=effect["at_ms"],
        expires_at_ms=0,
        repeated=False,
    )


def _timed(lines: Iterable[HistoryLine]) -> Iterator[tuple[float, HistoryLine]]:
    """With times that never fall: a file's own order stands, also where its clock was set back."""
    latest = 0.0
    for line in lines:
        latest = max(latest, line.row["at"])
        yield latest, line


def _row(text: bytes) -> Row | None:
    try:
        row = json.loads(text)
    except ValueError:
        return None
    fits = isinstance(row, dict) and isinstance(row.get("kind"), str) and isinstance(row.get("by"), str)
    return row if fits and isinstance(row.get("at"), int | float) else None
