"""The formats that are served: refusals that list them, and whole samples in 160 ms."""

import itertools

import pytest

from duplexsla.audio.formats import CHANNELS, RATES, SAMPLE_BYTES, check, chunk_bytes
from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import AudioError


def test_160_ms_are_whole_samples_in_every_format() -> None:
    for encoding, rate, channels in itertools.product(SAMPLE_BYTES, RATES, CHANNELS):
        check(encoding, rate, channels)
        assert rate * 160 % 1_000 == 0
        assert chunk_bytes(encoding, rate, channels) % (SAMPLE_BYTES[encoding] * channels) == 0
    assert chunk_bytes("pcm_s16le", 16_000, 1) == CHUNK_BYTES
    assert chunk_bytes("mu_law", 8_000, 1) == 1_280


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("unspecified", 16_000, 1), "PCM_S16LE, PCM_F32LE, MU_LAW, A_LAW"),
        (("pcm_s16le", 22_050, 1), "8,000, 16,000, 24,000, 44,100, 48,000"),
        (("pcm_s16le", 0, 1), "8,000"),
        (("mu_law", 8_000, 0), "1 or 2"),
        (("mu_law", 8_000, 6), "1 or 2"),
    ],
)
def test_a_refusal_lists_what_is_served(given: tuple[str, int, int], said: str) -> None:
    with pytest.raises(AudioError, match=said):
        check(*given)
