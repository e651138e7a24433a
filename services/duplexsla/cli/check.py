"""Checks what happened: reads histories, says which of the invariants I1 to I11 was broken, by which lines.

Every service writes a history when DUPLEXSLA_HISTORY names a file or a folder. The homes' own log of effects
is the truth about devices: give it too, by the home service's URL or as a file.

Examples:
  DUPLEXSLA_HISTORY=.cache/histories duplexsla up     every part writes its own file there
  duplexsla check .cache/histories                    what these files show
  duplexsla check a.jsonl b.jsonl --effects http://127.0.0.1:8070
  duplexsla check a.jsonl --effects effects.json      as GET /homes/{home}/effects answered
  duplexsla check .cache/histories --json | python -m json.tool

Exit status: 0 nothing is broken, 1 something is.
"""

import argparse
import json
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from duplexsla.errors import BadInput
from duplexsla.history.invariants import INVARIANTS, CheckReport, Slack, check_invariants
from duplexsla.history.reader import HistoryLine, HistoryReader, effect_lines, files

TIMEOUT_S = 10.0
MOST = 1_000  # effects of one home in one answer
SHOWN = 20  # findings per invariant


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("history", nargs="+", type=Path, help="file of JSON lines, or a folder of such")
    parser.add_argument("--effects", default="", help="the homes' log: URL of the home service, or a file")
    parser.add_argument(
        "--slack-ms", type=float, default=Slack().clocks_ms, help="how far apart two processes' clocks may be"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")


def run(options: argparse.Namespace) -> int:
    paths = files(options.history)
    effects = _effects(options.effects, paths) if options.effects else []
    histories = HistoryReader(paths, effects)
    found = check_invariants(histories, Slack(clocks_ms=options.slack_ms))
    if not found.rows:
        raise BadInput("there is not one row in these histories")
    if options.json:
        print(json.dumps(asdict(found) | {"unreadable": histories.unreadable, "sound": found.sound}))
    else:
        print("\n".join(report(found, unreadable=histories.unreadable)))
    return 0 if found.sound else 1


def report(found: CheckReport, *, unreadable: int = 0) -> Iterable[str]:
    """The table, then what was found."""
    for name, meaning in INVARIANTS.items():
        judged, broken = found.judged[name], found.broken[name]
        said = f"BROKEN {broken:,} times" if broken else "held" if judged else "not judged: no such rows"
        yield f"{name:<4}{meaning:<52}{judged:>10,} rows   {said}"
    yield f"{found.rows:,} rows; {found.lost_rows} lost by their writers, {unreadable} not readable" + (
        f", {found.odd_rows} of a shape that is not known" if found.odd_rows else ""
    )
    for name in INVARIANTS:
        for finding in [each for each in found.findings if each.invariant == name][:SHOWN]:
            yield f"\n{name}  {finding.what}"
            yield from (f"    {where}" for where in finding.where)


def _effects(given: str, paths: Sequence[Path]) -> list[HistoryLine]:
    """Effects of every home, in order of time, each home's in its own order."""
    if "://" in given:
        answers = [_fetch(given.rstrip("/"), home) for home in sorted(_homes(paths))]
        name = f"{given.rstrip('/')}/homes/{{home}}/effects"
    else:
        answers, name = _read(Path(given)), given
    effects = [effect for answer in answers for effect in answer.get("effects", [answer])]
    try:
        return effect_lines(sorted(effects, key=lambda effect: effect["at_ms"]), name)
    except KeyError as error:
        raise BadInput(f"{given} is no log of effects: there is no {error} in it") from error


def _homes(paths: Sequence[Path]) -> set[str]:
    """Homes for which some action was published or taken."""
    kinds = ("action.published", "action.read", "effect")
    return {line.row["home"] for line in HistoryReader(paths) if line.row["kind"] in kinds}


def _fetch(url: str, home: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{url}/homes/{home}/effects?limit={MOST}", timeout=TIMEOUT_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except (OSError, ValueError) as error:
        raise BadInput(f"{url} does not give the effects of {home}: {error}") from error


def _read(path: Path) -> list[dict[str, Any]]:
    """One answer, several, or one effect a line."""
    try:
        text = path.read_text()
        try:
            found = json.loads(text)
        except ValueError:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} is no log of effects: {error}") from error
    return found if isinstance(found, list) else [found]
