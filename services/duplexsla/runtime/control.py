"""A service's control port: the pages by which others watch it and end it, and the one way in which it ends.

    GET  /livez                 200 for as long as the process answers at all: also while it drains
    GET  /healthz               200 with what the service counts; 503 while it is not well, or drains
    GET  /metrics               the same and more for Prometheus, with exemplars for who accepts OpenMetrics
    POST /tickets               {"ticket": ...} for whoever shows a token, where tickets are served
    POST /drain?deadline_s=60   takes on nothing new, brings what is under way to its end or elsewhere:
                                200 {"left": 0}, or 503 {"left": 3} when the deadline came first

POST /drain is for the same machine, and for administrators (security/doors.py); others get 403.

SIGTERM and SIGINT do the same as POST /drain. Afterwards the process ends, with exit status 0 when nothing
was left, else EXIT_LEFT. So `curl -fsS -X POST` is a preStop hook that fails when something had to be cut.
"""

import asyncio
import ipaddress
import json
import math
import signal
import threading
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs

REQUEST_S = 5.0  # for a client to finish its request, and to take the answer
CLOSE_S = 1.0  # for those who asked for the drain to read how it went
MAX_DEADLINE_S = 3_600.0  # a longer one is as good as this one
MAX_CONNECTIONS = 64  # more are closed unanswered
PATHS = {
    "/livez": ("GET", "HEAD"),
    "/healthz": ("GET", "HEAD"),
    "/metrics": ("GET",),
    "/drain": ("POST",),
    "/tickets": ("POST",),
}

HealthReport = Callable[[], tuple[bool, dict[str, Any]]]  # (well, what to show)
RenderMetrics = Callable[[str], tuple[str, bytes]]  # of what the client accepts: content type and body

MayDo = Callable[[str, str], Awaitable[bool]]  # an IP address, an Authorization header
MakeTicket = Callable[[str, str], Awaitable[str]]  # the same; "" for whoever may have none

EXIT_LEFT = 3  # exit status when something could not be brought to an end


class Drainable(Protocol):
    @property
    def draining(self) -> bool: ...

    async def drain(self, deadline_s: float | None) -> int:
        """Drains, or joins a drain under way; how much is left at the deadline. None: the usual one.

        Cancelling it is safe: the drain goes on.
        """


def is_loopback(peer: str) -> bool:
    try:
        found = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


async def on_this_machine(peer: str, authorization: str) -> bool:
    """Who may do verbs where nobody else is named."""
    return is_loopback(peer)


class PageAnswer(NamedTuple):
    status: HTTPStatus
    body: bytes
    content_type: str = "application/json"


FORBIDDEN = PageAnswer(HTTPStatus.FORBIDDEN, b'{"reason": "this is not for you"}')


class ControlPages:
    """What the four pages say, whoever serves them."""

    def __init__(
        self,
        report: HealthReport,
        drain: Drainable,
        metrics: RenderMetrics,
        *,
        may_do: MayDo = on_this_machine,
        ticket: MakeTicket | None = None,
    ) -> None:
        self._report, self._drain, self._metrics = report, drain, metrics
        self.may_do, self._ticket = may_do, ticket

    async def answer(
        self, method: str, target: str, accept: str = "", *, peer: str = "", authorization: str = ""
    ) -> PageAnswer:
        """`target` is a path with its query. Waits for the end of the drain if it asks for one.

        `peer` is an IP address, "" where it is not known.
        """
        path, _, query = target.partition("?")
        if method not in PATHS.get(path, ()):
            return PageAnswer(HTTPStatus.NOT_FOUND, b"{}")
        if path == "/metrics":
            content_type, body = self._metrics(accept)
            return PageAnswer(HTTPStatus.OK, body, content_type)
        if path == "/healthz":
            well, shown = self._report()
            draining = self._drain.draining
            return _told(well and not draining, {**shown, "draining": draining})
        if path == "/drain":
            return await self._drained(query) if await self.may_do(peer, authorization) else FORBIDDEN
        if path == "/tickets":
            ticket = await self._ticket(peer, authorization) if self._ticket is not None else ""
            return _told(True, {"ticket": ticket}) if ticket else FORBIDDEN
        return PageAnswer(HTTPStatus.OK, b"{}")

    async def _drained(self, query: str) -> PageAnswer:
        try:
            deadline_s = _deadline_s(query)
        except ValueError:
            reason = json.dumps({"reason": "deadline_s is a finite number of seconds, at least 0"})
            return PageAnswer(HTTPStatus.BAD_REQUEST, reason.encode())
        left = await self._drain.drain(deadline_s)
        return _told(not left, {"left": left})


class Control:
    """A port of its own for the pages of one service, on the running event loop."""

    def __init__(self, pages: ControlPages) -> None:
        self._pages = pages
        self._answering: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def listen(self, address: str) -> None:
        """`address` is host:port (port 0: a free one, see `port`), or "" for none. OSError if it is taken."""
        if address:
            host, _, port = address.rpartition(":")
            self._server = await asyncio.start_server(self._connected, host.strip("[]"), int(port))
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """After the last answer, or CLOSE_S. Cancelling it is safe: connections end with their tasks."""
        if self._server is not None:
            self._server.close()
        if self._answering:
            await asyncio.wait(self._answering, timeout=CLOSE_S)
        for task in self._answering:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            if len(self._answering) < MAX_CONNECTIONS:
                self._answering.add(task)
                await self._answer(reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client has gone, or was too slow
        finally:
            self._answering.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(REQUEST_S):
            method, target, headers = _parsed(await reader.readuntil(b"\r\n\r\n"))
        peer = writer.get_extra_info("peername") or ("",)
        answer = await self._pages.answer(
            method,
            target,
            headers.get("accept", ""),
            peer=str(peer[0]),
            authorization=headers.get("authorization", ""),
        )
        writer.write(_head(answer) + (b"" if method == "HEAD" else answer.body))
        async with asyncio.timeout(REQUEST_S):
            await writer.drain()


class ControlThread:
    """The control port of a process that has no event loop of its own: one in a thread."""

    def __init__(self, pages: ControlPages, address: str) -> None:
        """Listens on `address`, if there is one; OSError when it is taken."""
        self._control = Control(pages)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._control.listen(address), self._loop).result()
        except OSError:
            self.close()
            raise

    @property
    def port(self) -> int:
        return self._control.port

    def close(self) -> None:
        """Blocks for CLOSE_S at most."""
        asyncio.run_coroutine_threadsafe(self._control.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.close()


def _parsed(request: bytes) -> tuple[str, str, dict[str, str]]:
    """Method, target and headers by their small names; empty for what is missing."""
    first, *lines = request.decode("latin-1").split("\r\n")
    method, target, *_ = [*first.split(" "), "", ""]
    named = (line.partition(":") for line in lines if line)
    return method, target, {name.strip().lower(): value.strip() for name, _, value in named}


def _deadline_s(query: str) -> float | None:
    """None without one. Raises ValueError for what is no duration."""
    given = parse_qs(query, keep_blank_values=True).get("deadline_s")
    if given is None:
        return None
    if not math.isfinite(deadline_s := float(given[0])) or deadline_s < 0:
        raise ValueError(given[0])
    return min(deadline_s, MAX_DEADLINE_S)


def _told(well: bool, shown: dict[str, Any]) -> PageAnswer:
    return PageAnswer(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, json.dumps(shown).encode())


def _head(answer: PageAnswer) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status.value} {answer.status.phrase}",
        f"content-type: {answer.content_type}",
        f"content-length: {len(answer.body)}",
        "connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


class Drain:
    """The drain of a whole process. Asked for once or more, by whomever; the first deadline counts."""

    def __init__(self, deadline_s: float) -> None:
        """`deadline_s` is for those who name none."""
        self.deadline_s = deadline_s
        self.asked = asyncio.Event()
        self._left: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def draining(self) -> bool:
        return self.asked.is_set()

    def ask(self, deadline_s: float | None = None) -> None:
        if not self.asked.is_set():
            self.deadline_s = self.deadline_s if deadline_s is None else deadline_s
            self.asked.set()

    async def drain(self, deadline_s: float | None) -> int:
        self.ask(deadline_s)
        return await asyncio.shield(self._left)

    def on_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.ask)

    def done(self, left: int) -> int:
        """Tells everybody who asked how much could not be brought to an end; the exit status."""
        if not self._left.done():
            self._left.set_result(left)
        return EXIT_LEFT if left else 0
