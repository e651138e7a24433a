"""The decoder's tensors: requests and answers of the Triton model `duplexsla`. Pure; nothing here waits.

In (batch axis first): AUDIO INT16 [1, 2560], CHUNK UINT64 [1, 1], FENCE UINT64 [1, 1], FORCED BYTES [1, 1],
PAST BYTES [1, 1]; all of them always, since only requests with the same tensors share a batch.
Out: SOUND INT16 [1, 2560], CODES INT32 [1, 4], ANCHOR BYTES [1, 1], ACTION BYTES [1, n], PENDING BYTES
[1, 1], STEP UINT32 [1, 7].
Text travels as Triton's BYTES: a little-endian uint32 length before each element.
"""

import re
import struct
from typing import NamedTuple

from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelInferResponse

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.errors import DecoderLost, DuplexSLAError, ProtocolError, SlotsExhausted, StaleFence
from duplexsla.session.conversation import SILENCE, Step
from duplexsla.telemetry import TRACEPARENT

MODEL = "duplexsla"
INPUTS = (
    ("AUDIO", "INT16", CHUNK_SAMPLES),
    ("CHUNK", "UINT64", 1),
    ("FENCE", "UINT64", 1),
    ("FORCED", "BYTES", 1),
    ("PAST", "BYTES", 1),
)
_UINT64 = struct.Struct("<Q")
_LENGTH = struct.Struct("<I")
_CODES = struct.Struct("<4i")
_STEP = struct.Struct("<7I")
_CODE = re.compile(r"\b(slots_exhausted|stale_fence|decoder_lost|bad_message): ?(.*)", re.DOTALL)
_ERRORS = {
    "slots_exhausted": SlotsExhausted,
    "stale_fence": StaleFence,
    "decoder_lost": DecoderLost,
    "bad_message": ProtocolError,
}


class StepRequest:
    """One session's request. The same message is filled again for every chunk: serialize it before the next
    fill.
    """

    def __init__(self, session_id: int, fence: int, toolset: str, past: bytes = b"") -> None:
        """`past` is a serialized Past for the first request, if the session has lived elsewhere."""
        self._message = ModelInferRequest(model_name=MODEL)
        for name, datatype, length in INPUTS:
            self._message.inputs.add(name=name, datatype=datatype, shape=(1, length))
        self._parameters = self._message.parameters
        self._parameters["sequence_id"].int64_param = session_id
        self._parameters["sequence_start"].bool_param = True
        self._parameters["toolset"].string_param = toolset
        self._fence, self._past = _UINT64.pack(fence), _pack(past)
        self._started = False

    def fill(
        self, chunk: int, samples: bytes, *, forced: str = "", traceparent: str = "", last: bool = False
    ) -> ModelInferRequest:
        """The request for `samples` (CHUNK_BYTES); the first one starts the sequence, `last` ends it."""
        if self._started:
            self._parameters["sequence_start"].bool_param = False
            self._past = NO_PAST
        self._started = True
        if last:
            self._parameters["sequence_end"].bool_param = True
        if traceparent:
            self._parameters[TRACEPARENT].string_param = traceparent
        self._message.id = str(chunk)
        del self._message.raw_input_contents[:]
        self._message.raw_input_contents.extend(
            (samples, _UINT64.pack(chunk), self._fence, pack_text(forced), self._past)
        )
        return self._message

    def end(self, chunk: int) -> ModelInferRequest:
        """A request that only gives the slot back: silence whose answer nobody hears."""
        return self.fill(chunk, SILENCE, last=True)


class Answer(NamedTuple):
    chunk: int
    step: Step


def read_answer(response: ModelInferResponse) -> Answer:
    """Step of a response; DecoderLost when a tensor is missing or malformed."""
    try:
        raw = {
            output.name: content
            for output, content in zip(response.outputs, response.raw_output_contents, strict=True)
        }
        silent, batch, tick_us, free, draining, forced_tokens, waited_chunks = _STEP.unpack(raw["STEP"])
        (anchor,), (pending,) = unpack_text(raw["ANCHOR"]), unpack_text(raw["PENDING"])
        step = Step(
            sound=raw["SOUND"],
            anchor=anchor,
            pieces=unpack_text(raw["ACTION"]),
            silent=bool(silent),
            batch=batch,
            tick_us=tick_us,
            free_slots=free,
            codes=_CODES.unpack(raw["CODES"]),
            forced_tokens=forced_tokens,
            pending_forced=pending,
            waited_chunks=waited_chunks,
            draining=bool(draining),
        )
        return Answer(int(response.id), step)
    except (KeyError, ValueError, struct.error) as error:
        raise DecoderLost(f"the decoder's answer cannot be read: {error!r}") from error


def read_error(message: str) -> DuplexSLAError:
    """The error that a decoder's text names ("<code>: <sentence>", anywhere in it); DecoderLost for any
    other.
    """
    if found := _CODE.search(message):
        return _ERRORS[found[1]](found[2] or message)
    return DecoderLost(message)


def pack_text(*texts: str) -> bytes:
    """Triton's BYTES tensor of these texts."""
    return b"".join(_pack(text.encode()) for text in texts)


def _pack(element: bytes) -> bytes:
    return _LENGTH.pack(len(element)) + element


NO_PAST = _pack(b"")


def unpack_text(raw: bytes) -> tuple[str, ...]:
    """Inverse of `pack_text`; ValueError or struct.error for anything else."""
    texts, start = [], 0
    while start < len(raw):
        (length,) = _LENGTH.unpack_from(raw, start)
        end = start + 4 + length
        if end > len(raw):
            raise ValueError("a text is longer than its tensor")
        texts.append(raw[start + 4 : end].decode())
        start = end
    return tuple(texts)
