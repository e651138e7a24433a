"""Serves simulated homes over HTTP: `python -m duplexsla.home --help`."""

import argparse
import time
from pathlib import Path

import uvicorn

from duplexsla.env import setting
from duplexsla.history import open_history
from duplexsla.home.app import create_app
from duplexsla.home.journal import Journal

HELP = """\
Serves simulated homes and cars over HTTP: 64 functions that change or read real state.

Settings (environment):
  DUPLEXSLA_LISTEN    host:port to serve on; 127.0.0.1:8070 without it
  DUPLEXSLA_DATABASE  SQLite file with the state and the log of effects; homes.sqlite without it
  DUPLEXSLA_HOMES     homes to create at the start, comma separated; "demo" without it
  DUPLEXSLA_HISTORY   file or folder for what `duplexsla check` reads; none without it

Try it:
  python -m duplexsla.home &
  curl -s localhost:8070/homes/demo | python -m json.tool | head
  curl -s localhost:8070/homes/demo/effects
  curl -s -X POST localhost:8070/homes/demo/faults -H 'content-type: application/json' \\
       -d '{"device": "light", "kind": "slow", "ms": 300}'
"""


def main() -> None:
    argparse.ArgumentParser(
        prog="duplexsla.home", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    host, _, port = setting("LISTEN", str, "127.0.0.1:8070").rpartition(":")
    journal = Journal(setting("DATABASE", Path, Path("homes.sqlite")))
    for home in setting("HOMES", str, "demo").split(","):
        journal.create(home.strip(), _now_ms())
    history = open_history(setting("HISTORY", str, ""), "home")
    uvicorn.run(
        create_app(journal, clock_ms=_now_ms, history=history),
        host=host,
        port=int(port),
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    history.close()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    main()
