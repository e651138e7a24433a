"""The settings of all services: the one table. Only `__main__` modules and the decoder's model.py read it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duplexsla.runtime.settings import (
    BROKERS,
    COLLECTOR,
    COUNTS,
    FILE,
    HOST_PORT,
    HOST_PORTS,
    HTTP_URL,
    KAFKA_SECURITY,
    LOG_LEVEL,
    NAMES,
    NAMESPACED,
    PATH,
    PORT,
    REDIS_URL,
    SECONDS,
    SECRET_TEXT,
    TEXT,
    TRACE_POLICY,
    YES,
    Setting,
    declare,
    empty_or,
    names_of,
    one_of,
    seconds,
    use,
    whole,
)

CONTROL_PAGES = "GET /livez, GET /healthz, GET /metrics and POST /drain"

CONTROL = Setting(empty_or(HOST_PORT, ""), "", f"where {CONTROL_PAGES} are served; empty: nowhere")
KAFKA_FILE = Setting(empty_or(KAFKA_SECURITY, {}), "", "TLS and passwords for Kafka; empty: none")
KUBERNETES_API = Setting(
    empty_or(HTTP_URL, ""), "", "the Kubernetes API, outside of a pod; empty: that of the pod"
)
OTLP = Setting(empty_or(COLLECTOR, ""), "", "OpenTelemetry collector for spans, over gRPC; empty: none")
TRACE_FILE = Setting(FILE, "", "file that gets every span as a line of JSON; empty: none")
POLICY = Setting(
    TRACE_POLICY,
    "all",
    "which traces leave the process: all, a share, or (slo) those with a late step, an error or an action",
)
HISTORY = Setting(FILE, "", "file or folder of the history that `duplexsla check` reads; empty: none")
CODE_KEY = Setting(TEXT, "", "the key that gateways and executors share for proofs of codes")
LOG = Setting(LOG_LEVEL, "warning", "least severity of what is logged")
QUOTAS = Setting(
    empty_or(COUNTS, {}),
    "",
    "the most of each kind: tenant, home or peer, a dot, and sessions (at once), or (a minute) opens, "
    "actions, comfort_actions, mess_actions, entry_actions and, of a peer, failed_logins; as "
    "home.sessions=4,peer.opens=60",
)


ADMIN_KEYS = Setting(
    FILE,
    "",
    "API keys (`duplexsla admin`): those with the scope admin may do verbs of the control port from other "
    "machines; empty: nobody may",
)
HOMES_TOKEN = Setting(
    SECRET_TEXT, "", "API key that is shown to the home service; @FILE: what that file holds; empty: none"
)


@dataclass(frozen=True)
class AuthSettings:
    """Who may come in, at each service that asks."""

    auth: tuple[str, ...] = declare(
        names_of("none", "jwt", "api-key", "ticket", "certificate"),
        "none",
        "how callers show who they are; none: not at all, which is for loopback addresses",
    )
    auth_none_anywhere: bool = declare(
        empty_or(YES, False), "", "yes: auth none also where others reach us, who then operate any home"
    )
    auth_issuer: str = declare(TEXT, "", "jwt: the issuer of tokens, as their iss claim has it")
    auth_audience: str = declare(TEXT, "", "jwt: this service, as their aud claim has it")
    auth_keys: str = declare(TEXT, "", "jwt: URL or file of the issuer's key set (JWKS)")
    auth_api_keys: str = declare(
        FILE, "", "api-key, certificate: JSON file that `duplexsla admin` writes; read again when it changes"
    )


@dataclass(frozen=True)
class GatewaySettings(AuthSettings):
    listen: str = declare(HOST_PORT, "127.0.0.1:50051", "where clients connect; port 0 takes a free one")
    tls_certificate: str = declare(
        FILE, "", "certificate of LISTEN, PEM, read again when it changes; empty: calls travel in clear"
    )
    tls_key: str = declare(FILE, "", "its key")
    tls_clients: str = declare(
        FILE, "", "authority that signs callers' certificates: then every caller must show one; empty: none"
    )
    realtime: str = declare(
        empty_or(HOST_PORT, ""),
        "",
        "where clients of the OpenAI Realtime protocol connect, over WebSockets; empty: nowhere",
    )
    decoders: tuple[str, ...] = declare(
        HOST_PORTS, "127.0.0.1:8001", "gRPC address of each Triton that serves the model"
    )
    decoder_authority: str = declare(
        FILE, "", "authority that signs the decoders' certificates; empty: chunks travel in clear"
    )
    decoder_certificate: str = declare(
        FILE, "", "our certificate, for decoders that ask for one (Triton's grpc-use-ssl-mutual); empty: none"
    )
    decoder_key: str = declare(FILE, "", "its key")
    decoder_name: str = declare(TEXT, "duplexsla-decoder", "name in those certificates, whatever the address")
    decoder_service: str = declare(
        empty_or(NAMESPACED, ""),
        "",
        "headless Service of the decoders, whose EndpointSlices take the place of DECODERS; empty: none",
    )
    kubernetes_api: str = use(KUBERNETES_API)
    sessions: int = declare(whole(1), "256", "sessions at once of this gateway, with DECODER_SERVICE")
    slots: int = declare(whole(1), "16", "sessions that one decoder holds; more are refused")
    redis_url: str = declare(
        empty_or(REDIS_URL, ""), "", "leases, fences and journals; empty: in this process's memory"
    )
    kafka: str = declare(empty_or(BROKERS, ""), "", "brokers; empty: actions are unavailable")
    kafka_security: dict[str, Any] = use(KAFKA_FILE)
    homes_url: str = declare(
        empty_or(HTTP_URL, ""), "", "the home service; empty: every home with a valid name exists"
    )
    homes_token: str = use(HOMES_TOKEN)
    admin_keys: str = use(ADMIN_KEYS)
    gateways: tuple[str, ...] = declare(
        empty_or(HOST_PORTS, ()), "", "where clients may resume; empty: where they were"
    )
    resume_s: float = declare(SECONDS, "60", "how long a session waits in Redis for a client that has gone")
    silence_s: float = declare(
        seconds(least=1), "3600", "how long a client may send nothing, because it is muted, and keep its slot"
    )
    quotas: dict[str, int] = use(QUOTAS)
    session_s: float = declare(SECONDS, "0", "how long a session may last; 0: as long as its client wants")
    message_bytes: int = declare(
        whole(65_536, 1 << 26), "2097152", "of a client's message; larger ones end its stream"
    )
    unopened: int = declare(
        whole(1), "64", "streams of one address that have not opened a session; the oldest gives way"
    )
    journal_chunks: int = declare(
        whole(1), "300", "newest chunks of a session that are kept, so that another decoder can continue it"
    )
    attention_default: str = declare(
        one_of("always", "wake"),
        "always",
        "where a client leaves it open: always acts on whatever is said, wake after somebody turned to us",
    )
    code_key: str = use(CODE_KEY)
    control: str = use(CONTROL)
    drain_s: float = declare(SECONDS, "30", "how long a drain lets running sessions finish")
    shed: int = declare(
        whole(0, 4),
        "4",
        "what is shed at most when steps run late: 0 nothing, 1 traces, 2 also file sessions, 3 also the "
        "writing of journals, 4 also new sessions",
    )
    otlp: str = use(OTLP)
    trace_file: str = use(TRACE_FILE)
    trace_policy: str | float = use(POLICY)
    history: str = use(HISTORY)
    log: str = declare(LOG_LEVEL, "info", LOG.meaning)


@dataclass(frozen=True)
class ExecutorSettings:
    kafka: str = declare(BROKERS, None, "brokers")
    kafka_security: dict[str, Any] = use(KAFKA_FILE)
    redis_url: str = declare(REDIS_URL, None, "ledger and fences")
    homes_url: str = declare(
        empty_or(HTTP_URL, ""), "", "the home service, for simulated homes; empty: there are none"
    )
    homes_file: str = declare(
        FILE,
        "",
        "which backend holds which home, as JSON, read again when it changes; empty: all are simulated",
    )
    homes_token: str = use(HOMES_TOKEN)
    admin_keys: str = use(ADMIN_KEYS)
    listen: str = declare(HOST_PORT, "127.0.0.1:8071", f"where {CONTROL_PAGES} are served")
    member: str = declare(
        TEXT, "", "name in the consumer group that outlives a restart, so that partitions stay; empty: none"
    )
    policy_file: str = declare(
        FILE, "", "policy of what may be done, as JSON, read again when it changes; empty: the one that ships"
    )
    codes_file: str = declare(
        FILE,
        "",
        "JSON object with the code of each home, by tenant/home; empty: what asks for a code is denied",
    )
    code_key: str = use(CODE_KEY)
    quotas: dict[str, int] = use(QUOTAS)
    crash_at: str = declare(
        TEXT, "", "for tests: the point at which the process ends itself by SIGKILL; empty: none"
    )
    otlp: str = use(OTLP)
    trace_file: str = use(TRACE_FILE)
    trace_policy: str | float = use(POLICY)
    history: str = use(HISTORY)
    log: str = use(LOG)


@dataclass(frozen=True)
class HomeSettings:
    listen: str = declare(HOST_PORT, "127.0.0.1:8070", f"where homes, and {CONTROL_PAGES}, are served")
    database: Path = declare(PATH, "homes.sqlite", "SQLite file with the state and the effects")
    homes: tuple[str, ...] = declare(NAMES, "demo", "homes that are made at the start")
    device_keys: str = declare(
        FILE,
        "",
        "API keys (`duplexsla admin`) of those who may operate devices: with the scope act in the homes of "
        "their tenant, with admin in all; empty: nobody is asked, which is for loopback addresses",
    )
    auth_none_anywhere: bool = declare(
        empty_or(YES, False),
        "",
        "yes: without DEVICE_KEYS also where others reach us, who then operate any home",
    )
    history: str = use(HISTORY)
    log: str = use(LOG)


@dataclass(frozen=True)
class DeletionCostSettings:
    namespace: str = declare(TEXT, None, "namespace of the decoder pods")
    selector: str = declare(TEXT, "app.kubernetes.io/component=decoder", "labels of the decoder pods")
    decoder_control: int = declare(PORT, "8003", "port of the decoders' GET /healthz")
    every_s: float = declare(seconds(least=0.1), "10", "time between two rounds")
    listen: str = declare(HOST_PORT, "127.0.0.1:8074", f"where {CONTROL_PAGES} are served")
    kubernetes_api: str = use(KUBERNETES_API)
    log: str = use(LOG)


@dataclass(frozen=True)
class DecoderParameters:
    """The parameters of model_repository/duplexsla/config.pbtxt."""

    slots: int = declare(whole(1), "32", "sessions that it holds")
    idle_s: float = declare(seconds(least=0.1), "30", "how long a session without a chunk keeps its slot")
    control: str = use(CONTROL)
    threads: int = declare(whole(1), "1", "torch's threads")
    kernels: str = declare(
        one_of("auto", "any", "avx512", "avx2", "native", "torch"),
        "auto",
        "compiled kernels: the best, the best or torch where there are none, one kind, or torch alone",
    )
    otlp: str = use(OTLP)
    trace_file: str = use(TRACE_FILE)
    history: str = use(HISTORY)
    trace_policy: str | float = use(POLICY)


@dataclass(frozen=True)
class DecoderSettings(DecoderParameters):
    """What the decoder's image reads: a variable for each parameter, and one for Triton itself."""

    exit_s: int = declare(whole(0), "5", "how long Triton waits for requests in flight after SIGTERM, s")
    tls_certificate: str = declare(
        FILE, "", "certificate of the gRPC port, PEM, read at the start alone; empty: chunks travel in clear"
    )
    tls_key: str = declare(FILE, "", "its key")
    tls_clients: str = declare(FILE, "", "authority that signs gateways' certificates; each must show one")


SERVICES: dict[str, type[Any]] = {
    "gateway": GatewaySettings,
    "decoder": DecoderSettings,
    "executor": ExecutorSettings,
    "home": HomeSettings,
    "deletion-cost": DeletionCostSettings,
}
