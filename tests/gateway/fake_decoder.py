"""A decoder without a model: the gRPC service of Triton, the tensors of `duplexsla`, scripted answers."""

import asyncio
import hashlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

import grpc
from tritonclient.grpc.service_pb2 import (
    ModelInferRequest,
    ModelInferResponse,
    ModelStreamInferResponse,
    ServerLiveRequest,
    ServerLiveResponse,
)
from tritonclient.grpc.service_pb2_grpc import (
    GRPCInferenceServiceServicer,
    add_GRPCInferenceServiceServicer_to_server,
)

from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES
from duplexsla.gateway.tensors import pack_text, unpack_text
from duplexsla.protocol import tokens
from duplexsla.session.packed_audio import unpack
from duplexsla.v1.journal_pb2 import Past, PastChunk

SHAPES = {
    "AUDIO": ("INT16", [1, CHUNK_SAMPLES]),
    "CHUNK": ("UINT64", [1, 1]),
    "FENCE": ("UINT64", [1, 1]),
    "FORCED": ("BYTES", [1, 1]),
    "PAST": ("BYTES", [1, 1]),
}


@dataclass
class Held:
    """One session of the fake: what it was sent. `lived` are the chunks of its past, `audio` holds theirs,
    too.
    """

    toolset: str
    fence: int
    past: Past | None = None
    lived: list[PastChunk] = field(default_factory=list)
    chunks: list[int] = field(default_factory=list)
    audio: bytearray = field(default_factory=bytearray)
    forced: list[str] = field(default_factory=list)
    traceparents: list[str] = field(default_factory=list)
    memory: "hashlib._Hash" = field(default_factory=sha256)  # of all the audio

    def hear(self, audio: bytes) -> None:
        self.audio += audio
        self.memory.update(audio)


class Reply(NamedTuple):
    """What the fake says to a chunk; it echoes the sound unless told otherwise."""

    pieces: tuple[str, ...] = ()
    anchor: str = tokens.VAD_SILENCE
    sound: bytes | None = None
    forced_tokens: int = 0
    pending: str = ""


Script = Callable[[Held, int], Reply]


def echo(held: Held, chunk: int) -> Reply:
    return Reply()


class Refusal(Exception):
    """Becomes the error message of a response."""


class FakeDecoder(GRPCInferenceServiceServicer):
    """`sessions` are live, `ended` are those that gave their slot back."""

    die: Callable[[], Awaitable[None]]

    def __init__(self, script: Script = echo, *, slots: int = 16) -> None:
        self.script, self.slots = script, slots
        self.sessions: dict[int, Held] = {}
        self.ended: dict[int, Held] = {}
        self.draining = False
        self.started = 0
        self.hang = asyncio.Event()  # set: chunks are taken and not answered
        self.frozen = asyncio.Event()  # set: nothing at all is answered, as by a stopped process
        self.end_seen = asyncio.Event()

    async def ServerLive(  # noqa: N802
        self, request: ServerLiveRequest, context: grpc.aio.ServicerContext
    ) -> ServerLiveResponse:
        if self.frozen.is_set():
            await asyncio.Event().wait()
        return ServerLiveResponse(live=True)

    async def ModelStreamInfer(  # noqa: N802
        self, requests: AsyncIterator[ModelInferRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[ModelStreamInferResponse]:
        async for request in requests:
            if self.hang.is_set() or self.frozen.is_set():
                continue
            try:
                yield ModelStreamInferResponse(infer_response=self._infer(request))
            except Refusal as refusal:
                response = ModelInferResponse(model_name="duplexsla", id=request.id)
                yield ModelStreamInferResponse(error_message=str(refusal), infer_response=response)

    def _infer(self, request: ModelInferRequest) -> ModelInferResponse:
        raw = self._checked(request)
        session = request.parameters["sequence_id"].int64_param
        (chunk,), (fence,) = struct.unpack("<Q", raw["CHUNK"]), struct.unpack("<Q", raw["FENCE"])
        held = self._held(request, session, fence)
        if held.chunks and chunk <= held.chunks[-1]:
            raise Refusal(f"bad_message: chunk {chunk} after {held.chunks[-1]}")
        if fence < held.fence:
            raise Refusal("stale_fence: a newer owner exists")
        if request.parameters["sequence_end"].bool_param:
            self.ended[session] = self.sessions.pop(session)
            self.end_seen.set()
            return self._response(request, raw["AUDIO"], Reply())
        held.chunks.append(chunk)
        held.hear(raw["AUDIO"])
        held.forced += [text for text in unpack_text(raw["FORCED"]) if text]
        if traceparent := request.parameters["traceparent"].string_param:
            held.traceparents.append(traceparent)
        return self._response(request, raw["AUDIO"], self.script(held, chunk))

    def _checked(self, request: ModelInferRequest) -> dict[str, bytes]:
        assert request.model_name == "duplexsla"
        assert {each.name: (each.datatype, list(each.shape)) for each in request.inputs} == SHAPES
        names = [each.name for each in request.inputs]
        raw = dict(zip(names, request.raw_input_contents, strict=True))
        assert len(raw["AUDIO"]) == CHUNK_BYTES
        return raw

    def _held(self, request: ModelInferRequest, session: int, fence: int) -> Held:
        if request.parameters["sequence_start"].bool_param:
            former = self.sessions.get(session)
            if self.draining or (former is None and len(self.sessions) >= self.slots):
                raise Refusal("failed, message: TritonError: slots_exhausted: every slot is held")
            if former is not None and fence < former.fence:
                raise Refusal("stale_fence: a newer owner exists")
            self.sessions[session] = self._start(request, fence)
            self.started += 1
        if session not in self.sessions:
            raise Refusal("decoder_lost: unknown session")
        return self.sessions[session]

    def _start(self, request: ModelInferRequest, fence: int) -> Held:
        held = Held(request.parameters["toolset"].string_param, fence)
        raw = request.raw_input_contents[[each.name for each in request.inputs].index("PAST")][4:]
        if raw:
            held.past = Past.FromString(raw)
            held.lived = [PastChunk.FromString(each) for each in held.past.chunks]
            held.hear(b"".join(unpack(each.audio).tobytes() for each in held.lived))
        return held

    def _response(self, request: ModelInferRequest, audio: bytes, reply: Reply) -> ModelInferResponse:
        sound = audio if reply.sound is None else reply.sound
        free = self.slots - len(self.sessions)
        numbers = (not any(sound), 1, 1_000, free, self.draining, reply.forced_tokens, 0)
        outputs = {
            "SOUND": ("INT16", [1, CHUNK_SAMPLES], sound),
            "CODES": ("INT32", [1, 4], bytes(16)),
            "ANCHOR": ("BYTES", [1, 1], pack_text(reply.anchor)),
            "ACTION": ("BYTES", [1, len(reply.pieces) + 1], pack_text(*reply.pieces, tokens.ACTION_END)),
            "PENDING": ("BYTES", [1, 1], pack_text(reply.pending)),
            "STEP": ("UINT32", [1, 7], struct.pack("<7I", *numbers)),
        }
        response = ModelInferResponse(model_name="duplexsla", id=request.id)
        for name, (datatype, shape, content) in outputs.items():
            response.outputs.add(name=name, datatype=datatype, shape=shape)
            response.raw_output_contents.append(content)
        return response


def remember(held: Held, chunk: int) -> Reply:
    """What it says depends on all that the session has heard, in whatever life, and on what it was told to
    write.
    """
    state = held.memory.digest()
    return Reply(sound=state * (CHUNK_BYTES // len(state)), anchor=f" {state.hex()[:6]}")


@asynccontextmanager
async def serving(fake: FakeDecoder) -> AsyncIterator[str]:
    """Its address (host:port) while the block runs, or until somebody calls `fake.die`."""
    server = grpc.aio.server()
    add_GRPCInferenceServiceServicer_to_server(fake, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()

    async def die() -> None:
        await server.stop(None)
        fake.sessions.clear()

    fake.die = die
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)
