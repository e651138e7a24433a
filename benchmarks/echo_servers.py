"""Servers that only return what they get: the floor for the gateway (bare), and a decoder without a model.

PYTHONPATH=services:. python -m benchmarks.echo_servers bare|decoder HOST:PORT
"""

import asyncio
import struct
import sys
from collections.abc import AsyncIterator

import grpc
import uvloop
from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelStreamInferResponse
from tritonclient.grpc.service_pb2_grpc import (
    GRPCInferenceServiceServicer,
    add_GRPCInferenceServiceServicer_to_server,
)

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.gateway.tensors import pack_text
from duplexsla.protocol import tokens
from duplexsla.v1.session_pb2 import Chunk, Closed, ConverseRequest, ConverseResponse, Opened
from duplexsla.v1.session_pb2_grpc import SessionServiceServicer, add_SessionServiceServicer_to_server

OUTPUTS = {  # name -> type, width, content of a row
    "SOUND": ("INT16", CHUNK_SAMPLES, b""),
    "CODES": ("INT32", 4, bytes(16)),
    "STEP": ("UINT32", 7, struct.pack("<7I", 0, 1, 0, 1, 0, 0, 0)),
    "WRITTEN": ("BYTES", 4, pack_text("", tokens.VAD_SILENCE, "", tokens.ACTION_END)),
}


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


class EchoDecoder(GRPCInferenceServiceServicer):
    """Triton's wire with the tensors of `duplexsla`: the sound comes back as it is."""

    async def ModelStreamInfer(  # noqa: N802
        self, requests: AsyncIterator[ModelInferRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[ModelStreamInferResponse]:
        async for request in requests:
            count = request.inputs[0].shape[0]
            response = ModelStreamInferResponse()
            response.infer_response.id = request.id
            for name, (datatype, width, content) in OUTPUTS.items():
                response.infer_response.outputs.add(name=name, datatype=datatype, shape=(count, width))
                response.infer_response.raw_output_contents.append(content * count)
            response.infer_response.raw_output_contents[0] = request.raw_input_contents[0]
            yield response


async def serve(kind: str, address: str) -> None:
    server = grpc.aio.server()
    if kind == "bare":
        add_SessionServiceServicer_to_server(Bare(), server)
    else:
        add_GRPCInferenceServiceServicer_to_server(EchoDecoder(), server)
    server.add_insecure_port(address)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1], sys.argv[2]))
