"""Explains an action: what was heard, what each gate said of it, what it moved and what became of it.

Every executor writes this down when DUPLEXSLA_HISTORY names a file or a folder. The id of an action is in its
message to the client, its outcome, its traces and the home's log of effects; the id of an effect will do too.

Examples:
  DUPLEXSLA_HISTORY=.cache/histories duplexsla up
  duplexsla call examples/lock_the_front_door_please.wav
  duplexsla explain 00c4f1a2b3d4e5f6-17-0 .cache/histories
  duplexsla explain 00c4f1a2b3d4e5f6-17-0 executor.jsonl --json

Exit status: 0 explained, 1 these histories hold no such action.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from duplexsla.errors import UnknownAction
from duplexsla.history.reader import HistoryReader, files
from duplexsla.protocol.actions import origin_of

Row = dict[str, Any]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", help="id of an action, or of an effect of it")
    parser.add_argument("history", nargs="+", type=Path, help="file of JSON lines, or a folder of such")
    parser.add_argument("--json", action="store_true", help="the rows themselves, one JSON object a line")


def run(options: argparse.Namespace) -> int:
    rows = rows_of(options.action, options.history)
    print("\n".join(map(json.dumps, rows) if options.json else explanation(rows)))
    return 0


def rows_of(action: str, histories: Sequence[Path]) -> list[Row]:
    """What concerns an action, its effects and answers to its question, in order. Raises UnknownAction."""
    wanted = origin_of(action)
    found = [
        line.row
        for line in HistoryReader(files(histories))
        if any(origin_of(str(line.row.get(key, ""))) == wanted for key in ("action", "refers_to"))
    ]
    if not found:
        raise UnknownAction(
            f"these histories hold no action {action!r}: give the folder that DUPLEXSLA_HISTORY names on the"
            " machine of the executor"
        )
    return found


def explanation(rows: Iterable[Row]) -> Iterable[str]:
    """Lines for people; each action that has a part in it begins with its id."""
    action = ""
    for row in rows:
        lines = list(_TOLD[row["kind"]](row)) if row["kind"] in _TOLD else []
        if lines and row["action"] != action:
            action = row["action"]
            yield f"{action}"
        yield from (f"  {line}" for line in lines)


def _read(row: Row) -> Iterable[str]:
    at = datetime.fromtimestamp(row["at"] / 1_000, UTC)
    yield f"read         {at:%Y-%m-%d %H:%M:%S} UTC, home {row['home']}, session {row['session']}"
    yield f"trace        {row.get('trace') or 'none'}"


def _judged(row: Row) -> Iterable[str]:
    evidence, verdict = row["evidence"], row["verdict"]
    sure = evidence["confidence"]
    yield f"heard        {json.dumps(evidence['heard'], ensure_ascii=False)}"
    yield f"how sure     {'nobody knows: the weights have no table' if sure is None else f'{sure:.3f}'}"
    where = [f"{key} {evidence[key]}" for key in ("room", "satellite") if evidence[key]]
    yield f"where        {', '.join(where) or 'not known'}; at home: {evidence['presence']}"
    if row.get("refers_to"):
        yield f"about        {row['refers_to']}"
    yield f"asked for    {row['call']}"
    yield f"devices      {', '.join(row['devices']) or 'none'}"
    for gate, said in row["gates"].items():
        yield f"gate         {gate:<12} {said or '-'}"
    yield f"risk         {verdict['risk']}"
    yield f"policy       {verdict['policy']}"


def _called(row: Row) -> Iterable[str]:
    yield f"call         {row['attempt']}"


def _effect(row: Row) -> Iterable[str]:
    yield f"effect       {row['function']}{', which it had had before' if row['repeated'] else ''}"


def _refused(row: Row) -> Iterable[str]:
    yield f"effect       none: {row['code']}"


def _outcome(row: Row) -> Iterable[str]:
    yield f"outcome      {row['state']}{': ' + row['reason'] if row.get('reason') else ''}"


def _settled(row: Row) -> Iterable[str]:
    yield f"settled      {row['standing']}"


_TOLD = {
    "action.read": _read,
    "action.judged": _judged,
    "action.called": _called,
    "action.settled": _settled,
    "effect": _effect,
    "effect.refused": _refused,
    "outcome.published": _outcome,
}
