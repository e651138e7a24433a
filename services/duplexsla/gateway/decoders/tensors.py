"""The decoder's tensors: requests and responses of the Triton model `duplexsla`. Pure; nothing here waits.

A message holds one chunk of each of n sessions, a row each.
In: AUDIO INT16 [n, 2560]; REQUEST BYTES [n, 1], a serialized ChunkRequest.
Out: SOUND INT16 [n, 2560]; RESPONSE BYTES [n, 1], a serialized ChunkResponse. See decoder.proto.
Triton's BYTES have a little-endian uint32 length before each element.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from google.protobuf.message import DecodeError
from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelInferResponse

from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES, TOKENS_PER_CHUNK
from duplexsla.errors import DecoderLost, DuplexSLAError
from duplexsla.protocol.decoder_errors import from_wire
from duplexsla.session.dialogue import DecodedStep
from duplexsla.v1.decoder_pb2 import ChunkRequest, ChunkResponse

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
    decoded, tick = response.decoded, response.tick
    pieces, codes = tuple(decoded.action), tuple(decoded.codes)
    if not pieces or len(codes) != TOKENS_PER_CHUNK:
        raise ValueError(f"{len(pieces)} pieces, {len(codes)} codes")
    return DecodedStep(
        sound=sound,
        anchor=decoded.anchor,
        pieces=pieces,
        silent=decoded.silent,
        batch=tick.batch,
        tick_us=tick.duration_us,
        free_slots=tick.free_slots,
        codes=codes,
        injected_tokens=decoded.injected_tokens,
        pending_injected_text=decoded.pending_injected_text,
        waited_chunks=decoded.waited_chunks,
        draining=tick.draining,
        model=tick.model,
    )


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
