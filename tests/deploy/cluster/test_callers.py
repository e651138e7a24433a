"""What a simulated caller sends."""

import itertools

from deploy.cluster import callers

from duplexsla.clock import CHUNK_BYTES


def test_a_caller_sends_whole_chunks_and_silence_between():
    sound = list(itertools.islice(callers._sound(1), 200))
    assert {len(chunk) for chunk in sound} == {CHUNK_BYTES}
    assert any(any(chunk) for chunk in sound) and not any(sound[0])
