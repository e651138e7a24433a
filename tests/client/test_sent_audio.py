"""What was sent and not answered can be sent again, whatever happens in between."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.client.sent_audio import KEPT_CHUNKS, SentAudio
from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import ProtocolError


@given(seed=st.integers(), frames=st.lists(st.binary(min_size=1, max_size=9_000), min_size=1, max_size=20))
def test_over_any_streams_the_server_has_every_byte_once_and_in_order(seed: int, frames: list[bytes]) -> None:
    rng, audio, received, answered = random.Random(seed), SentAudio(CHUNK_BYTES), bytearray(), 0
    waiting = list(frames)
    while waiting or audio.unsent():
        if waiting and (rng.random() < 0.5 or not audio.unsent()):
            audio.add(waiting.pop(0))
            continue
        piece = audio.unsent()
        received += piece
        audio.sent(piece)
        if rng.random() < 0.3:
            answered = rng.randint(answered, len(received) // CHUNK_BYTES)
            audio.answered(answered)
        if rng.random() < 0.2:  # another gateway begins with some chunk that is not answered
            chunk = rng.randint(max(0, answered - KEPT_CHUNKS), len(received) // CHUNK_BYTES)
            del received[chunk * CHUNK_BYTES :]
            audio.rewind(chunk)
    assert received == b"".join(frames)


def test_what_was_answered_long_ago_is_forgotten_and_that_is_said() -> None:
    audio = SentAudio(CHUNK_BYTES)
    audio.add(bytes((KEPT_CHUNKS + 10) * CHUNK_BYTES))
    while piece := audio.unsent():
        audio.sent(piece)
    audio.answered(KEPT_CHUNKS + 10)
    audio.rewind(10)
    with pytest.raises(ProtocolError, match="chunk 9"):
        audio.rewind(9)
