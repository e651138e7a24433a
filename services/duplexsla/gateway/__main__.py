"""Serves spoken conversations to clients: one gRPC stream each, decoded in chunks of 160 ms.

The gateway cuts a client's audio into chunks, sends each to the Triton that holds the session, and returns
sound, text and actions. It publishes actions on Kafka and reports their outcomes to the client and to the
model. It keeps the newest 48 s of each session, so that another Triton can continue it when one dies, hangs
or drains, and copies them to Redis every second, so that another gateway can continue it when this one dies.

  DUPLEXSLA_DECODERS=10.0.0.5:8001 DUPLEXSLA_KAFKA=10.0.0.6:9092 python -m duplexsla.gateway

Clients speak duplexsla.v1.SessionService (server reflection is on); the standard gRPC health service turns
to NOT_SERVING while the gateway drains. SIGTERM, SIGINT and POST /drain on the control port drain: no new
session is admitted, clients that can resume are sent to other gateways, the others are told and may finish.
Exit status: 0 when all of them did, 3 when some had to be cut, 2 for a wrong setting.

DUPLEXSLA_AUTH says how callers show who they are: API keys, tickets, tokens of an OpenID provider or client
certificates. Their claims say which tenant, homes and toolsets they reach, and whether they may act.
"""

import asyncio
import gc
import json
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

import grpc

from duplexsla.errors import SettingError
from duplexsla.gateway.actions.bus import ActionBus, MemoryBus
from duplexsla.gateway.actions.kafka_bus import KafkaBus
from duplexsla.gateway.call.call import Timeouts
from duplexsla.gateway.decoders.client import DecoderTls
from duplexsla.gateway.decoders.discovery import Discovery
from duplexsla.gateway.decoders.pool import DecoderPool
from duplexsla.gateway.edges.grpc.server import GrpcServer
from duplexsla.gateway.edges.opening_streams import OpeningStreams
from duplexsla.gateway.edges.realtime.server import RealtimeServer
from duplexsla.gateway.edges.session_port import SessionPort
from duplexsla.gateway.gateway import AnyHome, Gateway, HomeDirectory, HttpHomes
from duplexsla.gateway.metrics_page import samples
from duplexsla.history import HistoryLog, open_history
from duplexsla.kubernetes.endpoint_slices import KubernetesEndpointSlices
from duplexsla.runtime.control import Control, ControlPages, Drain
from duplexsla.runtime.service_settings import GatewaySettings
from duplexsla.runtime.startup import parser_of, start
from duplexsla.runtime.tasks import Supervisor, in_thread
from duplexsla.security.access import AccessControl, check_open_door
from duplexsla.security.configured import CERTIFICATE, TICKET, access_control
from duplexsla.security.doors import TicketDoor, shown, verb_door
from duplexsla.security.quotas import quotas_of
from duplexsla.security.tickets import Tickets
from duplexsla.security.tls import CertificateFiles, ServerCertificates
from duplexsla.session.store.leases import DecoderAddress, Store
from duplexsla.session.store.memory import MemoryArchive, MemoryStore
from duplexsla.session.store.quota_counters import RedisQuotaCounters
from duplexsla.session.store.redis import RedisArchive, RedisStore
from duplexsla.session.store.room_hints import RedisRoomHints
from duplexsla.telemetry import MetricsPage, Telemetry, setup
from duplexsla.v1.session_pb2 import ATTENTION_MODE_ALWAYS, ATTENTION_MODE_WAKE

PACKAGE = "duplexsla.gateway"
ATTENTION = {"always": ATTENTION_MODE_ALWAYS, "wake": ATTENTION_MODE_WAKE}
STOP_S = 3.0
FIRST_DECODERS_S = 10.0

logger = logging.getLogger(PACKAGE)


def main(arguments: list[str] | None = None) -> int:
    parser_of(PACKAGE, __doc__ or "", GatewaySettings).parse_args(arguments)
    return start(PACKAGE, GatewaySettings, _run)


def _run(settings: GatewaySettings) -> int:
    logging.getLogger("kafka").setLevel(logging.ERROR)
    return _loop().run(serve(settings))


async def serve(settings: GatewaySettings) -> int:
    """Serves until SIGTERM or SIGINT; the process's exit status."""
    telemetry = setup(
        "duplexsla-gateway",
        otlp_endpoint=settings.otlp,
        trace_file=settings.trace_file,
        policy=settings.trace_policy,
    )
    history = open_history(settings.history, "gateway")
    drain = Drain(settings.drain_s)
    drain.on_signals()
    counters = _quota_counters(settings)
    tickets = Tickets()
    quotas = quotas_of(settings.quotas, counters)
    access = access_control(settings, settings.listen, quotas=quotas, tickets=tickets)
    if access.open_to_all:
        logger.warning("everybody_may_call listen=%s: DUPLEXSLA_AUTH is none", settings.listen)
    gateway = _gateway(settings, telemetry, history, Supervisor(on_fatal=drain.ask), access)
    discovery = await _discovery(settings, gateway.pool)
    port = SessionPort(gateway, OpeningStreams(settings.unopened))
    server = GrpcServer(
        port,
        settings.listen,
        credentials=_credentials(settings),
        message_bytes=settings.message_bytes,
    )
    realtime = _realtime(settings, port, access)
    page = MetricsPage(
        lambda: samples(
            gateway,
            telemetry,
            port,
            discovery_away=discovery is not None and discovery.away,
        )
    )
    minted = TicketDoor(access, tickets) if TICKET in settings.auth else None
    pages = ControlPages(
        lambda: _report(gateway, telemetry, listening=server.started),
        drain,
        page,
        may_do=verb_door(settings.admin_keys),
        ticket=minted,
    )
    control = Control(pages)
    await control.listen(settings.control)
    if discovery is not None:
        gateway.tasks.run("discovery", lambda: in_thread("discovery", discovery.run))
        await asyncio.to_thread(discovery.listed.wait, FIRST_DECODERS_S)
    await gateway.start()
    await server.start()
    if realtime is not None:
        await realtime.start()
        logger.info("realtime listening address=%s", realtime.address)
    gc.freeze()  # what start-up made stays: 14 ms less of each full collection
    logger.info("listening address=%s slots=%d", server.address, _slots(settings))
    await drain.asked.wait()
    status = await _drain(gateway, server, realtime, drain)
    if discovery is not None:
        discovery.close()
    await control.close()
    if counters is not None:
        await counters.close()
    history.close(gateway.counts.as_dict())
    await asyncio.to_thread(telemetry.shutdown)
    return status


def _quota_counters(settings: GatewaySettings) -> RedisQuotaCounters | None:
    """None: those of this process."""
    if not settings.quotas or not settings.redis_url:
        return None
    return RedisQuotaCounters(settings.redis_url, servers_clock=True)


def _gateway(
    settings: GatewaySettings,
    telemetry: Telemetry,
    history: HistoryLog,
    tasks: Supervisor,
    access: AccessControl,
) -> Gateway:
    name = f"{socket.gethostname()}:{os.getpid()}"
    return Gateway(
        name,
        _decoders(settings),
        store=_store(settings),
        bus=_bus(settings, name, history),
        homes=_homes(settings),
        telemetry=telemetry,
        tasks=tasks,
        archive=RedisArchive(settings.redis_url) if settings.redis_url else MemoryArchive(),
        journal_chunks=settings.journal_chunks,
        resume_ms=int(settings.resume_s * 1e3),
        timeouts=Timeouts(silence_s=settings.silence_s, session_s=settings.session_s),
        others=settings.gateways,
        history=history,
        shed=settings.shed,
        attention=ATTENTION[settings.attention_default],
        code_key=settings.code_key.encode(),
        room_hints=RedisRoomHints(settings.redis_url) if settings.redis_url else None,
        access=access,
        decoder_tls=_decoder_tls(settings),
    )


def _decoder_tls(settings: GatewaySettings) -> DecoderTls | None:
    """As the files are at the start; SettingError."""
    if not settings.decoder_authority:
        return None
    files = (settings.decoder_authority, settings.decoder_key, settings.decoder_certificate)
    try:
        authority, key, certificate = (Path(file).read_bytes() if file else None for file in files)
    except OSError as error:
        raise SettingError(f"certificates of decoders in {error.filename}: {error.strerror}") from error
    return DecoderTls(grpc.ssl_channel_credentials(authority, key, certificate), settings.decoder_name)


def _credentials(settings: GatewaySettings) -> grpc.ServerCredentials | None:
    """None: in clear. SettingError for certificates that cannot be used, or that are missing."""
    if CERTIFICATE in settings.auth and not settings.tls_clients:
        raise SettingError("environment variable DUPLEXSLA_TLS_CLIENTS: DUPLEXSLA_AUTH has certificate")
    if not settings.tls_certificate:
        if settings.tls_clients:
            raise SettingError(
                "environment variable DUPLEXSLA_TLS_CERTIFICATE: DUPLEXSLA_TLS_CLIENTS needs it"
            )
        return None
    clients = Path(settings.tls_clients) if settings.tls_clients else None
    files = CertificateFiles(Path(settings.tls_certificate), Path(settings.tls_key), clients)
    return ServerCertificates(files).grpc_credentials()


def _report(gateway: Gateway, telemetry: Telemetry, *, listening: bool) -> tuple[bool, dict[str, Any]]:
    well, tasks = gateway.tasks.well()
    return well and listening, {**gateway.counts.as_dict(), "spans_dropped": telemetry.dropped, **tasks}


async def _discovery(settings: GatewaySettings, pool: DecoderPool) -> Discovery | None:
    """Of the decoders' Service, if there is one, for the pool; not running yet. May raise SettingError."""
    if not settings.decoder_service:
        return None
    loop = asyncio.get_running_loop()

    def use(decoders: list[DecoderAddress]) -> None:
        pool.decoders = decoders

    def tell(addresses: tuple[str, ...]) -> None:
        logger.info("decoders changed ready=%d addresses=%s", len(addresses), ",".join(addresses))
        loop.call_soon_threadsafe(use, [DecoderAddress(address, settings.slots) for address in addresses])

    slices = await asyncio.to_thread(
        KubernetesEndpointSlices, settings.decoder_service, url=settings.kubernetes_api
    )
    return Discovery(slices, tell)


def _realtime(settings: GatewaySettings, port: SessionPort, access: AccessControl) -> RealtimeServer | None:
    """None where none is wanted; SettingError for an address that is open to strangers."""
    if not settings.realtime:
        return None
    if access.open_to_all:
        check_open_door(settings.realtime, anywhere=settings.auth_none_anywhere)
    return RealtimeServer(port, settings.realtime, message_bytes=settings.message_bytes)


async def _drain(gateway: Gateway, server: GrpcServer, realtime: RealtimeServer | None, drain: Drain) -> int:
    """Ends the gateway; the process's exit status."""
    logger.info("draining sessions=%d deadline_s=%g", gateway.counts.live, drain.deadline_s)
    await server.refuse_new()
    cut = await gateway.drain(drain.deadline_s)
    await server.stop(STOP_S)
    if realtime is not None:
        await realtime.stop()
    await gateway.close()
    logger.info("stopped sessions_cut=%d counts=%s", cut, json.dumps(gateway.counts.as_dict()))
    return drain.done(cut)


def _decoders(settings: GatewaySettings) -> list[DecoderAddress]:
    """Those that are known before a decoder service tells of others."""
    addresses = () if settings.decoder_service else settings.decoders
    return [DecoderAddress(address, settings.slots) for address in addresses]


def _slots(settings: GatewaySettings) -> int:
    """Sessions for which this gateway has room."""
    return settings.sessions if settings.decoder_service else len(settings.decoders) * settings.slots


def _store(settings: GatewaySettings) -> Store:
    return RedisStore(settings.redis_url, servers_clock=True) if settings.redis_url else MemoryStore()


def _bus(settings: GatewaySettings, name: str, history: HistoryLog) -> ActionBus:
    if not settings.kafka:
        return MemoryBus()
    return KafkaBus(settings.kafka, name=name, history=history, security=settings.kafka_security)


def _homes(settings: GatewaySettings) -> HomeDirectory:
    return HttpHomes(settings.homes_url, shown(settings.homes_token)) if settings.homes_url else AnyHome()


def _loop() -> asyncio.Runner:
    """uvloop where it is installed: the same loop with less per message."""
    try:
        import uvloop
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


if __name__ == "__main__":
    sys.exit(main())
