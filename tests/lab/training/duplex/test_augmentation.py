"""Random rooms and vocal tracts: what they change, and what they leave alone."""

import torch

from duplexsla.model.frontend import CausalLogMel, front_edges_hz
from duplexsla_lab.training.duplex.augmentation import noisy, stretched_axis, warped

BINS = 80


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def peak_hz(spectrum: torch.Tensor) -> torch.Tensor:
    """[..., bins] -> centre of the loudest bin."""
    return front_edges_hz(BINS)[1:-1][spectrum.argmax(-1)]


def test_a_tract_of_the_same_length_changes_nothing() -> None:
    torch.testing.assert_close(
        stretched_axis(torch.ones(2), BINS), torch.eye(BINS).expand(2, -1, -1), atol=1e-3, rtol=0
    )
    mels = torch.randn(2, 5, BINS, generator=generator())
    torch.testing.assert_close(warped(mels, generator(), factors=(1.0, 1.0)), mels, atol=1e-2, rtol=0)


def test_a_tone_moves_to_its_frequency_times_the_factor() -> None:
    seconds = torch.arange(4_000) / 16_000
    for factor in (0.85, 1.0, 1.18):
        for hz in (500.0, 1_000.0, 2_500.0):
            tone, moved = (
                CausalLogMel(BINS)(torch.sin(2 * torch.pi * f * seconds)[None]) for f in (hz, hz * factor)
            )
            drawn = tone @ stretched_axis(torch.tensor([factor]), BINS)
            assert abs(peak_hz(drawn[0, 3]) / peak_hz(moved[0, 3]) - 1) < 0.05


def test_levels_stay_and_each_row_has_a_tract_of_its_own() -> None:
    flat = torch.full((3, 4, BINS), -2.0)
    torch.testing.assert_close(warped(flat, generator()), flat)
    mels = torch.randn(1, 4, BINS).expand(3, -1, -1)
    one, other, third = warped(mels, generator())
    assert not torch.allclose(one, other) and not torch.allclose(other, third)


def test_draws_depend_on_the_generator_alone() -> None:
    mels = torch.randn(2, 16, BINS)
    for change in (noisy, warped):
        assert torch.equal(change(mels, generator()), change(mels, generator()))
        assert change(mels, generator()).shape == mels.shape
