"""What the codec is trained on: spectra at several resolutions, mels, pitch, voicing and phones."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from duplexsla.model.codec import CodecConfig, Voicing
from duplexsla.model.mel import HOP_SAMPLES, LogMel, magnitudes
from duplexsla_lab.data.voices.speech import PHONES
from duplexsla_lab.training.codec.batches import CodecBatch

WARM_UP_FRAMES = 8  # a crop starts within speech that its codes do not tell
_RESOLUTIONS = ((1024, 640, 200), (512, 320, 100), (128, 100, 40))  # FFT, window, hop in samples
_WEIGHTS = {"mel_guess": 0.5, "f0": 2.0, "voiced": 0.3, "phones": 0.2, "spectra": 1.0, "mel": 1.0}


class CodecLoss(nn.Module):
    """The weighted sum of every part, with heads that only training needs."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.log_mel = LogMel(config.mel_bands)
        self.mel_guess = nn.Linear(config.decoder_frame_width, config.mel_bands)
        self.phones = nn.Linear(config.decoder_frame_width, len(PHONES))
        nn.init.constant_(self.mel_guess.bias, -5.0)

    def forward(self, batch: CodecBatch, said: Voicing, sound: Tensor) -> tuple[Tensor, dict[str, float]]:
        """The loss, and its parts unweighted."""
        mel = self.log_mel(batch.samples)
        parts = self._frame_parts(batch, said, mel)
        start = WARM_UP_FRAMES
        parts["mel"] = F.l1_loss(self.log_mel(sound)[:, start:], mel[:, start:])
        parts["spectra"] = spectral_loss(
            sound[:, start * HOP_SAMPLES :], batch.samples[:, start * HOP_SAMPLES :]
        )
        total = torch.stack([_WEIGHTS[name] * value for name, value in parts.items()]).sum()
        return total, {name: float(value.detach()) for name, value in parts.items()}

    def _frame_parts(self, batch: CodecBatch, said: Voicing, mel: Tensor) -> dict[str, Tensor]:
        guess = self.mel_guess(said.hidden)[:, WARM_UP_FRAMES:-1]
        pitched = (batch.f0_hz > 0).float()
        distance = (said.f0_hz.log() - batch.f0_hz.clamp(min=50.0).log()).abs() * pitched
        phones = self.phones(said.hidden[:, WARM_UP_FRAMES:]).flatten(0, 1)
        return {
            "mel_guess": F.l1_loss(guess, mel[:, WARM_UP_FRAMES + 1 :]),
            "f0": distance.sum() / pitched.sum().clamp(min=1.0),
            "voiced": F.binary_cross_entropy_with_logits(said.voiced, batch.voiced),
            "phones": F.cross_entropy(phones, batch.phones[:, WARM_UP_FRAMES:].flatten()),
        }


def spectral_loss(sound: Tensor, target: Tensor) -> Tensor:
    """Spectral convergence and log distance of magnitudes, averaged over resolutions (arXiv 1910.11480)."""
    losses = []
    for fft, window, hop in _RESOLUTIONS:
        shape = torch.hann_window(window, device=sound.device)
        mine, true = (magnitudes(x.unfold(1, window, hop) * shape, fft) for x in (sound, target))
        convergence = (mine - true).norm() / true.norm().clamp(min=1e-3)
        losses.append(0.5 * convergence + F.l1_loss((mine + 1e-3).log(), (true + 1e-3).log()))
    return torch.stack(losses).mean()
