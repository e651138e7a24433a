"""The formats of sound that are served, and their sizes. Names of encodings are those of the wire."""

from duplexsla.clock import CHUNK_MS
from duplexsla.errors import AudioError

RATES = (8_000, 16_000, 24_000, 44_100, 48_000)  # Hz
CHANNELS = (1, 2)
SAMPLE_BYTES = {"pcm_s16le": 2, "pcm_f32le": 4, "mu_law": 1, "a_law": 1}


def check(encoding: str, rate: int, channels: int) -> None:
    """AudioError for a format that is not served; it lists what is."""
    if encoding not in SAMPLE_BYTES:
        raise AudioError(f"encoding {encoding.upper()}: these are served: {', '.join(SAMPLE_BYTES).upper()}")
    if rate not in RATES:
        raise AudioError(f"{rate} Hz: these are served: {', '.join(f'{each:,}' for each in RATES)}")
    if channels not in CHANNELS:
        raise AudioError(f"{channels} channels: 1 or 2 are served")


def chunk_bytes(encoding: str, rate: int, channels: int) -> int:
    """Bytes of 160 ms, a whole number of samples in every format that is served."""
    return SAMPLE_BYTES[encoding] * channels * rate * CHUNK_MS // 1_000
