"""A row of the decoder's tensors as the engine's types, and back (protos/duplexsla/v1/decoder.proto)."""

from collections.abc import Sequence

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from duplexsla.engine.calibration import Calibration
from duplexsla.engine.engine import StepOutput
from duplexsla.engine.prefix import Prefix, PrefixChunk
from duplexsla.engine.session_registry import Answer, DecodeRequest
from duplexsla.errors import ProtocolError
from duplexsla.protocol import decoder_errors, tokens
from duplexsla.protocol.call_confidence import UNKNOWN, CallChoice, CallConfidence
from duplexsla.session.journal import decode_past, unpack
from duplexsla.v1 import journal_pb2 as wire
from duplexsla.v1.decoder_pb2 import ChunkRequest, ChunkResponse, ClosedCall, DecodedChunk, TickReport
from duplexsla.v1.journal_pb2 import Past, PastChunk


def read_request(raw: bytes) -> ChunkRequest:
    """Raises ProtocolError for a row that cannot be read."""
    try:
        return ChunkRequest.FromString(raw)
    except DecodeError as error:
        raise ProtocolError(f"the request cannot be read: {error}") from error


def to_engine(request: ChunkRequest, samples: NDArray[np.int16], *, model: str) -> DecodeRequest:
    """samples [2560]; `model` is the identity of ours. Raises ProtocolError for a past that cannot be read.

    Codes and pieces of another model mean nothing to this one: such a past is forgotten but for the
    text of the service that was still to be written, and the session goes on empty.
    """
    start = request.start
    past = _read(start.past)
    foreign = past is not None and past[0].model not in ("", model)
    pending = past[0].pending_forced if past is not None and foreign else ""
    return DecodeRequest(
        session=request.session_id,
        chunk=request.chunk,
        fence=request.fence,
        samples=samples,
        injected=pending + request.injected_text,
        start=request.HasField("start"),
        end=request.end,
        toolset=past[0].toolset if past is not None else start.toolset,
        prefix=None if past is None or foreign else _prefix(*past),
    )


def _read(raw: bytes) -> tuple[Past, Sequence[PastChunk]] | None:
    return decode_past(raw) if raw else None


def _prefix(past: Past, chunks: Sequence[PastChunk]) -> Prefix:
    chunks = [chunk for chunk in chunks if chunk.index >= past.model_since]
    first_chunk = past.next_chunk - len(chunks)  # without the holes that lost chunks have left
    kept = [_prefix_chunk(chunk) for chunk in chunks]
    return Prefix(past.toolset, first_chunk, kept, past.pending_forced, past.waited_chunks)


def _prefix_chunk(chunk: PastChunk) -> PrefixChunk:
    return PrefixChunk(
        samples=unpack(chunk.audio),
        anchor=chunk.anchor,
        codes=tuple(chunk.codes),
        action=(*chunk.action, tokens.ACTION_END),
        injected_tokens=chunk.forced_tokens,
        choices=[CallChoice(choice.chosen, choice.outside) for choice in chunk.choices],
    )


def to_wire(answer: Answer, tick: TickReport, calibration: Calibration | None) -> bytes:
    """A serialized ChunkResponse. `calibration` is that of our weights, None where they have none."""
    if isinstance(answer, StepOutput):
        return ChunkResponse(decoded=_decoded(answer, calibration), tick=tick).SerializeToString()
    return ChunkResponse(error=decoder_errors.to_wire(answer), tick=tick).SerializeToString()


def _decoded(output: StepOutput, calibration: Calibration | None) -> DecodedChunk:
    return DecodedChunk(
        anchor=output.anchor,
        codes=output.codes,
        action=output.action,
        silent=output.silent,
        injected_tokens=output.injected_tokens,
        pending_injected_text=output.pending_injected,
        waited_chunks=output.waited_chunks,
        choices=[wire.CallChoice(chosen=chosen, outside=outside) for chosen, outside in output.choices],
        calls=[_closed(at, sure, calibration) for at, sure in output.calls.items()],
    )


def _closed(at: int, sure: CallConfidence, calibration: Calibration | None) -> ClosedCall:
    calibrated = calibration is not None and sure != UNKNOWN
    return ClosedCall(
        closed_by=at,
        function_p=sure.function_p,
        argument_p=sure.argument_p,
        margin=sure.margin,
        confidence=calibration.confidence(sure) if calibration and calibrated else 0.0,
        calibrated=calibrated,
    )
