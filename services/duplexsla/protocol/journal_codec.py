"""The chunks of a session's journal and its Past, serialized (protos/duplexsla/v1/journal.proto)."""

from collections.abc import Sequence

from google.protobuf.message import DecodeError

from duplexsla.errors import ProtocolError
from duplexsla.protocol.packed_audio import pack
from duplexsla.v1.journal_pb2 import Past, PastChunk


def encode_chunk(chunk: PastChunk) -> bytes:
    """Packs the chunk's samples first: some 60 us where they are not silent."""
    if chunk.audio:
        chunk.audio = pack(chunk.audio)
    return chunk.SerializeToString()


def decode_past(raw: bytes) -> tuple[Past, Sequence[PastChunk]]:
    """The message and its chunks, whose audio is still packed; ProtocolError where a part cannot be read."""
    try:
        past = Past.FromString(raw)
        return past, [PastChunk.FromString(chunk) for chunk in past.chunks]
    except DecodeError as error:
        raise ProtocolError(f"the past cannot be read: {error}") from error
