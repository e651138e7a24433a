"""Crops of the codec's corpus, aligned with what the decoder says of each frame."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from duplexsla.model.mel import HOP_SAMPLES
from duplexsla_lab.data.codec_corpus import PHONE_STEP_SAMPLES, PITCH_STEP_SAMPLES, Corpus
from duplexsla_lab.data.voices.speech import PHONES, SILENCE

CROP_FRAMES = 200  # 2 s
_CROP_SAMPLES = CROP_FRAMES * HOP_SAMPLES
_CROP_STEPS = _CROP_SAMPLES // PITCH_STEP_SAMPLES
_MARGIN_STEPS = 16
_PITCH_STEPS = (
    2 * np.arange(CROP_FRAMES) + 8
)  # pulses are heard 30 ms late, and pitch is that of the frame's end
_VOICED_STEPS = 2 * np.arange(CROP_FRAMES) + 7
_PHONE_STEPS = 2 * np.arange(CROP_FRAMES) + 4  # the middle of the frame's window
_GAIN_RANGE = 0.2  # natural logarithm


@dataclass(frozen=True)
class CodecBatch:
    """samples [B, 32000]; f0_hz [B, 200], 0 where unvoiced; voiced [B, 200] 0 or 1; phones [B, 200] int64."""

    samples: Tensor
    f0_hz: Tensor
    voiced: Tensor
    phones: Tensor


class Batches:
    """Random crops at any 5 ms offset; about every tenth second of them is digital silence."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._steps = len(corpus.samples) // PITCH_STEP_SAMPLES - _CROP_STEPS - _MARGIN_STEPS

    def draw(self, rng: np.random.Generator, size: int) -> CodecBatch:
        crops = [self._crop(rng) for _ in range(size)]
        samples, f0_hz, voiced, phones = (
            torch.from_numpy(np.stack(column)) for column in zip(*crops, strict=True)
        )
        return CodecBatch(samples, f0_hz, voiced, phones)

    def _crop(self, rng: np.random.Generator) -> tuple[NDArray[np.generic], ...]:
        first = int(rng.integers(self._steps))
        start = first * PITCH_STEP_SAMPLES
        gain = np.exp(rng.uniform(-_GAIN_RANGE, _GAIN_RANGE)) / 32767
        samples = (self._corpus.samples[start : start + _CROP_SAMPLES] * gain).astype(np.float32)
        pitch = self._corpus.f0_hz[first : first + _CROP_STEPS + _MARGIN_STEPS].copy()
        steps = (
            np.arange(first, first + _CROP_STEPS + _MARGIN_STEPS) * PITCH_STEP_SAMPLES // PHONE_STEP_SAMPLES
        )
        phones = self._corpus.phones[steps].astype(np.int64)
        _silence(rng, samples, pitch, phones)
        f0_hz = pitch[_PITCH_STEPS]
        return samples, f0_hz, (pitch[_VOICED_STEPS] > 0).astype(np.float32), phones[_PHONE_STEPS]


def _silence(
    rng: np.random.Generator,
    samples: NDArray[np.float32],
    pitch: NDArray[np.float32],
    phones: NDArray[np.int64],
) -> None:
    """Silence a crop whole, or a stretch of it, or leave it."""
    draw = rng.random()
    if draw > 0.2:
        return
    whole = draw < 0.04
    first, length = (0, len(pitch)) if whole else (int(rng.integers(_CROP_STEPS)), int(rng.integers(60, 300)))
    span = slice(first, first + length)
    samples[first * PITCH_STEP_SAMPLES : (first + length) * PITCH_STEP_SAMPLES] = 0.0
    pitch[span], phones[span] = 0.0, PHONES.index(SILENCE)
