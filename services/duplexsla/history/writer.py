"""Rows to a file, off the hot path: a bounded buffer, and a thread that writes it down."""

import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from duplexsla.history import events
from duplexsla.history.events import Row

MAX_WAITING = 65_536  # rows; 10 s of a gateway with 1,000 sessions
PAUSE_S = 0.01  # between two writes: at most so much is lost when the process is killed


def _now_ms() -> float:
    return time.time_ns() / 1e6


class HistoryLog(Protocol):
    """Where a service writes what it does. Nothing here waits or raises."""

    def write(self, row: Row) -> None: ...

    def close(self, counts: Mapping[str, int] | None = None) -> None:
        """The last row: `counts` are the service's own counters."""


class NoHistory:
    """Nobody asked for a history."""

    def write(self, row: Row) -> None:
        """Nothing is kept."""

    def close(self, counts: Mapping[str, int] | None = None) -> None:
        """Nothing is held."""


NO_HISTORY = NoHistory()


def open_history(path: str, service: str) -> HistoryLog:
    """The history at `path`; "" for none. A folder holds one file per process."""
    return HistoryFile(Path(path), service) if path else NO_HISTORY


class HistoryFile:
    """A file that many processes may share: every write is whole lines, appended. Usable from any thread.

    Rows that find the buffer full, or the disk, are counted in `lost` and in a row of the file itself.
    """

    def __init__(
        self,
        path: Path,
        service: str,
        *,
        max_waiting: int = MAX_WAITING,
        now_ms: Callable[[], float] = _now_ms,
    ) -> None:
        """OSError when the file cannot be made."""
        self._by = f"{service}:{os.getpid()}"
        if path.is_dir():
            path = path / f"{service}-{os.getpid()}.jsonl"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._waiting: deque[Row] = deque()
        self._max_waiting, self._now_ms = max_waiting, now_ms
        self.lost, self._reported_lost = 0, 0
        self._counting = threading.Lock()
        self._wake, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)
        self._thread.start()
        self.write(events.began(service))

    def write(self, row: Row) -> None:
        if len(self._waiting) >= self._max_waiting:
            self._lose(1)
            return
        self._waiting.append(self._stamped(row))
        self._wake.set()

    def close(self, counts: Mapping[str, int] | None = None) -> None:
        """Writes what waits. Rows after this are lost."""
        self.write(events.ended(counts or {}))
        self._closing.set()
        self._wake.set()
        self._thread.join()
        os.close(self._file)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            self._flush()
            self._closing.wait(PAUSE_S)
        self._flush()

    def _flush(self) -> None:
        rows = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if lost := self.lost - self._reported_lost:
            self._reported_lost += lost
            rows.append(
                {"at": round(self._now_ms(), 3), "by": self._by, "kind": "history.lost", "count": lost}
            )
        if not rows:
            return
        try:
            _write_all(self._file, "".join(map(_line, rows)).encode())
        except OSError:
            self._lose(len(rows))

    def _stamped(self, row: Row) -> Row:
        return {"at": round(self._now_ms(), 3), "by": self._by, **row}

    def _lose(self, rows: int) -> None:
        with self._counting:
            self.lost += rows


def _line(row: Row) -> str:
    return json.dumps(row, separators=(",", ":"), default=str) + "\n"


def _write_all(file: int, lines: bytes) -> None:
    while lines:
        lines = lines[os.write(file, lines) :]
