import torch

from duplexsla.model.mel import LOG_FLOOR, LogMel


def test_silence_lies_on_the_floor() -> None:
    mel = LogMel()(torch.zeros(2, 1600))
    assert mel.shape == (2, 10, 80)
    assert torch.allclose(mel, torch.full_like(mel, LOG_FLOOR))


def test_a_higher_tone_lies_in_a_higher_band() -> None:
    time_s = torch.arange(16_000) / 16_000
    bands = [
        int(LogMel()(torch.sin(2 * torch.pi * hz * time_s)[None])[0, 50].argmax()) for hz in (200, 1000, 5000)
    ]
    assert bands == sorted(set(bands))
