"""Serves simulated homes over HTTP: `python -m duplexsla.home --help`."""

import asyncio
import socket
import sqlite3
import sys
from contextlib import AbstractContextManager, nullcontext

import uvicorn

from duplexsla.clock import unix_ms
from duplexsla.errors import BadInput, SettingError
from duplexsla.history import HistoryLog, open_history
from duplexsla.home.app import create_app
from duplexsla.home.homes import Homes
from duplexsla.home.store import HomeStore
from duplexsla.runtime.control import Drain
from duplexsla.runtime.service_settings import HomeSettings
from duplexsla.runtime.startup import parser_of, start
from duplexsla.security.access import AccessControl
from duplexsla.security.doors import keyed_access

HELP = """\
Serves simulated homes and cars over HTTP: 64 functions that change or read real state.

SIGTERM, SIGINT and POST /drain?deadline_s=10: no further action is accepted, running ones end. Exit status: 0
when all of them did, 3 when some were cut.

Try it:
  python -m duplexsla.home &
  curl -s localhost:8070/homes/demo | python -m json.tool | head
  curl -s localhost:8070/homes/demo/effects
  curl -s -X POST localhost:8070/homes/demo/faults -H 'content-type: application/json' \\
       -d '{"device": "light", "kind": "slow", "ms": 300}'
"""
PACKAGE = "duplexsla.home"
DRAIN_S = 10.0


def main() -> int:
    parser_of(PACKAGE, HELP, HomeSettings).parse_args()
    return start(PACKAGE, HomeSettings, _run)


def _run(settings: HomeSettings) -> int:
    try:
        store = HomeStore(settings.database)
        for home in settings.homes:
            Homes(store).create(home, unix_ms())
    except sqlite3.OperationalError as error:
        raise SettingError(f"environment variable DUPLEXSLA_DATABASE: {error}") from error
    except BadInput as error:
        raise SettingError(f"environment variable DUPLEXSLA_HOMES: {error}") from error
    history = open_history(settings.history, "home")
    access = keyed_access(settings.device_keys, settings.listen, anywhere=settings.auth_none_anywhere)
    status = asyncio.run(serve(store, history, _listening(settings.listen), access))
    history.close()
    return status


def _listening(address: str) -> socket.socket:
    """A socket that is bound to host:port. OSError when it is taken."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), int(port)), family=family)


class HomeServer(uvicorn.Server):
    """One that leaves signals to us."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


async def serve(
    store: HomeStore, history: HistoryLog, listening: socket.socket, access: AccessControl
) -> int:
    """Serves until it is asked to drain; the process's exit status."""
    drain = Drain(DRAIN_S)
    drain.on_signals()
    app = create_app(store, clock_ms=unix_ms, history=history, drain=drain, access=access)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    server = HomeServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    asking = asyncio.create_task(drain.asked.wait())
    await asyncio.wait({serving, asking}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
        return 1
    status = drain.done(await app.state.service.drain(drain.deadline_s))
    server.should_exit = True
    await serving
    return status


if __name__ == "__main__":
    sys.exit(main())
