"""Serves spoken conversations to clients: one gRPC stream each, decoded in chunks of 160 ms.

The gateway cuts a client's audio into chunks, sends each to the Triton that holds the session, and returns
sound, text and actions. It hands actions to Kafka and reports their outcomes to the client and to the
model. It holds no model, and nothing that cannot be lost: a session lives as long as its stream.

  DUPLEXSLA_DECODERS=10.0.0.5:8001 DUPLEXSLA_KAFKA=10.0.0.6:9092 python -m duplexsla.gateway

Clients speak duplexsla.v1.SessionService (server reflection is on); the standard gRPC health service turns
to NOT_SERVING while the gateway drains. SIGTERM and SIGINT drain: nobody new is admitted, clients are told,
running sessions may finish. Exit status: 0 when all of them did, 3 when some had to be cut, 2 for a setting
that is wrong.

Settings (environment):
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys

from duplexsla.errors import SettingError
from duplexsla.gateway.actions import ActionBus, MemoryBus
from duplexsla.gateway.counts import observe
from duplexsla.gateway.gateway import Gateway
from duplexsla.gateway.homes import AnyHome, HomeDirectory, HttpHomes
from duplexsla.gateway.kafka_bus import KafkaBus
from duplexsla.gateway.server import Server
from duplexsla.gateway.settings import KNOWN, GatewaySettings, read
from duplexsla.session.redis_store import RedisStore
from duplexsla.session.store import MemoryStore, Store
from duplexsla.telemetry import policy, setup

EXIT_WRONG_SETTING = 2
EXIT_SESSIONS_CUT = 3
STOP_S = 3.0

logger = logging.getLogger("duplexsla.gateway")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m duplexsla.gateway",
        description=(__doc__ or "") + _table(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(arguments)
    try:
        settings = read(os.environ)
        logging.basicConfig(level=settings.log, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        logging.getLogger("kafka").setLevel(logging.ERROR)
        return _loop().run(serve(settings))
    except (SettingError, OSError) as error:
        print(f"duplexsla gateway: {error}", file=sys.stderr)
        return EXIT_WRONG_SETTING


async def serve(settings: GatewaySettings) -> int:
    """Serves until SIGTERM or SIGINT; the process's exit status."""
    telemetry = setup(
        "duplexsla-gateway",
        otlp_endpoint=settings.otlp,
        trace_file=settings.trace_file,
        policy=policy(settings.trace_policy),
    )
    gateway = Gateway(
        f"{socket.gethostname()}:{os.getpid()}",
        settings.decoders,
        store=_store(settings),
        bus=_bus(settings),
        homes=_homes(settings),
        telemetry=telemetry,
    )
    observe(gateway.counts, telemetry.meter)
    server = Server(gateway, settings.listen, slots=settings.slots)
    stopping = _stopping()
    await gateway.start()
    await server.start()
    logger.info("listening on %s, %d slots", server.address, settings.slots)
    await stopping.wait()
    logger.info("draining %d sessions, at most %g s", gateway.counts.live, settings.drain_s)
    await server.refuse_new()
    cut = await gateway.drain(settings.drain_s)
    await server.stop(STOP_S)
    await gateway.close()
    await asyncio.to_thread(telemetry.shutdown)
    logger.info("stopped, %d sessions cut: %s", cut, json.dumps(gateway.counts.as_dict()))
    return EXIT_SESSIONS_CUT if cut else 0


def _store(settings: GatewaySettings) -> Store:
    return RedisStore(settings.redis_url, servers_clock=True) if settings.redis_url else MemoryStore()


def _bus(settings: GatewaySettings) -> ActionBus:
    return KafkaBus(settings.kafka) if settings.kafka else MemoryBus()


def _homes(settings: GatewaySettings) -> HomeDirectory:
    return HttpHomes(settings.homes_url) if settings.homes_url else AnyHome()


def _stopping() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT."""
    event = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, event.set)
    return event


def _loop() -> asyncio.Runner:
    """uvloop where it is installed: the same loop with less per message."""
    try:
        import uvloop
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def _table() -> str:
    return "\n".join(f"  DUPLEXSLA_{s.name:<13} {s.meaning} [{s.default or 'empty'}]" for s in KNOWN)


if __name__ == "__main__":
    sys.exit(main())
