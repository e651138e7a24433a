"""Shows each part of the running system: where it listens, its process, whether it answers.

Exit status 0 when all of them answer, 1 otherwise.

Example:
  duplexsla status
  part        address          process  health   log
  redis       127.0.0.1:27114  4711     answers  .cache/run/local/redis/redis.log
"""

import argparse
import json

from duplexsla.runtime.checkout import ROOT, run_directory

Row = dict[str, str | int]
WIDTHS = {"part": 10, "address": 21, "process": 7, "health": 7, "log": 0}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="local", help="which system (default: local)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    from duplexsla.local import stack

    parts = stack.status(run_directory(options.name))
    rows: list[Row] = [
        {
            "part": part.process.name,
            "address": part.process.address,
            "process": part.process.pid,
            "health": "answers" if part.healthy else "silent" if part.alive else "gone",
            "log": str(part.process.log.relative_to(ROOT)),
        }
        for part in parts
    ]
    if options.json:
        print(json.dumps(rows))
    else:
        _print_table(rows)
    return 0 if rows and all(part.healthy for part in parts) else 1


def _print_table(rows: list[Row]) -> None:
    if not rows:
        print("nothing runs: `duplexsla up` starts the system")
        return
    heads: Row = {key: key for key in WIDTHS}
    for row in [heads, *rows]:
        print("  ".join(f"{row[key]!s:<{width}}" for key, width in WIDTHS.items()))
