from contextlib import suppress

import numpy as np
import pytest

from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES, SILENCE
from duplexsla.errors import ProtocolError
from duplexsla.protocol.packed_audio import pack, unpack


def _sound(rng: np.random.Generator) -> bytes:
    """Anything from a hum to the loudest noise, with stretches of nothing and clipped peaks."""
    loud = 10 ** rng.uniform(0, 5)
    hum = rng.uniform(0, 20_000) * np.sin(np.arange(CHUNK_SAMPLES) * rng.uniform(0, 3))
    wave = hum + rng.normal(0, loud, CHUNK_SAMPLES)
    wave *= np.arange(CHUNK_SAMPLES) < rng.integers(1, CHUNK_SAMPLES + 1)
    return wave.clip(-32_768, 32_767).astype("<i2").tobytes()


def test_every_sound_comes_back_as_it_was_in_no_more_bytes() -> None:
    rng = np.random.default_rng(3)
    for samples in [_sound(rng) for _ in range(400)]:
        packed = pack(samples)
        assert len(packed) <= CHUNK_BYTES
        assert unpack(packed).tobytes() == samples


def test_the_widest_steps_come_back() -> None:
    for pair in ([-32_768, 32_767], [32_767, -32_768], [0, -32_768], [-1, -1], [0, 1]):
        samples = np.tile(np.array(pair, "<i2"), CHUNK_SAMPLES // 2).tobytes()
        assert unpack(pack(samples)).tobytes() == samples


def test_silence_is_nothing() -> None:
    assert pack(SILENCE) == b"" and unpack(b"").tobytes() == SILENCE


def test_quiet_sound_shrinks_to_less_than_half() -> None:
    rng = np.random.default_rng(5)
    murmur = rng.normal(0, 20, CHUNK_SAMPLES).astype("<i2").tobytes()
    assert len(pack(murmur)) < CHUNK_BYTES / 2


def test_torn_bytes_are_refused_or_sound_wrong_and_never_break_anything() -> None:
    rng = np.random.default_rng(7)
    whole = pack(rng.normal(0, 300, CHUNK_SAMPLES).astype("<i2").tobytes())
    for cut in (1, 2, 3, 100, len(whole) - 1):
        with pytest.raises(ProtocolError):
            unpack(whole[:cut])
    for _ in range(500):
        torn = bytearray(whole)
        torn[rng.integers(0, len(torn))] ^= 1 << rng.integers(0, 8)
        with suppress(ProtocolError):
            assert len(unpack(bytes(torn))) == CHUNK_SAMPLES
