"""What a gateway is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from duplexsla.gateway.decoders import load_shedding
from duplexsla.runtime.settings import kafka_security, setting
from duplexsla.session.placement import DecoderAddress
from duplexsla.telemetry import policy


class GatewaySetting(NamedTuple):
    """One variable, DUPLEXSLA_<name>, as --help explains it."""

    name: str
    default: str
    meaning: str


KNOWN = (
    GatewaySetting("LISTEN", "127.0.0.1:50051", "host:port where clients connect; port 0 takes a free one"),
    GatewaySetting(
        "DECODERS", "127.0.0.1:8001", "gRPC host:port of each Triton that serves the model, with commas"
    ),
    GatewaySetting(
        "DECODER_SERVICE",
        "",
        "namespace/name of the decoders' headless Service: its EndpointSlices stand in for DECODERS",
    ),
    GatewaySetting(
        "KUBERNETES_API", "", "http://host:port of the API, outside of a pod; empty: the pod's own"
    ),
    GatewaySetting("SESSIONS", "256", "sessions at once of this gateway, with DECODER_SERVICE"),
    GatewaySetting("SLOTS", "16", "sessions that one decoder holds; more are refused with a retry hint"),
    GatewaySetting(
        "REDIS_URL",
        "",
        "redis://host:port/db, or redis+sentinel://host:port,host:port/master/db, for leases and fences; "
        "empty: in this process's memory",
    ),
    GatewaySetting("KAFKA", "", "host:port of brokers, with commas; empty: actions are unavailable"),
    GatewaySetting(
        "KAFKA_SECURITY", "", "JSON file with kafka-python's security_protocol, ssl_* and sasl_*; empty: none"
    ),
    GatewaySetting(
        "HOMES_URL", "", "http://host:port of the home service; empty: every well-formed home exists"
    ),
    GatewaySetting("OTLP", "", "host:port of an OpenTelemetry collector (gRPC); empty: none"),
    GatewaySetting("TRACE_FILE", "", "file that gets every span as a JSON line; empty: none"),
    GatewaySetting(
        "TRACE_POLICY", "all", "which traces leave: all, slo (misses, errors, actions) or a share, as 0.1"
    ),
    GatewaySetting(
        "GATEWAYS", "", "host:port where clients may come back, with commas; empty: where they were"
    ),
    GatewaySetting("RESUME_S", "60", "how long a session waits in Redis for a client that has gone, s"),
    GatewaySetting("JOURNAL_CHUNKS", "300", "newest chunks of a session, from which another decoder goes on"),
    GatewaySetting("CONTROL", "", "host:port of GET /healthz, GET /metrics and POST /drain; empty: none"),
    GatewaySetting("DRAIN_S", "30", "how long SIGTERM and POST /drain let running sessions finish, s"),
    GatewaySetting(
        "SHED",
        "4",
        "when steps run late, shed up to: 0 nothing, 1 traces, 2 file sessions, 3 journals, 4 new sessions",
    ),
    GatewaySetting("HISTORY", "", "file or folder for what `duplexsla check` reads; empty: none"),
    GatewaySetting("LOG", "info", "debug, info, warning or error"),
)
DEFAULTS = {each.name: each.default for each in KNOWN}


@dataclass(frozen=True)
class GatewaySettings:
    listen: str
    decoders: tuple[DecoderAddress, ...]  # none with a decoder service
    decoder_service: str
    kubernetes_api: str
    decoder_slots: int
    sessions: int
    redis_url: str
    kafka: str
    kafka_security: dict[str, Any]
    homes_url: str
    otlp: str
    trace_file: str
    trace_policy: str
    gateways: tuple[str, ...]
    resume_s: float
    journal_chunks: int
    control: str
    drain_s: float
    shed: int
    history: str
    log: str

    @property
    def slots(self) -> int:
        """Sessions for which this gateway has room."""
        return self.sessions if self.decoder_service else sum(decoder.slots for decoder in self.decoders)


def read(environ: Mapping[str, str]) -> GatewaySettings:
    """Settings of this process; raises SettingError that names the variable at fault."""

    def text(name: str) -> str:
        return environ.get(f"DUPLEXSLA_{name}") or DEFAULTS[name]

    slots = setting("SLOTS", positive, positive(DEFAULTS["SLOTS"]), environ=environ)
    service = setting("DECODER_SERVICE", namespaced, "", environ=environ)
    addresses = setting("DECODERS", host_ports, host_ports(DEFAULTS["DECODERS"]), environ=environ)
    return GatewaySettings(
        listen=setting("LISTEN", host_port, DEFAULTS["LISTEN"], environ=environ),
        decoders=tuple(DecoderAddress(address, slots) for address in addresses if not service),
        decoder_service=service,
        kubernetes_api=text("KUBERNETES_API"),
        decoder_slots=slots,
        sessions=setting("SESSIONS", positive, positive(DEFAULTS["SESSIONS"]), environ=environ),
        redis_url=text("REDIS_URL"),
        kafka=text("KAFKA"),
        kafka_security=setting("KAFKA_SECURITY", kafka_security, {}, environ=environ),
        homes_url=text("HOMES_URL"),
        otlp=text("OTLP"),
        trace_file=text("TRACE_FILE"),
        trace_policy=setting("TRACE_POLICY", trace_policy, DEFAULTS["TRACE_POLICY"], environ=environ),
        gateways=setting("GATEWAYS", host_ports, (), environ=environ),
        resume_s=setting("RESUME_S", float, float(DEFAULTS["RESUME_S"]), environ=environ),
        journal_chunks=setting(
            "JOURNAL_CHUNKS", positive, positive(DEFAULTS["JOURNAL_CHUNKS"]), environ=environ
        ),
        control=setting("CONTROL", host_port, "", environ=environ),
        drain_s=setting("DRAIN_S", float, float(DEFAULTS["DRAIN_S"]), environ=environ),
        shed=setting("SHED", level, level(DEFAULTS["SHED"]), environ=environ),
        history=text("HISTORY"),
        log=setting("LOG", log_level, log_level(DEFAULTS["LOG"]), environ=environ),
    )


def positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def namespaced(text: str) -> str:
    namespace, _, name = text.partition("/")
    if not namespace or not name or "/" in name:
        raise ValueError(text)
    return text


def level(text: str) -> int:
    if not load_shedding.NOTHING <= (number := int(text)) <= load_shedding.ALL:
        raise ValueError(text)
    return number


def host_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not 0 <= int(port) < 65_536:
        raise ValueError(text)
    return text


def host_ports(text: str) -> tuple[str, ...]:
    return tuple(host_port(each.strip()) for each in text.split(","))


def log_level(text: str) -> str:
    if text not in ("debug", "info", "warning", "error"):
        raise ValueError(text)
    return text.upper()


def trace_policy(text: str) -> str:
    policy(text)
    return text
