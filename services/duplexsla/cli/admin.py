"""Says who may call: writes the file of API keys and certificates that services read.

The file is that of DUPLEXSLA_AUTH_API_KEYS. A key is told once, on stdout; the file holds a salted hash.
Services read the file again within a second of its change, so that a key that is revoked opens nothing more;
sessions that it has opened go on.

Examples:
  duplexsla admin add --keys keys.json kitchen --tenant acme --home h1 --scope converse --scope act
  duplexsla admin add --keys keys.json hall --tenant acme --home 'h*' --certificate spiffe://acme/hall
  duplexsla admin import --keys keys.json satellites.jsonl   {"id": "den", "tenant": "acme", "homes": ["h2"]}
  duplexsla admin list --keys keys.json
  duplexsla admin revoke --keys keys.json kitchen
"""

import argparse
import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from duplexsla.errors import SettingError

DAY_S = 86_400.0
GIVEN = frozenset({"id", "tenant", "homes", "toolsets", "scopes", "expires_at", "certificate"})


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = _verb(verbs, "add", "one API key, or with --certificate the holder of one")
    add.add_argument("id", help="1 to 64 of [a-z0-9.-]")
    add.add_argument("--tenant", required=True)
    add.add_argument(
        "--home", action="append", required=True, help="a name, or the beginning of some and *; repeat it"
    )
    add.add_argument("--toolset", action="append", help="home or car (all); repeat it")
    add.add_argument(
        "--scope",
        action="append",
        choices=("converse", "act", "confirm", "admin"),
        help="what it may do (converse); repeat it",
    )
    add.add_argument("--days", type=float, help="until it expires (never)")
    add.add_argument("--certificate", help="subject alternative name of its client certificate, for no key")
    many = _verb(verbs, "import", "many, from a file with a JSON object in each line")
    many.add_argument("entries", type=Path, metavar="FILE.jsonl")
    _verb(verbs, "list", "everybody in the file, and nothing of their keys")
    revoke = _verb(verbs, "revoke", "lets nobody in by these any more")
    revoke.add_argument("ids", nargs="+", metavar="ID")


def _verb(verbs: Any, name: str, told: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=told)
    parser.add_argument("--keys", type=Path, required=True, metavar="FILE.json", help="the file")
    return parser


def run(options: argparse.Namespace) -> int:
    entries = _read(options.keys)
    if options.verb == "list":
        for each in entries:
            print(json.dumps({name: each[name] for name in each if name not in ("salt", "hash")}))
        return 0
    if options.verb == "revoke":
        _revoke(entries, options.ids)
        told: list[str] = []
    else:
        given = [_given(options)] if options.verb == "add" else _lines(options.entries)
        told = _add(entries, given)
    _write(options.keys, entries)
    print("\n".join(told) if told else f"wrote {options.keys}")
    return 0


def _given(options: argparse.Namespace) -> dict[str, Any]:
    given = {
        "id": options.id,
        "tenant": options.tenant,
        "homes": options.home,
        "toolsets": options.toolset,
        "scopes": options.scope,
        "expires_at": time.time() + options.days * DAY_S if options.days else None,
        "certificate": options.certificate,
    }
    return {name: value for name, value in given.items() if value is not None}


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise SettingError(f"{path}: {error}") from error


def _add(entries: list[dict[str, Any]], given: Iterable[Mapping[str, Any]]) -> list[str]:
    """The keys that are told now and never again, "ID KEY"; SettingError for an entry that is none."""
    from duplexsla.security.api_keys import new_api_key

    told, known = [], {each["id"] for each in entries}
    for place, each in enumerate(given):
        try:
            if unknown := each.keys() - GIVEN:
                raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
            if each["id"] in known:
                raise ValueError(f"{each['id']} is in the file already")
            named = {name: each[name] for name in ("toolsets", "scopes", "expires_at") if name in each}
            key, entry = new_api_key(each["id"], each["tenant"], each["homes"], **named)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SettingError(f"entry {place}: {error}") from error
        if "certificate" in each:
            entry = {name: entry[name] for name in entry if name not in ("salt", "hash")}
            entry["certificate"] = each["certificate"]
        else:
            told.append(f"{each['id']} {key}")
        entries.append(entry)
        known.add(each["id"])
    return told


def _revoke(entries: list[dict[str, Any]], ids: Iterable[str]) -> None:
    by_id = {each["id"]: each for each in entries}
    for each in ids:
        if each not in by_id:
            raise SettingError(f"there is no {each} in the file")
        by_id[each]["revoked"] = True


def _read(path: Path) -> list[dict[str, Any]]:
    """Nobody for a file that there is not yet; SettingError for one that gateways would not take."""
    from duplexsla.security.api_keys import read_api_keys

    if not path.exists():
        return []
    try:
        text = path.read_bytes()
        read_api_keys(text)
        entries: list[dict[str, Any]] = json.loads(text)["keys"]
    except (OSError, ValueError) as error:
        raise SettingError(f"{path}: {error}") from error
    return entries


def _write(path: Path, entries: list[dict[str, Any]]) -> None:
    """In one step, readable by its owner; SettingError for what gateways would not take."""
    from duplexsla.security.api_keys import read_api_keys

    text = json.dumps({"keys": entries}, indent=1).encode()
    try:
        read_api_keys(text)
        part = path.with_name(f".{path.name}.part")
        part.touch(mode=0o600)
        part.write_bytes(text)
        os.replace(part, path)
    except (OSError, ValueError) as error:
        raise SettingError(f"{path}: {error}") from error
