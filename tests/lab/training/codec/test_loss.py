import torch

from duplexsla_lab.training.codec.loss import spectral_loss


def test_a_sound_is_at_no_distance_from_itself() -> None:
    sound = torch.randn(2, 8000) * 0.1
    assert float(spectral_loss(sound, sound)) < 1e-6


def test_silence_against_silence_is_finite() -> None:
    silence = torch.zeros(1, 8000, requires_grad=True)
    loss = spectral_loss(silence, torch.zeros(1, 8000))
    loss.backward()
    assert torch.isfinite(loss)
    assert silence.grad is not None
    assert torch.isfinite(silence.grad).all()


def test_the_phase_of_a_tone_does_not_matter_much() -> None:
    time = torch.arange(16_000)[None] / 16_000
    tone, shifted, other = (
        torch.sin(2 * torch.pi * hz * time + at) for hz, at in ((300, 0), (300, 2), (450, 0))
    )
    assert float(spectral_loss(shifted, tone)) < 0.2 * float(spectral_loss(other, tone))
