"""The code that stands for silence."""

import torch

from duplexsla.model.codec import Codec

_REPEATS = 100  # 4 s


def pin_silence(codec: Codec) -> float:
    """Set codec.silence_code to the most silent of the codes of digital silence; returns its rms."""
    codes = codec.encode(torch.zeros(1, 640 * _REPEATS))[0]
    candidates = torch.unique(codes)
    loudness = torch.stack([rms_of_code(codec, int(code)) for code in candidates])
    codec.silence_code = int(candidates[loudness.argmin()])
    return float(loudness.min())


def rms_of_code(codec: Codec, code: int) -> torch.Tensor:
    """Loudness of a code repeated for 4 s, its first 0.4 s left out."""
    sound = codec.decode(torch.full((1, _REPEATS), code))
    return sound[0, 6400:].square().mean().sqrt()
