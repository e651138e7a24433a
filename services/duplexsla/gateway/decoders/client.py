"""The decoders: one stream of rows and one channel to each, and a session's own view of its decoder."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import NamedTuple

import grpc
from tritonclient.grpc.service_pb2 import ServerLiveRequest
from tritonclient.grpc.service_pb2_grpc import GRPCInferenceServiceStub

from duplexsla.clock import SILENCE
from duplexsla.errors import DecoderLost, DuplexSLAError
from duplexsla.gateway.call.wakeup import Wakeup
from duplexsla.gateway.decoders.row_stream import GATHER_S, RowStream
from duplexsla.gateway.decoders.tensors import Answer, Row
from duplexsla.session.dialogue import DecodedStep
from duplexsla.session.store.leases import Lease
from duplexsla.v1.decoder_pb2 import ChunkRequest, SessionStart

END_S = 1.0  # how long a session that has ended waits for its slot to be given back
OPTIONS = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.http2.ping_timeout_ms", 3_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


class DecoderClients:
    """Channels to the decoders, by address (host:port); opened on first use."""

    def __init__(self, *, gather_s: float = GATHER_S) -> None:
        self._gather_s = gather_s
        self._stubs: dict[str, GRPCInferenceServiceStub] = {}
        self._channels: list[grpc.aio.Channel] = []
        self._rows: dict[str, RowStream] = {}

    def stream(self, lease: Lease, toolset: str, past: bytes = b"") -> "DecoderStream":
        """A session on the decoder of its lease; `past` is a serialized Past, or empty."""
        return DecoderStream(self, lease, toolset, past)

    def rows(self, address: str) -> RowStream:
        """The stream of all sessions there; a new one when that is lost."""
        stream = self._rows.get(address)
        if stream is None or stream.lost:
            stream = RowStream(self._stub(address), address, gather_s=self._gather_s)
            self._rows[address] = stream
        return stream

    async def alive(self, address: str, timeout_s: float) -> bool:
        """Whether its server answers at all, however busy its model is."""
        with suppress(grpc.aio.AioRpcError):
            answer = await self._stub(address).ServerLive(ServerLiveRequest(), timeout=timeout_s)
            return bool(answer.live)
        return False

    async def close(self) -> None:
        for stream in self._rows.values():
            stream.close()
        for channel in self._channels:
            await channel.close()

    def _stub(self, address: str) -> GRPCInferenceServiceStub:
        if address not in self._stubs:
            channel = grpc.aio.insecure_channel(address, options=OPTIONS)
            self._channels.append(channel)
            self._stubs[address] = GRPCInferenceServiceStub(channel)
        return self._stubs[address]


class AnsweredChunk(NamedTuple):
    chunk: int
    step: DecodedStep


class DecoderStream:
    """One session on one decoder: `send` never waits, one coroutine receives, in the order of the chunks.

    Errors of the decoder and of the wire come as SlotsExhausted, StaleFence, DecoderLost or ProtocolError.
    """

    def __init__(self, decoders: DecoderClients, lease: Lease, toolset: str, past: bytes) -> None:
        self.address, self.placement = lease.decoder, lease.placement
        self.rows: deque[Row] = deque()
        self.flying: Row | None = None
        self._decoders, self._session = decoders, lease.session_id
        self._start: SessionStart | None = SessionStart(toolset=toolset, past=past)  # for the first row
        self._stream: RowStream | None = None
        self._answers: deque[tuple[int, Answer]] = deque()
        self._answered = Wakeup()
        self._lost: DecoderLost | None = None
        self._over = False
        self._next = 0
        self._ended: asyncio.Future[None] | None = None

    def send(self, chunk: int, samples: bytes, *, forced: str, traceparent: str) -> None:
        """Asks for the next chunk; DecoderLost when the decoder is lost."""
        self._next = chunk + 1
        start, self._start = self._start, None
        row = self._row(samples, chunk, start=start, injected_text=forced, traceparent=traceparent)
        if self._stream is None:
            self._stream = self._decoders.rows(self.address)
        self._stream.put(self, row)

    async def receive(self) -> AnsweredChunk:
        """The next answer; somebody sends meanwhile, or has sent."""
        while not self._answers:
            if self._lost is not None:
                raise self._lost
            await self._answered.wait()
        chunk, answer = self._answers.popleft()
        if isinstance(answer, DuplexSLAError):
            raise answer
        return AnsweredChunk(chunk, answer)

    def take(self, row: Row, answer: Answer) -> None:
        if row.request.end:
            self._settle()
        elif not self._over:
            self._answers.append((row.request.chunk, answer))
            self._answered.ring()

    def lose(self, error: DecoderLost) -> None:
        self._lost = error
        self._settle()
        self._answered.ring()

    async def close(self) -> None:
        """Gives the slot back, once, waiting at most END_S. Best effort: the decoder expires idle sessions by
        itself. Cancelling this does not stop it.
        """
        if self._stream is None:
            return
        if self._ended is None:
            self._over = True
            self._ended = asyncio.get_running_loop().create_future()
            self._end()
        await asyncio.wait({self._ended}, timeout=END_S)

    def _end(self) -> None:
        """One last row, whose sound nobody hears, on a new stream if this one is lost."""
        stream = self._decoders.rows(self.address)
        if stream is not self._stream:
            self.rows.clear()
            self.flying = None
        stream.put_last(self, self._row(SILENCE, self._next, end=True))

    def _row(
        self,
        samples: bytes,
        chunk: int,
        *,
        start: SessionStart | None = None,
        end: bool = False,
        injected_text: str = "",
        traceparent: str = "",
    ) -> Row:
        request = ChunkRequest(
            session_id=self._session,
            chunk=chunk,
            fence=self.placement,
            start=start,
            end=end,
            injected_text=injected_text,
            traceparent=traceparent,
        )
        return Row(samples, request)

    def _settle(self) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)
