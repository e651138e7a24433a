"""The decoders: a connection to each, which the calls on it share, and a call's own stream over it.

A connection is one ModelStreamInfer call. A message takes a row of every stream that has one waiting, and
leaves at once while none is under way; else when the one before is answered, or `gather_s` after it. So a
fast decoder is asked again as soon as it answers, and a slow one gets few, large messages. Of each stream one
row is at the decoder; what it sends meanwhile waits here, at most what it may have in flight.

A message is a request of the Triton model `duplexsla`, and holds one chunk of each of n sessions, a row each.
In: AUDIO INT16 [n, 2560]; REQUEST BYTES [n, 1], a serialized ChunkRequest.
Out: SOUND INT16 [n, 2560]; RESPONSE BYTES [n, 1], a serialized ChunkResponse. See decoder.proto.
Triton's BYTES have a little-endian uint32 length before each element.
"""

import asyncio
import logging
import struct
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

import grpc
from google.protobuf.message import DecodeError
from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelInferResponse, ServerLiveRequest
from tritonclient.grpc.service_pb2_grpc import GRPCInferenceServiceStub

from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES, SILENCE, TOKENS_PER_CHUNK
from duplexsla.errors import DecoderLost, DuplexSLAError
from duplexsla.protocol.decoder_errors import from_wire
from duplexsla.runtime.tasks import Condition
from duplexsla.session.dialogue import DecodedStep
from duplexsla.session.store.leases import Lease
from duplexsla.v1.decoder_pb2 import ChunkRequest, ChunkResponse, SessionStart

logger = logging.getLogger(__name__)

GATHER_S = 0.005
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

MODEL = "duplexsla"
MOST_ROWS = 32  # of one request
INPUTS = (("AUDIO", "INT16", CHUNK_SAMPLES), ("REQUEST", "BYTES", 1))
OUTPUTS = (("SOUND", "INT16", CHUNK_SAMPLES), ("RESPONSE", "BYTES", 1))
_LENGTH = struct.Struct("<I")


class Row(NamedTuple):
    """One chunk of one session."""

    samples: bytes  # CHUNK_BYTES
    request: ChunkRequest


Answer = DecodedStep | DuplexSLAError


class Requests:
    """Messages to one decoder.

    What all of a size share is kept serialized. A message that is filled again and again would never let go
    of what was in it: the arena of protobuf's Python messages only grows.
    """

    def __init__(self) -> None:
        self._shapes: dict[int, bytes] = {}  # by number of rows

    def fill(self, number: int, rows: Sequence[Row]) -> ModelInferRequest:
        """The request of these rows (1 to MOST_ROWS), whose answer bears the same number."""
        message = ModelInferRequest.FromString(self._shapes.get(len(rows)) or self._shape(len(rows)))
        message.id = str(number)
        message.raw_input_contents.extend(
            (
                b"".join([row.samples for row in rows]),
                pack_elements([row.request.SerializeToString() for row in rows]),
            )
        )
        return message

    def _shape(self, count: int) -> bytes:
        message = ModelInferRequest(model_name=MODEL)
        for name, datatype, length in INPUTS:
            message.inputs.add(name=name, datatype=datatype, shape=(count, length))
        shape: bytes = message.SerializeToString()
        self._shapes[count] = shape
        return shape


def read_answers(response: ModelInferResponse) -> list[Answer]:
    """What each row led to; DecoderLost when a tensor is missing or malformed."""
    try:
        raw = {
            output.name: content
            for output, content in zip(response.outputs, response.raw_output_contents, strict=True)
        }
        sound, rows = raw["SOUND"], unpack_elements(raw["RESPONSE"])
        if not rows or len(sound) != len(rows) * CHUNK_BYTES:
            raise ValueError(f"{len(rows)} rows, {len(sound)} bytes of sound")
        return [
            _answer(sound[n * CHUNK_BYTES : (n + 1) * CHUNK_BYTES], ChunkResponse.FromString(row))
            for n, row in enumerate(rows)
        ]
    except (KeyError, ValueError, struct.error, DecodeError) as error:
        raise DecoderLost(f"the decoder's answer cannot be read: {error!r}") from error


def _answer(sound: bytes, response: ChunkResponse) -> Answer:
    if not response.HasField("decoded"):
        return from_wire(response.error)
    pieces, codes = len(response.decoded.action), len(response.decoded.codes)
    if not pieces or codes != TOKENS_PER_CHUNK:
        raise ValueError(f"{pieces} pieces, {codes} codes")
    return DecodedStep(sound, response.decoded, response.tick)


def pack_elements(elements: Iterable[bytes]) -> bytes:
    """Triton's BYTES tensor of these elements."""
    return b"".join([_LENGTH.pack(len(element)) + element for element in elements])


def unpack_elements(raw: bytes) -> list[bytes]:
    """The elements of a BYTES tensor; ValueError or struct.error for anything else."""
    elements, start = [], 0
    while start < len(raw):
        (length,) = _LENGTH.unpack_from(raw, start)
        end = start + 4 + length
        if end > len(raw):
            raise ValueError("an element is longer than its tensor")
        elements.append(raw[start + 4 : end])
        start = end
    return elements


class DecoderTls(NamedTuple):
    """`name` stands in the decoders' certificates, whatever their addresses."""

    credentials: grpc.ChannelCredentials
    name: str


class DecoderClients:
    """Channels and connections to the decoders, by address (host:port); opened on first use."""

    def __init__(self, *, gather_s: float = GATHER_S, tls: DecoderTls | None = None) -> None:
        self._gather_s, self._tls = gather_s, tls
        self._stubs: dict[str, GRPCInferenceServiceStub] = {}
        self._channels: list[grpc.aio.Channel] = []
        self._connections: dict[str, DecoderConnection] = {}

    def stream(self, lease: Lease, toolset: str, past: bytes = b"") -> "DecoderStream":
        """A session on the decoder of its lease; `past` is a serialized Past, or empty."""
        return DecoderStream(self, lease, toolset, past)

    def connection(self, address: str) -> "DecoderConnection":
        """The one that all sessions there share; a new one when that is lost."""
        connection = self._connections.get(address)
        if connection is None or connection.lost:
            connection = DecoderConnection(self._stub(address), address, gather_s=self._gather_s)
            self._connections[address] = connection
        return connection

    async def alive(self, address: str, timeout_s: float) -> bool:
        """Whether its server answers at all, however busy its model is. Cancelling is safe."""
        with suppress(grpc.aio.AioRpcError):
            answer = await self._stub(address).ServerLive(ServerLiveRequest(), timeout=timeout_s)
            return bool(answer.live)
        return False

    async def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        for channel in self._channels:
            await channel.close()

    def _stub(self, address: str) -> GRPCInferenceServiceStub:
        if address not in self._stubs:
            channel = self._channel(address)
            self._channels.append(channel)
            self._stubs[address] = GRPCInferenceServiceStub(channel)
        return self._stubs[address]

    def _channel(self, address: str) -> grpc.aio.Channel:
        if self._tls is None:
            return grpc.aio.insecure_channel(address, options=OPTIONS)
        named = (("grpc.ssl_target_name_override", self._tls.name),)
        return grpc.aio.secure_channel(address, self._tls.credentials, options=(*OPTIONS, *named))


class Lane:
    """One stream's place on a connection, which alone changes it."""

    __slots__ = ("at_decoder", "stream", "waiting")

    def __init__(self, stream: "DecoderStream") -> None:
        self.stream = stream
        self.waiting: deque[Row] = deque()
        self.at_decoder: Row | None = None


class DecoderConnection:
    """Rows of many streams to one decoder. `lost` says why it is of no use any more."""

    def __init__(self, stub: GRPCInferenceServiceStub, address: str, *, gather_s: float = GATHER_S) -> None:
        self.address, self._gather_s = address, gather_s
        self.lost = ""
        self._call: grpc.aio.StreamStreamCall = stub.ModelStreamInfer()
        self._requests = Requests()
        self._ready: deque[Lane] = deque()  # with a row that may leave
        self._asked: dict[str, list[Lane]] = {}  # by the message's number
        self._number = 0
        self._next_at = 0.0  # of time.monotonic
        self._changed = Condition()
        work = (self._send_forever, self._receive_all)
        self._tasks = [asyncio.create_task(self._guarded(each), name="decoder rows") for each in work]

    def put(self, lane: Lane, row: Row) -> None:
        """Sends a row as soon as the one before it is answered; DecoderLost when the connection is lost."""
        if self.lost:
            raise DecoderLost(self.lost)
        lane.waiting.append(row)
        if lane.at_decoder is None and len(lane.waiting) == 1:
            self._ready.append(lane)
            self._changed.notify()

    def put_last(self, lane: Lane, row: Row) -> None:
        """The same, in place of all that waits."""
        if not lane.waiting:
            self.put(lane, row)
            return
        lane.waiting.clear()
        lane.waiting.append(row)

    def close(self) -> None:
        self._lose("the stream is closed")

    async def _send_forever(self) -> None:
        while True:
            await self._changed.wait_for(lambda: self._ready)
            await self._changed.wait_for(lambda: not self._asked, until=self._next_at)
            await self._send_one()

    async def _send_one(self) -> None:
        lanes = [self._ready.popleft() for _ in range(min(len(self._ready), MOST_ROWS))]
        rows = [lane.waiting.popleft() for lane in lanes]
        for lane, row in zip(lanes, rows, strict=True):
            lane.at_decoder = row
        self._number += 1
        self._asked[str(self._number)] = lanes
        self._next_at = time.monotonic() + self._gather_s
        await self._call.write(self._requests.fill(self._number, rows))

    async def _receive_all(self) -> None:
        while (response := await self._call.read()) is not grpc.aio.EOF:
            answered = response.infer_response
            lanes = self._asked.pop(answered.id, [])
            if response.error_message:
                answers: list[Answer] = [DecoderLost(response.error_message)] * len(lanes)
            else:
                answers = read_answers(answered)
            for lane, answer in zip(lanes, answers, strict=True):
                self._answered(lane, answer)
            self._changed.notify()
        raise DecoderLost(f"it closed the stream: {await self._call.details()}")

    def _answered(self, lane: Lane, answer: Answer) -> None:
        row, lane.at_decoder = lane.at_decoder, None
        assert row is not None
        if lane.waiting:
            self._ready.append(lane)
        lane.stream.on_answer(row, answer)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Whatever ends this work, every stream hears of it."""
        try:
            await work()
        except grpc.aio.AioRpcError as error:
            self._lose(f"{error.code().name.lower()}: {error.details()}")
        except (asyncio.InvalidStateError, grpc.aio.UsageError):
            self._lose("the stream is closed")
        except (DecoderLost, ValueError) as error:
            self._lose(str(error))
        except Exception as error:  # outermost frame of the connection: its streams go elsewhere
            logger.exception("decoder_stream_failed_internally decoder=%s", self.address)
            self._lose(repr(error))

    def _lose(self, why: str) -> None:
        if self.lost:
            return
        self.lost = f"decoder {self.address}: {why}"
        here = asyncio.current_task()
        for task in self._tasks:
            if task is not here:
                task.cancel()
        with suppress(grpc.aio.UsageError):
            self._call.cancel()
        for lane in [*self._ready, *(lane for lanes in self._asked.values() for lane in lanes)]:
            lane.stream.lose(DecoderLost(self.lost))
        self._ready.clear()
        self._asked.clear()


class AnsweredChunk(NamedTuple):
    chunk: int
    step: DecodedStep


class DecoderStream:
    """One session on one decoder: `send` never waits, one coroutine receives, in the order of the chunks.

    Errors of the decoder and of the wire come as SlotsExhausted, StaleFence, DecoderLost or ProtocolError.
    """

    def __init__(self, decoders: DecoderClients, lease: Lease, toolset: str, past: bytes) -> None:
        self.address, self.placement = lease.decoder, lease.placement
        self._decoders, self._session = decoders, lease.session_id
        self._start: SessionStart | None = SessionStart(toolset=toolset, past=past)  # for the first row
        self._connection: DecoderConnection | None = None
        self._lane = Lane(self)
        self._answers: deque[tuple[int, Answer]] = deque()
        self._changed = Condition()
        self._lost: DecoderLost | None = None
        self._next = 0
        self._ended: asyncio.Future[None] | None = None

    def send(self, chunk: int, samples: bytes, *, forced: str, traceparent: str) -> None:
        """Asks for the next chunk; DecoderLost when the decoder is lost."""
        self._next = chunk + 1
        start, self._start = self._start, None
        request = ChunkRequest(
            session_id=self._session,
            chunk=chunk,
            fence=self.placement,
            start=start,
            injected_text=forced,
            traceparent=traceparent,
        )
        if self._connection is None:
            self._connection = self._decoders.connection(self.address)
        self._connection.put(self._lane, Row(samples, request))

    async def receive(self) -> AnsweredChunk:
        """The next answer; somebody sends meanwhile, or has sent. Cancelling is safe: no answer is lost."""
        await self._changed.wait_for(lambda: self._answers or self._lost is not None)
        if not self._answers:
            assert self._lost is not None
            raise self._lost
        chunk, answer = self._answers.popleft()
        if isinstance(answer, DuplexSLAError):
            raise answer
        return AnsweredChunk(chunk, answer)

    def on_answer(self, row: Row, answer: Answer) -> None:
        if row.request.end:
            self._settle()
        elif self._ended is None:
            self._answers.append((row.request.chunk, answer))
            self._changed.notify()

    def lose(self, error: DecoderLost) -> None:
        """Nothing more will come: the connection is lost, or somebody saw that the decoder is."""
        self._lost = error
        self._settle()
        self._changed.notify()

    async def close(self) -> None:
        """Gives the slot back, once, waiting at most END_S. Best effort: the decoder expires idle sessions by
        itself. Cancelling this does not stop it.
        """
        if self._connection is None:
            return
        if self._ended is None:
            self._ended = asyncio.get_running_loop().create_future()
            self._end(self._connection)
        await asyncio.wait({self._ended}, timeout=END_S)

    def _end(self, connection: "DecoderConnection") -> None:
        """One last row, whose sound nobody hears, on a new connection if this one is lost."""
        current = self._decoders.connection(self.address)
        if current is not connection:
            self._lane = Lane(self)
        request = ChunkRequest(session_id=self._session, chunk=self._next, fence=self.placement, end=True)
        current.put_last(self._lane, Row(SILENCE, request))

    def _settle(self) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)
