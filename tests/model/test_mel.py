"""The mel scale of the front end and of the codec, and the two spectrograms on them."""

import pytest
import torch

from duplexsla.model.codec import DepthwiseBlock
from duplexsla.model.frontend import CausalLogMel
from duplexsla.model.mel import (
    DECIMAL,
    HOP_SAMPLES,
    LOG_FLOOR,
    NATURAL,
    LogMel,
    MelScale,
    magnitudes,
    mel_filters,
)

SCALES = [NATURAL, DECIMAL]


def test_both_scales_are_one_to_rounding() -> None:
    hz = torch.linspace(0, 8_000, 100, dtype=torch.float64)
    assert torch.allclose(NATURAL.mel(hz), DECIMAL.mel(hz), rtol=1e-4)


@pytest.mark.parametrize("scale", SCALES)
def test_mel_and_hertz_are_inverse(scale: MelScale) -> None:
    hz = torch.linspace(20, 8_000, 100, dtype=torch.float64)
    assert torch.allclose(scale.hz(scale.mel(hz)), hz)
    assert scale.scalar_mel(440.0) == pytest.approx(float(scale.mel(hz.new_tensor(440.0))))


@pytest.mark.parametrize("scale", SCALES)
def test_filters_are_triangles_that_share_every_bin_between_their_ends(scale: MelScale) -> None:
    filters = mel_filters(40, 4_097, 40.0, 7_600.0, scale)
    assert filters.shape == (40, 4_097) and filters.dtype == torch.float32
    assert float(filters.min()) >= 0 and float(filters.max()) <= 1
    peaks = filters.argmax(dim=1)
    assert torch.equal(peaks, peaks.sort().values) and len(peaks.unique()) == 40
    between = filters[:, int(peaks[0]) : int(peaks[-1])]
    assert torch.allclose(between.sum(0), torch.ones(between.shape[1]), atol=1e-3)


def test_silence_lies_on_the_floor() -> None:
    mel = LogMel()(torch.zeros(2, 1600))
    assert mel.shape == (2, 10, 80)
    assert torch.allclose(mel, torch.full_like(mel, LOG_FLOOR))
    causal = CausalLogMel(80)(torch.zeros(2, CausalLogMel.left_samples + 1600))
    assert causal.shape == (2, 10, 80) and len(causal.unique()) == 1


@pytest.mark.parametrize("log_mel", [LogMel(), CausalLogMel(80)])
def test_a_higher_tone_lies_in_a_higher_band(log_mel: torch.nn.Module) -> None:
    time_s = torch.arange(16_000) / 16_000
    bands = [
        int(log_mel(torch.sin(2 * torch.pi * hz * time_s)[None])[0, 50].argmax()) for hz in (200, 1000, 5000)
    ]
    assert bands == sorted(set(bands))


def test_a_causal_frame_sees_nothing_that_comes_after_its_hop() -> None:
    log_mel, samples = CausalLogMel(80), torch.randn(1, CausalLogMel.left_samples + 10 * HOP_SAMPLES)
    later = samples.clone()
    later[:, CausalLogMel.left_samples + 5 * HOP_SAMPLES :] = 0.0
    assert torch.equal(log_mel(samples)[:, :5], log_mel(later)[:, :5])
    assert not torch.equal(log_mel(samples)[:, 5], log_mel(later)[:, 5])


def test_the_cheap_gradient_is_the_true_one() -> None:
    frames = torch.randn(2, 3, 10, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: magnitudes(x, 16), frames)


def test_the_blocks_gradient_is_the_true_one() -> None:
    block = DepthwiseBlock(4, 3, ahead=1).double()
    frames = torch.randn(2, 7, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(block, frames)
    assert torch.autograd.gradcheck(
        lambda taps: torch.func.functional_call(block, {"taps": taps}, frames.detach()),
        block.taps.detach().requires_grad_(),
    )
