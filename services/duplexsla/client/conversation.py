"""A conversation with a gateway: one stream, both ways at once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Literal

import grpc

from duplexsla.client.failures import from_code, from_message
from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import ProtocolError, Retriable
from duplexsla.v1.session_pb2 import (
    CLOCK_FILE,
    CLOCK_LIVE,
    ENCODING_PCM_S16LE,
    AudioFormat,
    AudioFrame,
    ConverseRequest,
    ConverseResponse,
    End,
    Open,
    Opened,
)
from duplexsla.v1.session_pb2_grpc import SessionServiceStub

FORMAT = AudioFormat(encoding=ENCODING_PCM_S16LE, sample_rate_hz=SAMPLE_RATE, channels=1)
CLOCKS = {"live": CLOCK_LIVE, "file": CLOCK_FILE}
MAX_FRAME_BYTES = 65_536
OPTIONS = (
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.bdp_probe", 0),  # or seconds of sound pile up unread, and what is heard is old
    ("grpc.http2.lookahead_bytes", MAX_FRAME_BYTES),
)


class Client:
    """A connection to one gateway; it carries any number of conversations."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = SessionServiceStub(channel)

    def converse(
        self,
        home: str,
        *,
        toolset: str = "home",
        clock: Literal["live", "file"] = "live",
        metadata: Mapping[str, str] | None = None,
    ) -> "Conversation":
        """A conversation to enter with `async with`. `metadata` may hold a "traceparent"."""
        opening = Open(home=home, audio=FORMAT, clock=CLOCKS[clock], toolset=toolset)
        return Conversation(self._stub, opening, metadata or {})


@asynccontextmanager
async def connect(address: str) -> AsyncIterator[Client]:
    """A client of the gateway at `address` (host:port)."""
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        yield Client(channel)


class Conversation:
    """One session. Send from one task and iterate in another; `opened` holds what was agreed.

    Iterating gives every message after `opened`, up to `closed`; it raises what ended the session otherwise.
    Cancelling `send` or the iteration ends the session. Leaving the block before `closed` does so too.
    """

    opened: Opened

    def __init__(self, stub: SessionServiceStub, opening: Open, metadata: Mapping[str, str]) -> None:
        self._stub, self._opening = stub, opening
        self._metadata = tuple(metadata.items())

    async def __aenter__(self) -> "Conversation":
        """Opens the session; raises UnknownHome, SlotsExhausted, Retriable... when it is refused."""
        self._call = self._stub.Converse(metadata=self._metadata)
        with suppress(Retriable):  # what the server said first counts
            await self._write(ConverseRequest(open=self._opening))
        first = await self._read()
        if first is None or not first.HasField("opened"):
            raise ProtocolError("the server did not open the session")
        self.opened = first.opened
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._call.cancel()

    async def send(self, samples: bytes) -> None:
        """Sends 16-bit mono samples at 16 kHz; waits while the server takes no more.

        Retriable once the session has ended; iterating tells why it did.
        """
        for start in range(0, len(samples), MAX_FRAME_BYTES):
            await self._write(
                ConverseRequest(audio=AudioFrame(samples=samples[start : start + MAX_FRAME_BYTES]))
            )

    async def end(self) -> None:
        """No more sound: the server answers what it has and closes."""
        await self._write(ConverseRequest(end=End()))
        await self._call.done_writing()

    def __aiter__(self) -> AsyncIterator[ConverseResponse]:
        return self._responses()

    async def _responses(self) -> AsyncIterator[ConverseResponse]:
        while (response := await self._read()) is not None:
            yield response

    async def _write(self, request: ConverseRequest) -> None:
        try:
            await self._call.write(request)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise Retriable("the session has ended") from error

    async def _read(self) -> ConverseResponse | None:
        try:
            response = await self._call.read()
        except grpc.aio.AioRpcError as error:
            raise from_code(error.code(), error.details() or "") from error
        if response is grpc.aio.EOF:
            if await self._call.code() is not grpc.StatusCode.OK:
                raise from_code(await self._call.code(), await self._call.details() or "")
            return None
        if response.HasField("error"):
            raise from_message(response.error)
        return response
