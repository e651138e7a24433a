"""Chunks of a journal and the past that is made of them, serialized and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.clock import CHUNK_BYTES, SILENCE
from duplexsla.errors import ProtocolError
from duplexsla.protocol.journal_codec import decode_past, encode_chunk
from duplexsla.protocol.packed_audio import unpack
from duplexsla.v1.journal_pb2 import Past, PastChunk

TONE = b"\x10\x00\xf0\xff" * (CHUNK_BYTES // 4)


def test_a_past_is_read_with_its_chunks_in_fewer_bytes_than_their_samples() -> None:
    written = [encode_chunk(PastChunk(index=n, audio=TONE, anchor=" on", codes=[1, 2, 3, 4])) for n in (5, 6)]
    assert all(len(chunk) < CHUNK_BYTES / 2 for chunk in written)
    past, chunks = decode_past(Past(toolset="home", next_chunk=7, chunks=written).SerializeToString())
    assert (past.toolset, past.next_chunk) == ("home", 7)
    assert [(chunk.index, chunk.anchor, list(chunk.codes)) for chunk in chunks] == [
        (5, " on", [1, 2, 3, 4]),
        (6, " on", [1, 2, 3, 4]),
    ]
    assert unpack(chunks[0].audio).tobytes() == TONE


def test_silence_takes_no_bytes() -> None:
    assert encode_chunk(PastChunk(audio=SILENCE)) == encode_chunk(PastChunk())


@given(st.binary(max_size=60))
def test_bytes_that_are_no_past_are_refused_and_nothing_else_happens(raw: bytes) -> None:
    for candidate in (raw, Past(chunks=[raw]).SerializeToString()):
        try:
            decode_past(candidate)
        except ProtocolError:
            continue


@pytest.mark.parametrize("raw", [b"\xff\xff", Past(chunks=[b"\xff\xff"]).SerializeToString()])
def test_torn_bytes_are_named(raw: bytes) -> None:
    with pytest.raises(ProtocolError, match="the past cannot be read"):
        decode_past(raw)
