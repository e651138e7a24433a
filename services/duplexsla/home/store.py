"""Homes on disk (SQLite): what differs from a new home, and every effect with the action that caused it.

An effect and the state it leaves are one transaction, and the action id is the effect's primary key: after
any crash of this process there is both or neither, and never two. (A power cut may lose the last moments,
as the log is not flushed to the disk at each effect.)
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from duplexsla.home.registry import HomeConfiguration
from duplexsla.home.state import NewestChange, Props

KEPT_MS = 7 * 24 * 3_600 * 1_000  # effects are kept at least as long as Kafka keeps events
SWEEP_EVERY = 1_000  # effects

_SCHEMA = """
CREATE TABLE IF NOT EXISTS homes (id TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS configurations (
    home TEXT PRIMARY KEY, time_zone TEXT NOT NULL, fahrenheit INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entities (
    home TEXT NOT NULL, entity TEXT NOT NULL, props TEXT NOT NULL, PRIMARY KEY (home, entity)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS newest_changes (
    home TEXT NOT NULL, entity TEXT NOT NULL, at_ms INTEGER NOT NULL, changed_by TEXT NOT NULL,
    PRIMARY KEY (home, entity)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS effects (
    action_id TEXT PRIMARY KEY, home TEXT NOT NULL, session_id TEXT NOT NULL, fence INTEGER NOT NULL,
    toolset TEXT NOT NULL, function TEXT NOT NULL, arguments TEXT NOT NULL, result TEXT NOT NULL,
    before TEXT NOT NULL, after TEXT NOT NULL, at_ms INTEGER NOT NULL, traceparent TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS effects_of_session ON effects (session_id, fence);
CREATE INDEX IF NOT EXISTS effects_of_home ON effects (home);
"""
_JSON = ("arguments", "result", "before", "after")
_INSERT = (
    "INSERT INTO effects VALUES (:action_id, :home, :session_id, :fence, :toolset, :function, :arguments,"
    " :result, :before, :after, :at_ms, :traceparent)"
)


@dataclass(frozen=True)
class EffectRecord:
    """One effect as the log keeps it; `before` and `after` hold the entities it touched (None: none)."""

    action_id: str
    home: str
    session_id: str  # 16 hex digits
    fence: int
    toolset: str
    function: str
    arguments: dict[str, Any]
    result: dict[str, Any]
    before: dict[str, Props | None]
    after: dict[str, Props | None]
    at_ms: int  # Unix time
    traceparent: str = ""


class HomeStore:
    """One SQLite file (or ":memory:"), used by one thread at a time."""

    def __init__(self, path: Path | str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def create(self, home: str, now_ms: int) -> bool:
        """Whether the home is new."""
        done = self._db.execute("INSERT OR IGNORE INTO homes VALUES (?, ?)", (home, now_ms))
        return done.rowcount == 1

    def configure(self, home: str, configuration: HomeConfiguration) -> None:
        values = (home, configuration.time_zone, configuration.fahrenheit)
        self._db.execute("REPLACE INTO configurations VALUES (?, ?, ?)", values)

    def configuration(self, home: str) -> HomeConfiguration:
        """As it was configured last; the usual one for a home that never was."""
        rows = self._db.execute("SELECT * FROM configurations WHERE home = ?", (home,))
        found = (HomeConfiguration(row["time_zone"], bool(row["fahrenheit"])) for row in rows)
        return next(found, HomeConfiguration())

    def knows(self, home: str) -> bool:
        return self._db.execute("SELECT 1 FROM homes WHERE id = ?", (home,)).fetchone() is not None

    def homes(self, limit: int) -> list[str]:
        return [row["id"] for row in self._db.execute("SELECT id FROM homes ORDER BY id LIMIT ?", (limit,))]

    def changes(self, home: str) -> dict[str, Props]:
        """What differs from a new home."""
        rows = self._db.execute("SELECT entity, props FROM entities WHERE home = ?", (home,))
        return {row["entity"]: json.loads(row["props"]) for row in rows}

    def timers(self) -> list[tuple[str, str, Props]]:
        """Home, record and content of every timer that there is."""
        rows = self._db.execute("SELECT * FROM entities WHERE entity GLOB 'timer/*'")
        return [(row["home"], row["entity"], json.loads(row["props"])) for row in rows]

    def newest_changes(self, home: str) -> dict[str, NewestChange]:
        rows = self._db.execute("SELECT * FROM newest_changes WHERE home = ?", (home,))
        return {row["entity"]: NewestChange(row["at_ms"], row["changed_by"]) for row in rows}

    def effect(self, action_id: str) -> EffectRecord | None:
        rows = self._db.execute("SELECT * FROM effects WHERE action_id = ?", (action_id,))
        return next((_record(row) for row in rows), None)

    def effects(self, home: str, *, limit: int) -> list[EffectRecord]:
        """The newest effects of a home, oldest first."""
        query = "SELECT * FROM effects WHERE home = ? ORDER BY rowid DESC LIMIT ?"
        return [_record(row) for row in self._db.execute(query, (home, limit))][::-1]

    def newest_fence(self, session_id: str) -> int:
        """The greatest fence under which the session had an effect; 0 without one."""
        query = "SELECT max(fence) FROM effects WHERE session_id = ?"
        return self._db.execute(query, (session_id,)).fetchone()[0] or 0

    def write(self, effect: EffectRecord, entities: Iterable[str] = ()) -> None:
        """The effect and the state it leaves, both or neither; `entities` are those that it changed."""
        values = asdict(effect) | {name: json.dumps(getattr(effect, name)) for name in _JSON}
        with self._transaction():
            row = self._db.execute(_INSERT, values).lastrowid or 0
            self._put_all(effect.home, effect.after)
            self._changed(effect.home, entities, NewestChange(effect.at_ms, effect.action_id))
            if row % SWEEP_EVERY == 0:
                self._db.execute("DELETE FROM effects WHERE at_ms < ?", (effect.at_ms - KEPT_MS,))

    def write_by_hand(
        self, home: str, after: Mapping[str, Props | None], entities: Iterable[str], now_ms: int
    ) -> None:
        """A state that no effect left."""
        with self._transaction():
            self._put_all(home, after)
            self._changed(home, entities, NewestChange(now_ms))

    def _changed(self, home: str, entities: Iterable[str], change: NewestChange) -> None:
        rows = [(home, entity, change.at_ms, change.by) for entity in entities]
        self._db.executemany("REPLACE INTO newest_changes VALUES (?, ?, ?, ?)", rows)

    def _put_all(self, home: str, after: Mapping[str, Props | None]) -> None:
        for entity, props in after.items():
            self._put(home, entity, props)

    def _put(self, home: str, entity: str, props: Props | None) -> None:
        if props is None:
            self._db.execute("DELETE FROM entities WHERE home = ? AND entity = ?", (home, entity))
        else:
            self._db.execute("REPLACE INTO entities VALUES (?, ?, ?)", (home, entity, json.dumps(props)))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _record(row: sqlite3.Row) -> EffectRecord:
    return EffectRecord(**(dict(row) | {name: json.loads(row[name]) for name in _JSON}))
