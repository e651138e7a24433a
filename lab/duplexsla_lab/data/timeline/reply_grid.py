"""Spoken replies on the chunk grid, at the codec's level, and as its codes."""

import numpy as np
import torch
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_SAMPLES, TOKENS_PER_CHUNK
from duplexsla.model.codec import Codec
from duplexsla_lab.data.voices.user_speech import LOUDNESS

CODEC_LOUDNESS = 0.1  # rms of the voice that the codec was trained on
LEAD_SAMPLES = 320  # 20 ms of silence before a sentence's first phone


def on_grid(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """An utterance of user_speech.LOUDNESS [N] as the codec's encoder expects it: its level, whole chunks."""
    chunks = -(-(len(samples) + LEAD_SAMPLES) // CHUNK_SAMPLES)
    sound = np.zeros(chunks * CHUNK_SAMPLES, np.float32)
    sound[LEAD_SAMPLES:][: len(samples)] = samples * (CODEC_LOUDNESS / LOUDNESS)
    return sound


def codes_of(codec: Codec, sound: NDArray[np.float32]) -> NDArray[np.int64]:
    """Codes [n, 4] of whole chunks [2560 n]."""
    codes = codec.encode(torch.from_numpy(sound)[None])[0].numpy()
    return np.asarray(codes.reshape(-1, TOKENS_PER_CHUNK), np.int64)
