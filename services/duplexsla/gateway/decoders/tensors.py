"""The decoder's tensors: requests and answers of the Triton model `duplexsla`. Pure; nothing here waits.

A request holds one chunk of each of n sessions, a row each.
In: AUDIO INT16 [n, 2560]; TURN UINT64 [n, 4]: session, chunk, fence, 1 when it is the session's last; GIVEN
BYTES [n, 4]: text for the action channel, traceparent, toolset of a session that starts (else ""), its past.
Out: SOUND INT16 [n, 2560], CODES INT32 [n, 4], STEP UINT32 [n, 7]; WRITTEN BYTES [n, m]: error, anchor, text
for the action channel that is not written yet, then the pieces of the action channel, empty ones up to m.
Text travels as Triton's BYTES: a little-endian uint32 length before each element.
"""

import re
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelInferResponse

from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES
from duplexsla.errors import DecoderLost, DuplexSLAError, ProtocolError, SlotsExhausted, StaleFence
from duplexsla.session.dialogue import DecodedStep

MODEL = "duplexsla"
MOST_ROWS = 32  # of one request
INPUTS = (("AUDIO", "INT16", CHUNK_SAMPLES), ("TURN", "UINT64", 4), ("GIVEN", "BYTES", 4))
_TURN = struct.Struct("<4Q")
_LENGTH = struct.Struct("<I")
_CODES = struct.Struct("<4i")
_STEP = struct.Struct("<7I")
_FIXED = 3  # texts of an answer before its pieces
_CODE = re.compile(r"\b(slots_exhausted|stale_fence|decoder_lost|bad_message): ?(.*)", re.DOTALL)
_ERRORS = {
    "slots_exhausted": SlotsExhausted,
    "stale_fence": StaleFence,
    "decoder_lost": DecoderLost,
    "bad_message": ProtocolError,
}
NOTHING_GIVEN = bytes(4 * _LENGTH.size)


class Row(NamedTuple):
    """One chunk of one session. A `toolset` starts the session, from its `past` (a serialized Past) if it has
    lived elsewhere; `last` ends it afterwards.
    """

    session: int
    chunk: int
    fence: int
    samples: bytes  # CHUNK_BYTES
    forced: str = ""
    traceparent: str = ""
    toolset: str = ""
    past: bytes = b""
    last: bool = False


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
                b"".join([_TURN.pack(row.session, row.chunk, row.fence, row.last) for row in rows]),
                b"".join([_given(row) for row in rows]),
            )
        )
        return message

    def _shape(self, count: int) -> bytes:
        message = ModelInferRequest(model_name=MODEL)
        for name, datatype, length in INPUTS:
            message.inputs.add(name=name, datatype=datatype, shape=(count, length))
        shape = self._shapes[count] = message.SerializeToString()
        return shape


def _given(row: Row) -> bytes:
    if not (row.forced or row.traceparent or row.toolset):
        return NOTHING_GIVEN
    return pack_text(row.forced, row.traceparent, row.toolset) + _pack(row.past)


def read_answers(response: ModelInferResponse) -> list[Answer]:
    """What each row led to; DecoderLost when a tensor is missing or malformed."""
    try:
        raw = {
            output.name: content
            for output, content in zip(response.outputs, response.raw_output_contents, strict=True)
        }
        sound, texts = raw["SOUND"], unpack_text(raw["WRITTEN"])
        codes, steps = _CODES.iter_unpack(raw["CODES"]), list(_STEP.iter_unpack(raw["STEP"]))
        width = len(texts) // len(steps)
        if len(sound) != len(steps) * CHUNK_BYTES or width <= _FIXED or len(texts) % width:
            raise ValueError(f"{len(steps)} rows, {len(sound)} bytes of sound, {len(texts)} texts")
        return [
            _answer(sound[n * CHUNK_BYTES : (n + 1) * CHUNK_BYTES], four, step, texts[n * width :][:width])
            for n, (four, step) in enumerate(zip(codes, steps, strict=True))
        ]
    except (KeyError, ValueError, ZeroDivisionError, struct.error) as error:
        raise DecoderLost(f"the decoder's answer cannot be read: {error!r}") from error


def _answer(sound: bytes, codes: tuple[int, ...], step: tuple[int, ...], texts: tuple[str, ...]) -> Answer:
    error, anchor, pending, *_ = texts
    if error:
        return read_error(error)
    silent, batch, tick_us, free, draining, forced_tokens, waited_chunks = step
    return DecodedStep(
        sound=sound,
        anchor=anchor,
        pieces=texts[_FIXED:] if texts[-1] else tuple(text for text in texts[_FIXED:] if text),
        silent=bool(silent),
        batch=batch,
        tick_us=tick_us,
        free_slots=free,
        codes=codes,
        forced_tokens=forced_tokens,
        pending_forced=pending,
        waited_chunks=waited_chunks,
        draining=bool(draining),
    )


def read_error(message: str) -> DuplexSLAError:
    """The error that a decoder's text names ("<code>: <sentence>", anywhere in it); DecoderLost for any
    other.
    """
    if found := _CODE.search(message):
        return _ERRORS[found[1]](found[2] or message)
    return DecoderLost(message)


def pack_text(*texts: str) -> bytes:
    """Triton's BYTES tensor of these texts."""
    return b"".join([_pack(text.encode()) for text in texts])


def pack_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """The same of several rows, each filled up with empty texts to the longest."""
    rows = list(rows)
    width = max(map(len, rows))
    return b"".join([pack_text(*row, *[""] * (width - len(row))) for row in rows])


def _pack(element: bytes) -> bytes:
    return _LENGTH.pack(len(element)) + element


def unpack_text(raw: bytes) -> tuple[str, ...]:
    """Inverse of `pack_text`; ValueError or struct.error for anything else."""
    return tuple([element.decode() for element in unpack(raw)])


def unpack(raw: bytes) -> list[bytes]:
    """The elements of a BYTES tensor; ValueError or struct.error for anything else."""
    elements, start = [], 0
    while start < len(raw):
        (length,) = _LENGTH.unpack_from(raw, start)
        end = start + 4 + length
        if end > len(raw):
            raise ValueError("a text is longer than its tensor")
        elements.append(raw[start + 4 : end])
        start = end
    return elements
