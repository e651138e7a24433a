"""The conversational clock (paper section 2.1): the only home of these numbers; and Unix time in whole ms."""

import time

SAMPLE_RATE = 16_000  # Hz, mono
CHUNK_MS = 160
CHUNK_S = CHUNK_MS / 1000
CHUNK_SAMPLES = SAMPLE_RATE * CHUNK_MS // 1000  # 2,560
CHUNK_BYTES = CHUNK_SAMPLES * 2  # signed 16-bit little-endian
SILENCE = bytes(CHUNK_BYTES)  # one chunk

FEATURE_MS = 80  # one user feature
FEATURES_PER_CHUNK = CHUNK_MS // FEATURE_MS  # 2

TOKEN_MS = 40  # one assistant audio token
TOKENS_PER_CHUNK = CHUNK_MS // TOKEN_MS  # 4
TOKEN_SAMPLES = SAMPLE_RATE * TOKEN_MS // 1000  # 640

ACTION_BUDGET = 10  # text tokens per chunk on the action channel (paper section 2.3)


def unix_ms() -> int:
    """The wall clock. For what crosses processes (expiries, fences); durations are of monotonic clocks."""
    return time.time_ns() // 1_000_000


def chunk_at(seconds: float) -> int:
    """Index of the chunk that holds the instant `seconds` (paper section 2.1: c = floor(t / 160 ms))."""
    return int(seconds * 1000 // CHUNK_MS)
