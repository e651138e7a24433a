"""A decoder without a model: the gRPC service of Triton, the tensors of `duplexsla`, scripted answers."""

import asyncio
import hashlib
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

from duplexsla.clock import CHUNK_BYTES, TOKENS_PER_CHUNK
from duplexsla.errors import DuplexSLAError, ProtocolError, SessionForgotten, SlotsExhausted, StaleFence
from duplexsla.gateway.decoders.client import INPUTS, OUTPUTS, Row, pack_elements, unpack_elements
from duplexsla.protocol import decoder_errors, tokens
from duplexsla.session.journal import decode_past
from duplexsla.session.journal import unpack as unpack_audio
from duplexsla.v1.decoder_pb2 import ChunkRequest, ChunkResponse, DecodedChunk, SessionStart, TickReport
from duplexsla.v1.journal_pb2 import Past, PastChunk


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


class FakeDecoder(GRPCInferenceServiceServicer):
    """`sessions` are live, `ended` are those that gave their slot back."""

    die: Callable[[], Awaitable[None]]

    def __init__(self, script: Script = echo, *, slots: int = 16, model: str = "") -> None:
        self.script, self.slots, self.model = script, slots, model
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
            yield ModelStreamInferResponse(infer_response=self._infer(request))

    def _infer(self, request: ModelInferRequest) -> ModelInferResponse:
        return self._response(request, [self._answer(row) for row in self.rows_of(request)])

    def rows_of(self, request: ModelInferRequest) -> list[Row]:
        """What the request says, checked against the contract."""
        assert request.model_name == "duplexsla"
        count = request.inputs[0].shape[0]
        shapes = {name: (kind, [count, width]) for name, kind, width in INPUTS}
        assert {each.name: (each.datatype, list(each.shape)) for each in request.inputs} == shapes
        audio, raw = request.raw_input_contents
        requests = [ChunkRequest.FromString(each) for each in unpack_elements(raw)]
        assert len(audio) == count * CHUNK_BYTES and len(requests) == count
        return [
            Row(audio[place * CHUNK_BYTES : (place + 1) * CHUNK_BYTES], each)
            for place, each in enumerate(requests)
        ]

    def _answer(self, row: Row) -> Reply | DuplexSLAError:
        try:
            return self._serve(row.request, row.samples)
        except DuplexSLAError as refusal:
            return refusal
        except Exception as error:  # as the real one: this session is lost, the others go on
            self.sessions.pop(row.request.session_id, None)
            return DuplexSLAError(repr(error))

    def _serve(self, request: ChunkRequest, samples: bytes) -> Reply:
        held = self._held(request)
        if held.chunks and request.chunk <= held.chunks[-1]:
            raise ProtocolError(f"chunk {request.chunk} after {held.chunks[-1]}")
        if request.fence < held.fence:
            raise StaleFence("a newer owner exists")
        if request.end:
            self.ended[request.session_id] = self.sessions.pop(request.session_id)
            self.end_seen.set()
            return Reply(sound=samples)
        held.chunks.append(request.chunk)
        held.hear(samples)
        held.forced += [request.injected_text] if request.injected_text else []
        held.traceparents += [request.traceparent] if request.traceparent else []
        reply = self.script(held, request.chunk)
        return reply if reply.sound is not None else reply._replace(sound=samples)

    def _held(self, request: ChunkRequest) -> Held:
        session = request.session_id
        if request.HasField("start"):
            former = self.sessions.get(session)
            if self.draining or (former is None and len(self.sessions) >= self.slots):
                raise SlotsExhausted("every slot is held")
            if former is not None and request.fence < former.fence:
                raise StaleFence("a newer owner exists")
            self.sessions[session] = self._start(request.start, request.fence)
            self.started += 1
        if session not in self.sessions:
            raise SessionForgotten("unknown session")
        return self.sessions[session]

    def _start(self, start: SessionStart, fence: int) -> Held:
        held = Held(start.toolset, fence)
        if start.past:
            held.past, chunks = decode_past(start.past)
            held.lived = list(chunks)
            held.hear(b"".join(unpack_audio(each.audio).tobytes() for each in held.lived))
        return held

    def _response(
        self, request: ModelInferRequest, answers: list[Reply | DuplexSLAError]
    ) -> ModelInferResponse:
        count, free = len(answers), self.slots - len(self.sessions)
        tick = TickReport(
            batch=count, duration_us=1_000, free_slots=free, draining=self.draining, model=self.model
        )
        sounds = [a.sound or b"" if isinstance(a, Reply) else bytes(CHUNK_BYTES) for a in answers]
        rows = [_serialized(answer, tick) for answer in answers]
        response = ModelInferResponse(model_name="duplexsla", id=request.id)
        contents = (b"".join(sounds), pack_elements(rows))
        for (name, datatype, width), content in zip(OUTPUTS, contents, strict=True):
            response.outputs.add(name=name, datatype=datatype, shape=[count, width])
            response.raw_output_contents.append(content)
        return response


def _serialized(answer: Reply | DuplexSLAError, tick: TickReport) -> bytes:
    if isinstance(answer, DuplexSLAError):
        return ChunkResponse(error=decoder_errors.to_wire(answer), tick=tick).SerializeToString()
    decoded = DecodedChunk(
        anchor=answer.anchor,
        codes=[0] * TOKENS_PER_CHUNK,
        action=[*answer.pieces, tokens.ACTION_END],
        injected_tokens=answer.forced_tokens,
        pending_injected_text=answer.pending,
        silent=not any(answer.sound or b""),
    )
    return ChunkResponse(decoded=decoded, tick=tick).SerializeToString()


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
