"""Serves simulated homes over HTTP: `python -m duplexsla.home --help`."""

import argparse
import asyncio
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import uvicorn

from duplexsla.clock import unix_ms
from duplexsla.history import HistoryLog, open_history
from duplexsla.home.app import create_app
from duplexsla.home.store import HomeStore
from duplexsla.runtime.control import Drain
from duplexsla.runtime.settings import setting

HELP = """\
Serves simulated homes and cars over HTTP: 64 functions that change or read real state.

Settings (environment):
  DUPLEXSLA_LISTEN    host:port to serve on; 127.0.0.1:8070 without it
  DUPLEXSLA_DATABASE  SQLite file with the state and the log of effects; homes.sqlite without it
  DUPLEXSLA_HOMES     homes to create at the start, comma separated; "demo" without it
  DUPLEXSLA_HISTORY   file or folder for what `duplexsla check` reads; none without it

SIGTERM, SIGINT and POST /drain?deadline_s=10 take no action any more and let those under way end. Exit
status: 0 when all of them did, 3 when some were cut.

Try it:
  python -m duplexsla.home &
  curl -s localhost:8070/homes/demo | python -m json.tool | head
  curl -s localhost:8070/homes/demo/effects
  curl -s -X POST localhost:8070/homes/demo/faults -H 'content-type: application/json' \\
       -d '{"device": "light", "kind": "slow", "ms": 300}'
"""
DRAIN_S = 10.0


def main() -> int:
    argparse.ArgumentParser(
        prog="duplexsla.home", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    host, _, port = setting("LISTEN", str, "127.0.0.1:8070").rpartition(":")
    journal = HomeStore(setting("DATABASE", Path, Path("homes.sqlite")))
    for home in setting("HOMES", str, "demo").split(","):
        journal.create(home.strip(), unix_ms())
    history = open_history(setting("HISTORY", str, ""), "home")
    status = asyncio.run(serve(journal, history, host, int(port)))
    history.close()
    return status


class HomeServer(uvicorn.Server):
    """One that leaves signals to us."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


async def serve(journal: HomeStore, history: HistoryLog, host: str, port: int) -> int:
    """Serves until it is asked to drain; the process's exit status."""
    drain = Drain(DRAIN_S)
    drain.on_signals()
    app = create_app(journal, clock_ms=unix_ms, history=history, drain=drain)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    server = HomeServer(config)
    serving = asyncio.create_task(server.serve())
    asking = asyncio.create_task(drain.asked.wait())
    await asyncio.wait({serving, asking}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():  # it could not listen
        serving.result()
        return 1
    status = drain.done(await app.state.site.drain(drain.deadline_s))
    server.should_exit = True
    await serving
    return status


if __name__ == "__main__":
    sys.exit(main())
