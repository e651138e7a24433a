"""Prints the part of requirements.lock that some extras of pyproject.toml need, with its hashes.

    python scripts/locked.py gateway loadtest > gateway.lock
    pip install --require-hashes --no-deps -r gateway.lock && pip install --no-deps --no-build-isolation .

Runs on a bare Python. What builds the package itself (setuptools) is always in it. With `--without NAME` a
distribution and what it alone needs are left out: for one that is installed from elsewhere.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "duplexsla"
NAME = re.compile(r"([A-Za-z0-9._-]+)(?:\[([^]]*)\])?")


class Entry(NamedTuple):
    """One distribution of the lock: its lines, its version, and by whom it is needed (by us, too)."""

    text: str
    version: str
    needed_by: frozenset[str]


def entries(lock: str) -> dict[str, Entry]:
    """By canonical name. An entry is `name==version`, its hashes, and `# via` with those that need it."""
    found = {}
    for block in re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]:
        name, _, rest = block.partition("==")
        comment = block.partition("# via")[2].replace("#", " ").split()
        found[name] = Entry(block, rest.split()[0], frozenset(comment))
    return found


def asked_for(project: Mapping[str, Any], extras: Iterable[str]) -> set[str]:
    """Canonical names of what the package and these extras name; extras that name others are followed."""
    optional = project["project"]["optional-dependencies"]
    lines = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    waiting, seen = list(extras), set[str]()
    while waiting:
        extra = waiting.pop()
        if extra not in seen:
            seen.add(extra)
            lines += optional[extra]
            waiting += [each for line in optional[extra] for each in _extras_of_ours(line)]
    return {name for line in lines if (name := _name(line)) != PACKAGE}


def closure(locked: Mapping[str, Entry], roots: Iterable[str], *, without: Collection[str] = ()) -> set[str]:
    """The roots and all that they need, and those they need in turn."""
    needs: dict[str, set[str]] = {name: set() for name in locked}
    for name, entry in locked.items():
        for user in entry.needed_by & needs.keys():
            needs[user].add(name)
    waiting, found = sorted(roots), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found and name not in without:
            found.add(name)
            waiting += needs[name]
    return found


def read(extras: Iterable[str], *, without: Collection[str] = ()) -> dict[str, Entry]:
    """What these extras need, as requirements.lock has it. KeyError for an extra that there is not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = entries((ROOT / "requirements.lock").read_text())
    names = closure(locked, asked_for(project, extras), without=without)
    return {name: locked[name] for name in sorted(names)}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("extras", nargs="*", metavar="EXTRA")
    parser.add_argument("--without", action="append", default=[], metavar="NAME")
    options = parser.parse_args(argv)
    print("".join(entry.text for entry in read(options.extras, without=options.without).values()), end="")
    return 0


def _name(requirement: str) -> str:
    match = NAME.match(requirement)
    assert match is not None, requirement
    return re.sub(r"[-_.]+", "-", match[1]).lower()


def _extras_of_ours(requirement: str) -> list[str]:
    match = NAME.match(requirement)
    if match is None or match[1] != PACKAGE or match[2] is None:
        return []
    return [extra.strip() for extra in match[2].split(",")]


if __name__ == "__main__":
    sys.exit(main())
