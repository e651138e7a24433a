"""One RPC of a conversation: opened, written to, read from; its errors as classes of `duplexsla.errors`."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import grpc

from duplexsla.client.failures import from_code, from_message
from duplexsla.errors import ProtocolError, Retriable
from duplexsla.v1.session_pb2 import AudioFrame, ConverseRequest, ConverseResponse, End, Open, Opened
from duplexsla.v1.session_pb2_grpc import SessionServiceStub

MAX_FRAME_BYTES = 65_536
HANG_UP_S = 0.5  # for the server to hear that the client hangs up


class Stream:
    """After `open`, any tasks may write and any other read.

    A write that is cancelled cancels the whole call, as grpc.aio has it.
    """

    def __init__(self, stub: SessionServiceStub, metadata: Sequence[tuple[str, str]]) -> None:
        self._call = stub.Converse(metadata=metadata)
        self._writing = asyncio.Lock()  # grpc.aio takes one message at a time

    async def open(self, opening: Open) -> Opened:
        """Raises UnknownHome, SlotsExhausted, ResumeRefused, Retriable... when the server refuses."""
        with suppress(Retriable):  # what the server said first counts
            await self._write(ConverseRequest(open=opening))
        first = await self.read()
        if first is None or not first.HasField("opened"):
            raise ProtocolError("the server did not open the session")
        return first.opened

    async def send(self, samples: bytes) -> None:
        """Waits while the server takes no more; Retriable once the stream is over."""
        for start in range(0, len(samples), MAX_FRAME_BYTES):
            frame = AudioFrame(samples=samples[start : start + MAX_FRAME_BYTES])
            await self._write(ConverseRequest(audio=frame))

    async def tell(self, request: ConverseRequest) -> None:
        """What is neither sound nor the end; Retriable once the stream is over."""
        await self._write(request)

    async def end(self) -> None:
        await self._write(ConverseRequest(end=End()))
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await self._call.done_writing()

    async def read(self) -> ConverseResponse | None:
        """None after the last message; raises what ended the stream otherwise."""
        try:
            response: ConverseResponse = await self._call.read()
        except grpc.aio.AioRpcError as error:
            raise from_code(error.code(), error.details() or "") from error
        if response is grpc.aio.EOF:
            if await self._call.code() is not grpc.StatusCode.OK:
                raise from_code(await self._call.code(), await self._call.details() or "")
            return None
        if response.HasField("error"):
            raise from_message(response.error)
        return response

    async def hang_up(self) -> None:
        """Tells the server that this session is not resumed; best effort."""
        try:
            await self._end_and_drain()
        except asyncio.CancelledError:  # also raised for a call that was cancelled with its reader
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
        self.cancel()

    async def _end_and_drain(self) -> None:
        with suppress(Retriable, grpc.aio.AioRpcError, TimeoutError, asyncio.InvalidStateError):
            async with asyncio.timeout(HANG_UP_S):
                await self._write(ConverseRequest(end=End(hang_up=True)))
                await self._call.done_writing()
                while await self._call.read() is not grpc.aio.EOF:
                    pass

    def cancel(self) -> None:
        self._call.cancel()

    async def _write(self, request: ConverseRequest) -> None:
        try:
            async with self._writing:
                await self._call.write(request)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise Retriable("the session has ended") from error
