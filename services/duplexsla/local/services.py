"""Our own services as local processes: home, executor, gateway, each given the addresses of the others."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from duplexsla.local.authority import LocalAccess
from duplexsla.local.health import http_answers
from duplexsla.local.process import Process, await_ready, free_port, launch
from duplexsla.runtime.checkout import ROOT

START_S = 120.0
DRAIN_S = 5  # how long a stopping gateway lets its sessions finish


def start_home(workdir: Path, *, port: int = 0, history: Path | None = None, homes: str = "demo") -> Process:
    """The simulated homes; their state is kept in `workdir` and found again by a later start there."""
    address = f"127.0.0.1:{port or free_port()}"
    settings = {"LISTEN": address, "DATABASE": str(workdir / "homes.sqlite"), "HISTORY": str(history or "")}
    settings["HOMES"] = homes
    process = _launch("home", workdir, address, settings)
    return await_ready(process, lambda: http_answers(f"http://{address}/healthz"), timeout_s=START_S)


def start_executor(
    workdir: Path,
    others: Mapping[str, str],
    *,
    otlp: str = "",
    port: int = 0,
    history: Path | None = None,
    homes_file: Path | None = None,
    name: str = "executor",
) -> Process:
    """`others`: host:port of kafka, redis (or its URL) and home; `homes_file`: of homes with real devices."""
    address = f"127.0.0.1:{port or free_port()}"
    settings = {
        "LISTEN": address,
        "KAFKA": others["kafka"],
        "REDIS_URL": _redis_url(others["redis"]),
        "HOMES_URL": f"http://{others['home']}",
        "HOMES_FILE": str(homes_file or ""),
        "OTLP": otlp,
        "HISTORY": str(history or ""),
    }
    process = _launch("executor", workdir, address, settings, name=name)
    return await_ready(process, lambda: http_answers(f"http://{address}/healthz"), timeout_s=START_S)


def start_gateway(
    workdir: Path,
    others: Mapping[str, str],
    *,
    otlp: str = "",
    port: int = 0,
    slots: int = 16,
    history: Path | None = None,
    gateways: Sequence[str] = (),
    trace_policy: str = "all",
    attention: str = "always",
    access: LocalAccess | None = None,
    realtime: str = "",
    name: str = "gateway",
) -> Process:
    """`others`: host:port of triton (of each, with commas) and redis; of kafka and home if there are any.
    `attention`: where a client leaves it open. With `access` callers are asked who they are, over TLS.
    `realtime`: host:port for clients of that protocol.

    `slots`: sessions that one decoder holds; `gateways`: where its clients may resume; `trace_policy`: as
    the setting TRACE_POLICY, or off.
    """
    address = f"127.0.0.1:{port or free_port()}"
    settings = {
        "LISTEN": address,
        "DECODERS": others["triton"],
        "KAFKA": others.get("kafka", ""),
        "REDIS_URL": _redis_url(others["redis"]),
        "HOMES_URL": f"http://{others['home']}" if "home" in others else "",
        "OTLP": otlp,
        "HISTORY": str(history or ""),
        "SLOTS": str(slots),
        "DRAIN_S": str(DRAIN_S),
        "GATEWAYS": ",".join(gateways),
        "ATTENTION_DEFAULT": attention,
        "REALTIME": realtime,
    }
    settings |= access.settings() if access is not None else {}
    settings |= {"TRACE_FILE": ""} if trace_policy == "off" else {"TRACE_POLICY": trace_policy}
    control = f"127.0.0.1:{free_port()}"
    process = _launch(
        "gateway", workdir, address, settings | {"CONTROL": control}, name=name, control=control
    )
    return await_ready(process, lambda: http_answers(f"http://{control}/healthz"), timeout_s=START_S)


def _launch(
    service: str,
    workdir: Path,
    address: str,
    settings: Mapping[str, str],
    *,
    name: str = "",
    control: str = "",
) -> Process:
    """`control` is the address itself where a service has one port for both."""
    workdir.mkdir(parents=True, exist_ok=True)
    settings = {"TRACE_FILE": str(trace_file(workdir, service)), **settings}
    environ = {f"DUPLEXSLA_{key}": value for key, value in settings.items()}
    environ["PYTHONPATH"] = str(ROOT / "services")
    return launch(
        name or service,
        [sys.executable, "-m", f"duplexsla.{service}"],
        log=workdir / f"{service}.log",
        address=address,
        control=control or address,
        environ=environ,
    )


def _redis_url(address: str) -> str:
    """`address` is host:port of a server, or a URL."""
    return address if "://" in address else f"redis://{address}/0"


def trace_file(workdir: Path, service: str) -> Path:
    """Where a service writes its spans, one JSON object a line."""
    return workdir / f"{service}.spans.jsonl"
