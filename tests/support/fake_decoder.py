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
from duplexsla.gateway.decoders.tensors import Row, pack_rows, unpack
from duplexsla.protocol import tokens
from duplexsla.protocol.packed_audio import unpack as unpack_audio
from duplexsla.v1.journal_pb2 import Past, PastChunk

SHAPES = {"AUDIO": ("INT16", CHUNK_SAMPLES), "TURN": ("UINT64", 4), "GIVEN": ("BYTES", 4)}


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
            yield ModelStreamInferResponse(infer_response=self._infer(request))

    def _infer(self, request: ModelInferRequest) -> ModelInferResponse:
        return self._response(request, [self._answer(row) for row in self.rows_of(request)])

    def rows_of(self, request: ModelInferRequest) -> list[Row]:
        """What the request says, checked against the contract."""
        assert request.model_name == "duplexsla"
        count = request.inputs[0].shape[0]
        shapes = {name: (kind, [count, width]) for name, (kind, width) in SHAPES.items()}
        assert {each.name: (each.datatype, list(each.shape)) for each in request.inputs} == shapes
        audio, turns, given = request.raw_input_contents
        texts = unpack(given)
        assert len(audio) == count * CHUNK_BYTES and len(texts) == 4 * count
        rows = []
        for place, (session, chunk, fence, last) in enumerate(struct.iter_unpack("<4Q", turns)):
            samples = audio[place * CHUNK_BYTES : (place + 1) * CHUNK_BYTES]
            forced, traceparent, toolset, past = texts[4 * place : 4 * place + 4]
            said = (forced.decode(), traceparent.decode(), toolset.decode(), past, bool(last))
            rows.append(Row(session, chunk, fence, samples, *said))
        return rows

    def _answer(self, row: Row) -> Reply | Refusal:
        try:
            return self._serve(row)
        except Refusal as refusal:
            return refusal
        except Exception as error:  # as the real one: this session is lost, the others go on
            self.sessions.pop(row.session, None)
            return Refusal(repr(error))

    def _serve(self, row: Row) -> Reply:
        held = self._held(row)
        if held.chunks and row.chunk <= held.chunks[-1]:
            raise Refusal(f"bad_message: chunk {row.chunk} after {held.chunks[-1]}")
        if row.fence < held.fence:
            raise Refusal("stale_fence: a newer owner exists")
        if row.last:
            self.ended[row.session] = self.sessions.pop(row.session)
            self.end_seen.set()
            return Reply(sound=row.samples)
        held.chunks.append(row.chunk)
        held.hear(row.samples)
        held.forced += [row.forced] if row.forced else []
        held.traceparents += [row.traceparent] if row.traceparent else []
        reply = self.script(held, row.chunk)
        return reply if reply.sound is not None else reply._replace(sound=row.samples)

    def _held(self, row: Row) -> Held:
        if row.toolset:
            former = self.sessions.get(row.session)
            if self.draining or (former is None and len(self.sessions) >= self.slots):
                raise Refusal("failed, message: TritonError: slots_exhausted: every slot is held")
            if former is not None and row.fence < former.fence:
                raise Refusal("stale_fence: a newer owner exists")
            self.sessions[row.session] = self._start(row)
            self.started += 1
        if row.session not in self.sessions:
            raise Refusal("decoder_lost: unknown session")
        return self.sessions[row.session]

    def _start(self, row: Row) -> Held:
        held = Held(row.toolset, row.fence)
        if row.past:
            held.past = Past.FromString(row.past)
            held.lived = [PastChunk.FromString(each) for each in held.past.chunks]
            held.hear(b"".join(unpack_audio(each.audio).tobytes() for each in held.lived))
        return held

    def _response(self, request: ModelInferRequest, answers: list[Reply | Refusal]) -> ModelInferResponse:
        count, free = len(answers), self.slots - len(self.sessions)
        replies = [Reply(sound=bytes(CHUNK_BYTES)) if isinstance(a, Refusal) else a for a in answers]
        sounds = [reply.sound or b"" for reply in replies]
        steps = [
            (not any(r.sound or b""), count, 1_000, free, self.draining, r.forced_tokens, 0) for r in replies
        ]
        texts = [_texts(answer) for answer in answers]
        outputs = {
            "SOUND": ("INT16", CHUNK_SAMPLES, b"".join(sounds)),
            "CODES": ("INT32", 4, bytes(16 * count)),
            "STEP": ("UINT32", 7, b"".join(struct.pack("<7I", *step) for step in steps)),
            "WRITTEN": ("BYTES", max(map(len, texts)), pack_rows(texts)),
        }
        response = ModelInferResponse(model_name="duplexsla", id=request.id)
        for name, (datatype, width, content) in outputs.items():
            response.outputs.add(name=name, datatype=datatype, shape=[count, width])
            response.raw_output_contents.append(content)
        return response


def _texts(answer: Reply | Refusal) -> list[str]:
    if isinstance(answer, Refusal):
        return [str(answer), "", "", ""]
    return ["", answer.anchor, answer.pending, *answer.pieces, tokens.ACTION_END]


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
