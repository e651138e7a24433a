"""The tensor PAST: a serialized duplexsla.v1.Past as the engine's Past."""

from google.protobuf.message import DecodeError

from duplexsla.engine.prefix import PastChunk, Prefix
from duplexsla.errors import ProtocolError
from duplexsla.protocol import tokens
from duplexsla.protocol.packed_audio import unpack
from duplexsla.v1 import journal_pb2


def read_past(raw: bytes) -> Prefix | None:
    """None for an empty tensor; ProtocolError for one that cannot be read."""
    if not raw:
        return None
    try:
        past = journal_pb2.Past.FromString(raw)
        chunks = [_chunk(journal_pb2.PastChunk.FromString(each)) for each in past.chunks]
    except DecodeError as error:
        raise ProtocolError(f"the past cannot be read: {error}") from error
    first_chunk = past.next_chunk - len(chunks)  # without the holes that lost chunks have left
    return Prefix(past.toolset, first_chunk, chunks, past.pending_forced, past.waited_chunks)


def _chunk(chunk: journal_pb2.PastChunk) -> PastChunk:
    return PastChunk(
        samples=unpack(chunk.audio),
        anchor=chunk.anchor,
        codes=tuple(chunk.codes),
        action=(*chunk.action, tokens.ACTION_END),
        forced_tokens=chunk.forced_tokens,
    )
