"""The Realtime protocol over WebSockets: `/v1/realtime` and `/homes/NAME/v1/realtime` on a port of its own.

Who calls is asked before the connection is upgraded; a slot is taken with the client's first event.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from duplexsla.errors import DuplexSLAError, NotAuthenticated, QuotaExceeded
from duplexsla.gateway.call.failures import detail
from duplexsla.gateway.edges.realtime.connection import RealtimeConnection
from duplexsla.gateway.edges.session_port import ABORT_S, SessionPort
from duplexsla.runtime.control import is_loopback
from duplexsla.security.access import peer_of
from duplexsla.security.principal import EVERYTHING, Principal
from duplexsla.session.client_sound import FORMAT
from duplexsla.session.messages import METADATA_HOME, METADATA_TENANT
from duplexsla.telemetry import TRACEPARENT
from duplexsla.v1.session_pb2 import (
    ATTENTION_MODE_ALWAYS,
    ATTENTION_MODE_UNSPECIFIED,
    ATTENTION_MODE_WAKE,
    CLOCK_LIVE,
    Open,
)

EDGE = "realtime"
PATH = re.compile(r"(?:/homes/(?P<home>[^/]*))?/v1/realtime/?")
SUBPROTOCOL = Subprotocol("realtime")
KEY_MARK = "openai-insecure-api-key."  # a page can set no header: a subprotocol carries its key
ATTENTION = {
    "": ATTENTION_MODE_UNSPECIFIED,
    "always": ATTENTION_MODE_ALWAYS,
    "wake": ATTENTION_MODE_WAKE,
}
PASSED_ON = (METADATA_HOME, METADATA_TENANT, TRACEPARENT)
PING_S = 20.0
HANDSHAKE_S = 10.0
MESSAGES = 2  # of a client, which wait to be read


@dataclass(frozen=True)
class _Caller:
    principal: Principal
    peer: str
    metadata: dict[str, str]
    query: dict[str, str]


class _Upgraded(ServerConnection):
    caller: _Caller | None = None  # once it is known


class RealtimeServer:
    """Listens for a gateway's clients."""

    def __init__(self, port: SessionPort, listen: str, *, message_bytes: int) -> None:
        """`listen` is host:port (port 0: any free one)."""
        self._port, self._listen, self._message_bytes = port, listen, message_bytes
        self._server: Server | None = None
        self.address = listen

    async def start(self) -> None:
        """OSError when the address is taken."""
        host, _, port = self._listen.rpartition(":")
        self._server = await serve(
            self._serve,
            host.strip("[]"),
            int(port),
            process_request=self._admit,
            select_subprotocol=_chosen,
            create_connection=_Upgraded,
            compression=None,
            server_header=None,
            open_timeout=HANDSHAKE_S,
            close_timeout=ABORT_S,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            max_size=self._message_bytes,
            max_queue=MESSAGES,
        )
        self.address = f"{host}:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close(code=1012)
            await self._server.wait_closed()

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """None: the connection is upgraded. Cancelling is safe."""
        assert isinstance(connection, _Upgraded)
        url = urlsplit(request.path)
        path = PATH.fullmatch(url.path)
        if path is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "there is /v1/realtime\n")
        query = dict(parse_qsl(url.query, max_num_fields=32, errors="replace"))
        if query.get("attention", "") not in ATTENTION:
            return connection.respond(HTTPStatus.BAD_REQUEST, "attention: always or wake\n")
        access, peer = self._port.gateway.access, _peer(connection)
        if access.open_to_all and not _of_this_machine(request.headers.get("Origin")):
            told = "pages of elsewhere are not served where nobody is asked who they are\n"
            return connection.respond(HTTPStatus.FORBIDDEN, told)
        try:
            principal = await access.identify(_authorization(request), peer)
        except DuplexSLAError as error:
            return connection.respond(_status(error), f"{error.code}: {detail(error)}\n")
        metadata = {key: request.headers[key] for key in PASSED_ON if key in request.headers}
        home = unquote(path["home"] or "") or metadata.get(METADATA_HOME, "") or _sole_home(principal)
        connection.caller = _Caller(principal, peer, metadata | {METADATA_HOME: home}, query)
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        """One connection, from its upgrade to its end."""
        assert isinstance(connection, _Upgraded) and connection.caller is not None
        caller = connection.caller
        opening = Open(
            home=caller.metadata[METADATA_HOME],
            audio=FORMAT,
            clock=CLOCK_LIVE,
            toolset=caller.query.get("toolset", ""),
            room=caller.query.get("room", ""),
            satellite=caller.query.get("satellite", ""),
            attention=ATTENTION[caller.query.get("attention", "")],
        )
        client = RealtimeConnection(
            connection, opening, session=secrets.token_hex(8), model=caller.query.get("model", "")[:64]
        )

        async def identify() -> Principal:
            await client.greet()
            return caller.principal

        try:
            call, attachment = await self._port.open(client, caller.metadata, caller.peer, identify)
        except DuplexSLAError as error:
            await client.close(error)
            return
        await client.close(await self._port.serve(call, attachment, client, EDGE))


def _chosen(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return SUBPROTOCOL if SUBPROTOCOL in offered else None


def _authorization(request: Request) -> str:
    """Of the header, or of a page's subprotocols."""
    if given := request.headers.get("Authorization"):
        return given
    offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol")).split(",")
    keys = (each.strip().removeprefix(KEY_MARK) for each in offered if each.strip().startswith(KEY_MARK))
    key = next(keys, "")
    return f"Bearer {key}" if key else ""


def _peer(connection: ServerConnection) -> str:
    address: Any = connection.remote_address
    kind = "ipv6" if ":" in address[0] else "ipv4"
    return peer_of(
        f"{kind}:[{address[0]}]:{address[1]}" if kind == "ipv6" else f"{kind}:{address[0]}:{address[1]}"
    )


def _sole_home(principal: Principal) -> str:
    """A token that reaches one home is for that home."""
    names = principal.homes
    return names[0] if len(names) == 1 and not names[0].endswith(EVERYTHING) else ""


def _of_this_machine(origin: str | None) -> bool:
    """Programs send none."""
    host = urlsplit(origin).hostname if origin else "localhost"
    return host == "localhost" or (host is not None and is_loopback(host))


def _status(error: DuplexSLAError) -> HTTPStatus:
    if isinstance(error, NotAuthenticated):
        return HTTPStatus.UNAUTHORIZED
    return (
        HTTPStatus.TOO_MANY_REQUESTS if isinstance(error, QuotaExceeded) else HTTPStatus.SERVICE_UNAVAILABLE
    )
