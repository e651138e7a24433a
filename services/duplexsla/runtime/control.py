"""A service's own small HTTP port, and the one way in which every service ends.

    GET  /livez                 200 for as long as the process answers at all: also while it drains
    GET  /healthz               200 with what the service counts; 503 while it is not well, or drains
    GET  /metrics               the same and more for Prometheus, with exemplars for who accepts OpenMetrics
    POST /drain?deadline_s=60   takes on nothing new, brings what is under way to its end or elsewhere:
                                200 {"left": 0}, or 503 {"left": 3} when the deadline came first

SIGTERM and SIGINT do the same as POST /drain. Afterwards the process ends, with exit status 0 when nothing
was left, else EXIT_LEFT. So `curl -fsS -X POST` is a preStop hook that fails when something had to be cut.
"""

import asyncio
import json
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

REQUEST_S = 5.0  # for a client to finish asking
GOODBYE_S = 1.0  # for those who asked for the drain to read how it went
EXIT_LEFT = 3
Report = Callable[[], tuple[bool, dict[str, Any]]]  # (well, what to show)
Metrics = Callable[[str], tuple[str, bytes]]  # of what the client accepts: content type and body


class Drain:
    """Asked for once or more, by whomever; the first deadline counts."""

    def __init__(self, deadline_s: float) -> None:
        """`deadline_s` is for those who name none."""
        self.deadline_s = deadline_s
        self.asked = asyncio.Event()
        self.left: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def ask(self, deadline_s: float | None = None) -> None:
        if not self.asked.is_set():
            self.deadline_s = self.deadline_s if deadline_s is None else deadline_s
            self.asked.set()

    def on_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.ask)

    def done(self, left: int) -> int:
        """Tells everybody who asked how much could not be brought to an end; the exit status."""
        if not self.left.done():
            self.left.set_result(left)
        return EXIT_LEFT if left else 0


class Control:
    """The port of one service."""

    def __init__(self, report: Report, drain: Drain, metrics: Metrics | None = None) -> None:
        self._report, self._drain, self._metrics = report, drain, metrics
        self._asking: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def listen(self, address: str) -> None:
        """`address` is host:port (port 0: any free one, see `port`), or "" for none."""
        if address:
            host, _, port = address.rpartition(":")
            self._server = await asyncio.start_server(self._answer, host, int(port))
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """After the last answer, or GOODBYE_S."""
        if self._server is not None:
            self._server.close()
        if self._asking:
            await asyncio.wait(self._asking, timeout=GOODBYE_S)
        for task in self._asking:
            task.cancel()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._asking.add(task)
        try:
            async with asyncio.timeout(REQUEST_S):
                request = await reader.readuntil(b"\r\n\r\n")
            writer.write(await self._page(*_read(request)))
            await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone, or never finished asking
        finally:
            self._asking.discard(task)
            writer.close()

    async def _page(self, method: str, target: str, accept: str) -> bytes:
        asked = urlsplit(target)
        if method == "GET" and asked.path == "/metrics" and self._metrics is not None:
            content_type, body = self._metrics(accept)
            return _head("200 OK", body, content_type)
        if method in ("GET", "HEAD") and asked.path == "/livez":
            return _head("200 OK", b"{}")
        if method in ("GET", "HEAD") and asked.path == "/healthz":
            well, shown = self._report()
            draining = self._drain.asked.is_set()
            return _response(well and not draining, {**shown, "draining": draining})
        if method == "POST" and asked.path == "/drain":
            self._drain.ask(_deadline_s(asked.query))
            left = await asyncio.shield(self._drain.left)
            return _response(not left, {"left": left})
        return _head("404 Not Found", b"{}")


def _read(request: bytes) -> tuple[str, str, str]:
    """Method, target and the Accept header; empty for what is missing."""
    first, *headers = request.decode("latin-1").split("\r\n")
    method, target, *_ = [*first.split(" "), "", ""]
    accepts = (line.partition(":")[2].strip() for line in headers if line.lower().startswith("accept:"))
    return method, target, next(accepts, "")


def _deadline_s(query: str) -> float | None:
    with suppress(ValueError, KeyError):
        return max(0.0, float(parse_qs(query)["deadline_s"][0]))
    return None


def _response(well: bool, shown: dict[str, Any]) -> bytes:
    return _head("200 OK" if well else "503 Service Unavailable", json.dumps(shown).encode())


def _head(status: str, body: bytes, content_type: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n"
    return f"{head}connection: close\r\n\r\n".encode() + body
