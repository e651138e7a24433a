import torch

from duplexsla.model.codec_source import Excitation, overlap_add

IDLE = (torch.zeros(1, dtype=torch.float64), torch.full((1,), 200.0), torch.zeros(1, dtype=torch.bool))


def test_pulses_have_the_pitch_they_are_told() -> None:
    voiced = torch.ones(1, 100, dtype=torch.bool)
    train, _ = Excitation().pulses(torch.full((1, 100), 200.0), voiced, IDLE)
    spectrum = torch.fft.rfft(train.flatten()).abs()  # bins of 1 Hz
    assert int(spectrum[100:300].argmax()) + 100 == 200
    assert float(spectrum[250:350].max()) < 0.02 * float(spectrum[200])


def test_unvoiced_frames_have_no_pulses() -> None:
    train, _ = Excitation().pulses(torch.full((1, 5), 150.0), torch.zeros(1, 5, dtype=torch.bool), IDLE)
    assert not train.any()


def test_a_voiced_stretch_sounds_the_same_whatever_came_before() -> None:
    source, f0_hz = Excitation(), torch.full((1, 6), 170.0)
    voiced = torch.tensor([[True, True, False, True, True, True]])
    later = source.pulses(f0_hz, voiced, IDLE)[0][:, 3:]
    at_once = source.pulses(f0_hz[:, 3:], voiced[:, 3:], (IDLE[0] + 1, torch.full((1,), 170.0), IDLE[2]))[0]
    assert torch.allclose(later, at_once, atol=1e-5)


def test_flat_envelopes_return_the_pulses_half_a_window_late() -> None:
    source = Excitation()
    train = torch.randn(1, 480 + 160 * 20)
    envelopes = torch.zeros(1, 20, 160)
    envelopes[..., 80:] = -16.0
    sound, _ = overlap_add(
        source.shape(train, torch.zeros(1, dtype=torch.int64), envelopes), torch.zeros(1, 480)
    )
    assert torch.allclose(sound[:, 480:], train[:, 480 : 160 * 20], atol=1e-4)


def test_the_noise_is_the_same_in_every_process() -> None:
    assert torch.equal(Excitation().noise, Excitation().noise)
    assert 0.9 < float(Excitation().noise.abs().square().mean()) / 240 < 1.1
