"""Checks a policy before it decides anything, and tells what it would change.

A policy says what may act at home and in a car: docs/architecture.md, "What may act". Executors read the file
that DUPLEXSLA_POLICY_FILE names, and read it again when it changes. A dry run asks two policies about what
was judged before, from the histories of executors (DUPLEXSLA_HISTORY).

Examples:
  duplexsla policy check policy.json
  duplexsla policy dry-run policy.json .cache/histories                    against the one that ships
  duplexsla policy dry-run policy.json .cache/histories --before old.json --json

Exit status: 0 it can be used, 1 it cannot.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from duplexsla.errors import PolicyError
from duplexsla.gates.policy import Policy, PolicyDifference, PolicyRequest, dry_run
from duplexsla.gates.policy_file import default_policy, parse_policy, recorded_request
from duplexsla.history.reader import HistoryReader, files


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    check = verbs.add_parser("check", help="whether it can be used")
    tried = verbs.add_parser("dry-run", help="what it would have decided otherwise")
    for each in (check, tried):
        each.add_argument("policy", type=Path, help="file of JSON")
    tried.add_argument("history", nargs="+", type=Path, help="file of JSON lines, or a folder of such")
    tried.add_argument("--before", type=Path, help="the policy that stands (default: the one that ships)")
    tried.add_argument("--json", action="store_true", help="each difference, one JSON object a line")


def run(options: argparse.Namespace) -> int:
    policy = _read(options.policy)
    if options.verb == "check":
        print(f"{options.policy} can be used: version {policy.version}, {len(policy.rules)} rules")
        return 0
    before = _read(options.before) if options.before else default_policy()
    requests = list(judged(options.history))
    found = list(dry_run(before, policy, requests))
    print("\n".join(map(_as_json, found) if options.json else _table(found)), end="\n" if found else "")
    if not options.json:
        print(f"{len(found)} of {len(requests)} would be decided otherwise by {policy.version}")
    return 0


def judged(histories: Sequence[Path]) -> Iterator[PolicyRequest]:
    """What policies were asked, in order."""
    for line in HistoryReader(files(histories)):
        if line.row["kind"] == "action.judged":
            yield from map(recorded_request, line.row.get("asked_policy", ()))


def _read(path: Path) -> Policy:
    try:
        return parse_policy(path.read_bytes())
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error}") from error


def _table(found: Sequence[PolicyDifference]) -> Iterator[str]:
    """Differences of one kind in one line, the most frequent first."""
    kinds = Counter(
        f"{each.request.function} {each.request.entity_class} ({each.request.risk}): "
        f"{each.before.verdict} ({each.before.rule}) -> {each.after.verdict} ({each.after.rule})"
        for each in found
    )
    for kind, count in kinds.most_common():
        yield f"{count:7d}  {kind}"


def _as_json(each: PolicyDifference) -> str:
    return json.dumps(
        {"request": each.request.record(), "before": each.before._asdict(), "after": each.after._asdict()}
    )
