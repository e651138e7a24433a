"""A corpus that needs no synthesizer: hummed noise, long enough for a few crops."""

import numpy as np

from duplexsla_lab.data.codec_corpus import Corpus


def hummed(seconds: int = 6) -> Corpus:
    """A tone of 150 Hz and a little noise, voiced in every other half second."""
    time_s = np.arange(seconds * 16_000) / 16_000
    tone = np.sin(2 * np.pi * 150 * time_s) + 0.1 * np.random.default_rng(0).standard_normal(len(time_s))
    pitch = np.where(np.arange(seconds * 200) // 100 % 2, 150.0, 0.0).astype(np.float32)
    return Corpus((tone * 3000).astype(np.int16), pitch, np.full(seconds * 100, 5, np.uint8))
