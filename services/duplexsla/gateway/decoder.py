"""Streams to the decoders: one ModelStreamInfer call per session, over one channel per decoder."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import grpc
from tritonclient.grpc.service_pb2 import ModelInferRequest, ServerLiveRequest
from tritonclient.grpc.service_pb2_grpc import GRPCInferenceServiceStub

from duplexsla.errors import DecoderLost
from duplexsla.gateway.tensors import Answer, StepRequest, read_answer, read_error
from duplexsla.session.store import Lease

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


class Decoders:
    """Channels to the decoders, by address (host:port); opened on first use."""

    def __init__(self) -> None:
        self._stubs: dict[str, GRPCInferenceServiceStub] = {}
        self._channels: list[grpc.aio.Channel] = []

    def stream(self, lease: Lease, toolset: str, past: bytes = b"") -> "DecoderStream":
        """A session's stream to the decoder of its lease; `past` is a serialized Past, or empty."""
        request = StepRequest(lease.session_id, lease.placement, toolset, past)
        return DecoderStream(self._stub(lease.decoder), lease, request)

    async def alive(self, address: str, timeout_s: float) -> bool:
        """Whether its server answers at all, however busy its model is."""
        with suppress(grpc.aio.AioRpcError):
            answer = await self._stub(address).ServerLive(ServerLiveRequest(), timeout=timeout_s)
            return bool(answer.live)
        return False

    async def close(self) -> None:
        for channel in self._channels:
            await channel.close()

    def _stub(self, address: str) -> GRPCInferenceServiceStub:
        if address not in self._stubs:
            channel = grpc.aio.insecure_channel(address, options=OPTIONS)
            self._channels.append(channel)
            self._stubs[address] = GRPCInferenceServiceStub(channel)
        return self._stubs[address]


class DecoderStream:
    """One session on one decoder: one coroutine sends, one receives, in the order of the chunks.

    Errors of the decoder and of the wire come as SlotsExhausted, StaleFence, DecoderLost or ProtocolError.
    Cancelling `send` or `receive` ends the stream.
    """

    def __init__(self, stub: GRPCInferenceServiceStub, lease: Lease, request: StepRequest) -> None:
        self.address, self.placement = lease.decoder, lease.placement
        self._stub, self._request = stub, request
        self._call: grpc.aio.StreamStreamCall | None = None
        self._next = 0
        self._closing: asyncio.Task[None] | None = None

    async def send(self, chunk: int, samples: bytes, *, forced: str, traceparent: str) -> None:
        self._next = chunk + 1
        await self._write(self._request.fill(chunk, samples, forced=forced, traceparent=traceparent))

    async def receive(self) -> Answer:
        """The next answer; somebody sends meanwhile, or has sent."""
        call = self._open()
        with _translated(self.address):
            response = await call.read()
            if response is grpc.aio.EOF:
                raise DecoderLost(f"decoder {self.address} closed the stream: {await call.details()}")
        if response.error_message:
            raise read_error(response.error_message)
        return read_answer(response.infer_response)

    async def close(self) -> None:
        """Gives the slot back, once, waiting at most END_S. Best effort: the decoder expires idle sessions by
        itself.

        Cancelling this does not stop it: of a cancelled last request Triton ends the sequence, and the model,
        which never hears of it, would keep the slot.
        """
        if self._call is None:
            return
        if self._closing is None:
            self._closing = asyncio.create_task(self._end(self._call), name="closing")
        await asyncio.shield(self._closing)

    async def _end(self, call: grpc.aio.StreamStreamCall) -> None:
        if call.done():  # cancelled with the session: a sequence may end on another stream
            call = self._stub.ModelStreamInfer()
        with suppress(DecoderLost, grpc.aio.AioRpcError, TimeoutError), _translated(self.address):
            async with asyncio.timeout(END_S):
                await call.write(self._request.end(self._next))
                await call.done_writing()
                while await call.read() is not grpc.aio.EOF:
                    pass
        call.cancel()

    async def _write(self, request: ModelInferRequest) -> None:
        call = self._open()
        with _translated(self.address):
            await call.write(request)

    def _open(self) -> grpc.aio.StreamStreamCall:
        if self._call is None:
            self._call = self._stub.ModelStreamInfer()
        return self._call


@contextmanager
def _translated(address: str) -> Iterator[None]:
    """Errors of the wire as DecoderLost."""
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise DecoderLost(f"decoder {address}: {error.code().name.lower()}: {error.details()}") from error
    except (asyncio.InvalidStateError, grpc.aio.UsageError) as error:
        raise DecoderLost(f"decoder {address}: the stream is closed") from error
