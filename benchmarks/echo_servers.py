"""Servers that only return what they get: the floor for the gateway (bare), the least that stands between a
client and a decoder (relay: two hops, nothing done), and a decoder without a model.

PYTHONPATH=services:lab:loadtest:. python -m benchmarks.echo_servers bare|decoder HOST:PORT
PYTHONPATH=services:lab:loadtest:. python -m benchmarks.echo_servers relay HOST:PORT DECODER_HOST:PORT
"""

import asyncio
import sys
from collections.abc import AsyncIterator

import grpc
import uvloop
from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelStreamInferResponse
from tritonclient.grpc.service_pb2_grpc import (
    GRPCInferenceServiceServicer,
    GRPCInferenceServiceStub,
    add_GRPCInferenceServiceServicer_to_server,
)

from duplexsla.clock import TOKENS_PER_CHUNK
from duplexsla.gateway.decoders.client import OUTPUTS, Requests, Row, pack_elements
from duplexsla.protocol import tokens
from duplexsla.v1.decoder_pb2 import ChunkRequest, ChunkResponse, DecodedChunk, TickReport
from duplexsla.v1.session_pb2 import Chunk, Closed, ConverseRequest, ConverseResponse, Opened
from duplexsla.v1.session_pb2_grpc import SessionServiceServicer, add_SessionServiceServicer_to_server

RELAYED_AT_ONCE = 8  # chunks of one session
RESPONSE = ChunkResponse(  # to a row
    decoded=DecodedChunk(
        anchor=tokens.VAD_SILENCE, codes=[0] * TOKENS_PER_CHUNK, action=[tokens.ACTION_END], silent=True
    ),
    tick=TickReport(batch=1, free_slots=1),
).SerializeToString()


class Bare(SessionServiceServicer):
    """The same messages and bytes as a session's, and nothing else."""

    async def Converse(  # noqa: N802
        self, requests: AsyncIterator[ConverseRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[ConverseResponse]:
        index = 0
        async for request in requests:
            if request.HasField("audio"):
                yield ConverseResponse(chunk=Chunk(index=index, sound=request.audio.samples))
                index += 1
            elif request.HasField("open"):
                yield ConverseResponse(opened=Opened(session_id=1))
            else:
                break
        yield ConverseResponse(closed=Closed(chunks=index))


class Relay(SessionServiceServicer):
    """A stream to the decoder for each of the client's, a message for each message."""

    def __init__(self, decoder: str) -> None:
        self._stub = GRPCInferenceServiceStub(grpc.aio.insecure_channel(decoder))

    async def Converse(  # noqa: N802
        self, requests: AsyncIterator[ConverseRequest], context: grpc.aio.ServicerContext
    ) -> None:
        call, filled, room = self._stub.ModelStreamInfer(), Requests(), asyncio.Semaphore(RELAYED_AT_ONCE)
        await context.write(ConverseResponse(opened=Opened(session_id=1)))
        answering = asyncio.create_task(_answer(call, context, room))
        index = 0
        while (request := await context.read()) is not grpc.aio.EOF and not request.HasField("end"):
            if request.HasField("audio"):
                await room.acquire()
                await call.write(
                    filled.fill(
                        index, [Row(request.audio.samples, ChunkRequest(session_id=1, chunk=index, fence=1))]
                    )
                )
                index += 1
        await call.done_writing()
        await answering
        await context.write(ConverseResponse(closed=Closed(chunks=index)))


async def _answer(
    call: grpc.aio.StreamStreamCall, context: grpc.aio.ServicerContext, room: asyncio.Semaphore
) -> None:
    index = 0
    while (response := await call.read()) is not grpc.aio.EOF:
        sound = response.infer_response.raw_output_contents[0]
        await context.write(ConverseResponse(chunk=Chunk(index=index, sound=sound)))
        room.release()
        index += 1


class EchoDecoder(GRPCInferenceServiceServicer):
    """Triton's wire with the tensors of `duplexsla`: the sound comes back as it is."""

    async def ModelStreamInfer(  # noqa: N802
        self, requests: AsyncIterator[ModelInferRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[ModelStreamInferResponse]:
        async for request in requests:
            count = request.inputs[0].shape[0]
            response = ModelStreamInferResponse()
            response.infer_response.id = request.id
            contents = (request.raw_input_contents[0], pack_elements([RESPONSE] * count))
            for (name, datatype, width), content in zip(OUTPUTS, contents, strict=True):
                response.infer_response.outputs.add(name=name, datatype=datatype, shape=(count, width))
                response.infer_response.raw_output_contents.append(content)
            yield response


async def serve(kind: str, address: str, *decoder: str) -> None:
    server = grpc.aio.server()
    if kind == "bare":
        add_SessionServiceServicer_to_server(Bare(), server)
    elif kind == "relay":
        add_SessionServiceServicer_to_server(Relay(*decoder), server)
    else:
        add_GRPCInferenceServiceServicer_to_server(EchoDecoder(), server)
    server.add_insecure_port(address)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(*sys.argv[1:]))
