import random

import pytest

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import AudioError
from duplexsla.session.chunker import MAX_FRAME_BYTES, Chunker


def test_any_frames_give_the_chunks_of_the_whole_audio() -> None:
    rng = random.Random(3)
    audio = rng.randbytes(10 * CHUNK_BYTES + 1_234)
    for _ in range(50):
        chunker, chunks, start = Chunker(), [], 0
        while start < len(audio):
            size = 2 * rng.choice([1, 7, 320, 2_560, 9_000, MAX_FRAME_BYTES // 2])
            chunks += chunker.push(audio[start : start + size])
            start += size
        chunks.append(chunker.flush())
        assert all(len(chunk) == CHUNK_BYTES for chunk in chunks)
        assert b"".join(chunks) == audio.ljust(11 * CHUNK_BYTES, b"\0")


def test_an_odd_or_oversized_frame_is_refused_and_changes_nothing() -> None:
    chunker = Chunker()
    chunker.push(b"ab" * 10)
    for bad in (b"abc", bytes(MAX_FRAME_BYTES + 2), bytes(1 << 20)):
        with pytest.raises(AudioError, match=str(len(bad))):
            chunker.push(bad)
    assert chunker.flush() == (b"ab" * 10).ljust(CHUNK_BYTES, b"\0")


def test_nothing_begun_flushes_to_nothing() -> None:
    chunker = Chunker()
    assert chunker.push(b"") == [] and chunker.flush() == b""
    assert chunker.push(bytes(CHUNK_BYTES)) == [bytes(CHUNK_BYTES)] and chunker.flush() == b""
