"""One Realtime client: events of a WebSocket on one side, messages of session.proto on the other.

A `ClientPort`. What is told of one message or event leaves without another's in between. Cancelling is safe:
what was begun to be sent is sent by the library.
"""

import asyncio
import base64
import json
from contextlib import suppress
from itertools import count
from typing import Protocol

from websockets.exceptions import ConnectionClosed

from duplexsla.errors import BadInput, DuplexSLAError, ProtocolError, Retriable, SlotsExhausted
from duplexsla.gateway.call.failures import detail
from duplexsla.gateway.edges.realtime.client_events import ClientEvents, refusal
from duplexsla.gateway.edges.realtime.event_checks import Event
from duplexsla.gateway.edges.realtime.server_events import ServerEvents
from duplexsla.gateway.edges.realtime.session_object import SessionObject
from duplexsla.gateway.edges.session_port import ABORT_S
from duplexsla.v1.session_pb2 import ConverseRequest, ConverseResponse, End, Open

HANG_UP = ConverseRequest(end=End(hang_up=True))
# With what a connection is closed, and the type of the error that is told before. The first class that fits.
CLOSES: tuple[tuple[type[DuplexSLAError], int, str], ...] = (
    (SlotsExhausted, 1013, "rate_limit_error"),
    (Retriable, 1012, "server_error"),
    (BadInput, 1008, "invalid_request_error"),
    (DuplexSLAError, 1011, "server_error"),
)
CLOSED = 1000


class Socket(Protocol):
    """Of `websockets`."""

    transport: asyncio.Transport

    async def recv(self) -> str | bytes: ...

    async def send(self, message: str) -> None: ...

    async def close(self, code: int = CLOSED, reason: str = "") -> None: ...


class RealtimeConnection:
    def __init__(self, socket: Socket, opening: Open, *, session: str, model: str) -> None:
        self._socket, self._lock, self._numbers = socket, asyncio.Lock(), count(1)
        self._session, self._told = SessionObject(f"sess_{session}", model), ServerEvents(session)
        self._client = ClientEvents(opening, self._session, self._told)
        self._opened = False

    async def greet(self) -> None:
        """The server speaks first."""
        async with self._lock:
            await self._send([{"type": "session.created", "session": self._session.value}])

    async def read(self) -> ConverseRequest | None:
        try:
            while not self._client.requests:
                data = await self._socket.recv()
                async with self._lock:
                    await self._send(self._client.take(data))
                if self._client.hopeless:
                    raise ProtocolError("too many events that cannot be used")
        except ConnectionClosed:
            return HANG_UP if self._opened else None
        self._opened = True
        return self._client.requests.popleft()

    async def write(self, message: ConverseResponse) -> None:
        """A client that went away is noticed by `read`."""
        async with self._lock:
            with suppress(ConnectionClosed):
                await self._send(self._events(message))

    async def close(self, failure: DuplexSLAError | None = None) -> None:
        """Says why, and hangs up."""
        code, kind = CLOSED, ""
        if failure is not None:
            code, kind = next((code, kind) for each, code, kind in CLOSES if isinstance(failure, each))
        try:
            async with asyncio.timeout(ABORT_S):
                if failure is not None:
                    await self._send([refusal(detail(failure), failure.code, kind=kind)])
                await self._socket.close(code, failure.code if failure is not None else "")
        except ConnectionClosed:
            return
        except TimeoutError:  # it reads nothing, not even that
            self._socket.transport.abort()

    def _events(self, message: ConverseResponse) -> list[Event]:
        """A failure is told by `close`, notices are not told: the protocol has no words for them."""
        match message.WhichOneof("message"):
            case "chunk":
                return self._told.of_chunk(message.chunk)
            case "outcome":
                return self._told.of_outcome(message.outcome)
            case "closed":
                return self._told.over()
        return []

    async def _send(self, events: list[Event]) -> None:
        for event in events:
            delta = event.get("delta")
            if isinstance(delta, bytes):
                event["delta"] = base64.b64encode(delta).decode()
            await self._socket.send(json.dumps({**event, "event_id": f"event_{next(self._numbers)}"}))
