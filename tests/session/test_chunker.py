import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import AudioError
from duplexsla.session.chunker import MAX_FRAME_BYTES, Chunker


@given(sizes=st.lists(st.integers(0, MAX_FRAME_BYTES // 2), max_size=12), seed=st.integers())
def test_any_frames_give_the_chunks_of_the_whole_audio(sizes: list[int], seed: int) -> None:
    frames = [random.Random(seed).randbytes(2 * size) for size in sizes]
    chunker = Chunker()
    chunks = [chunk for frame in frames for chunk in chunker.push(frame)]
    begun = chunker.flush()
    assert {len(chunk) for chunk in [*chunks, begun]} <= {CHUNK_BYTES, 0}
    audio = b"".join(frames)
    assert b"".join([*chunks, begun]) == audio.ljust(-(-len(audio) // CHUNK_BYTES) * CHUNK_BYTES, b"\0")


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
