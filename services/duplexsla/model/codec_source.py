"""The codec's synthesis: a pulse train and noise, shaped by two spectral envelopes, 10 ms a frame.

Output is 480 samples (30 ms) behind the pulse train: frame k shapes the pulses of the 640 samples that end
with frame k, and the oldest 160 of these are then complete.
"""

import math

import torch
from torch import Tensor, nn

from duplexsla.clock import SAMPLE_RATE
from duplexsla.model.mel import DECIMAL, HOP_SAMPLES, mel_points_hz

WINDOW_SAMPLES = 640
DELAY_SAMPLES = WINDOW_SAMPLES - HOP_SAMPLES
DELAY_FRAMES = DELAY_SAMPLES // HOP_SAMPLES
BINS = WINDOW_SAMPLES // 2 + 1
ENVELOPE_POINTS = 80
NOISE_FRAMES = 400  # the noise repeats after 4 s
_TOP_HARMONIC_HZ = 7600.0
_OVERLAP_GAIN = 1.5  # of four overlapping squared Hann windows
_TURN = 2 * math.pi
_TURN_PER_SAMPLE = _TURN / SAMPLE_RATE


class Excitation(nn.Module):
    """Sound from pitch, voicing and two log envelopes."""

    window: Tensor
    spread: Tensor
    noise: Tensor
    ramp: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(WINDOW_SAMPLES), persistent=False)
        self.register_buffer("spread", _envelope_spread(), persistent=False)
        self.register_buffer("noise", _noise_spectra(self.window), persistent=False)
        self.register_buffer("ramp", torch.arange(1, HOP_SAMPLES + 1, dtype=torch.float64), persistent=False)

    def pulses(
        self, f0_hz: Tensor, voiced: Tensor, last: tuple[Tensor, Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Pulse train [B, T, 160] and the phase at its end [B] float64.

        f0_hz [B, T] is the pitch at the end of each frame, voiced [B, T] bool; last is the phase [B], the
        pitch [B] and the voicing [B] before the first frame. Every voiced stretch starts at the same phase.
        """
        phase, before_hz, before_voiced = last
        end = f0_hz.double()
        start = torch.cat((before_hz.double()[:, None], end[:, :-1]), dim=1)
        onset = voiced & ~torch.cat((before_voiced[:, None], voiced[:, :-1]), dim=1)
        advance = start * HOP_SAMPLES + (end - start) * ((HOP_SAMPLES + 1) / 2)
        origin = _phase_at_frame(advance * _TURN_PER_SAMPLE, onset, phase)
        change = ((end - start) / HOP_SAMPLES)[..., None]
        cycles = start[..., None] * self.ramp + change * (self.ramp * (self.ramp + 1) / 2)
        angle = origin[..., None] + cycles * _TURN_PER_SAMPLE
        angle = (torch.remainder(angle + math.pi, _TURN) - math.pi).float()  # exact around the pulse at 0
        hz = (start[..., None] + change * self.ramp).float()
        train = _harmonics(angle, hz) * torch.sqrt(hz / _TOP_HARMONIC_HZ) * 0.7
        phase_after = torch.remainder(origin[:, -1] + advance[:, -1] * _TURN_PER_SAMPLE, _TURN)
        return train * voiced[..., None], phase_after

    def shape(self, train: Tensor, first_frame: Tensor, envelopes: Tensor) -> Tensor:
        """Windowed output frames [B, T, 640].

        train [B, 480 + 160 T] with the history before it, first_frame [B] int64, envelopes [B, T, 160]: the
        logs of the pulse and the noise envelope at 80 mel-spaced points each.
        """
        frames = train.unfold(1, WINDOW_SAMPLES, HOP_SAMPLES) * self.window
        gains = torch.exp(envelopes.unflatten(-1, (2, ENVELOPE_POINTS)).clamp(-16.0, 4.0) @ self.spread)
        at = (first_frame[:, None] + torch.arange(frames.shape[1], device=train.device)) % NOISE_FRAMES
        spectrum = torch.fft.rfft(frames) * gains[:, :, 0] + self.noise[at] * gains[:, :, 1]
        return torch.fft.irfft(spectrum, n=WINDOW_SAMPLES) * (self.window / _OVERLAP_GAIN)


def overlap_add(frames: Tensor, tail: Tensor) -> tuple[Tensor, Tensor]:
    """Frames [B, T, 640] and the unfinished tail [B, 480] to samples [B, 160 T] and the new tail."""
    batch, count = frames.shape[:2]
    parts = frames.unflatten(-1, (DELAY_FRAMES + 1, HOP_SAMPLES))
    total = frames.new_zeros(batch, count + DELAY_FRAMES, HOP_SAMPLES)
    total[:, :DELAY_FRAMES] = tail.unflatten(-1, (DELAY_FRAMES, HOP_SAMPLES))
    for part in range(DELAY_FRAMES + 1):
        total[:, part : part + count] += parts[:, :, part]
    return total[:, :count].flatten(1), total[:, count:].flatten(1)


def _phase_at_frame(advance: Tensor, onset: Tensor, phase: Tensor) -> Tensor:
    """Phase [B, T] at the start of every frame: pi at an onset, else where the frame before ended."""
    count = advance.shape[1]
    before = torch.cumsum(advance, dim=1) - advance
    index = torch.where(onset, torch.arange(count, device=onset.device), -1)
    latest = torch.cummax(index, dim=1).values
    since_onset = before - before.gather(1, latest.clamp(min=0)) + math.pi
    return torch.where(latest >= 0, since_onset, before + phase[:, None])


def _harmonics(angle: Tensor, hz: Tensor) -> Tensor:
    """Sum of 2 cos(k angle) over the harmonics up to 7,600 Hz; the topmost fades in as the pitch falls."""
    exact = _TOP_HARMONIC_HZ / hz
    count = torch.floor(exact)
    half = torch.sin(angle / 2)
    near = half.abs() < 1e-4
    full = torch.sin((count + 0.5) * angle) / torch.where(near, torch.ones_like(half), half) - 1
    whole = torch.where(near, 2 * count, full)
    return whole + (exact - count) * 2 * torch.cos((count + 1) * angle)


def _envelope_spread() -> Tensor:
    """[80, 321]: linear interpolation of mel-spaced points to the bins of the spectrum."""
    points = mel_points_hz(ENVELOPE_POINTS, 0.0, SAMPLE_RATE / 2, DECIMAL)
    hz = torch.linspace(0, SAMPLE_RATE / 2, BINS, dtype=torch.float64)
    right = torch.searchsorted(points, hz).clamp(1, ENVELOPE_POINTS - 1)
    share = ((hz - points[right - 1]) / (points[right] - points[right - 1])).clamp(0, 1)
    spread = torch.zeros(ENVELOPE_POINTS, BINS, dtype=torch.float64)
    bins = torch.arange(BINS)
    spread[right - 1, bins] = 1 - share
    spread[right, bins] += share
    return spread.float()


def _noise_spectra(window: Tensor) -> Tensor:
    """complex64 [400, 321]: the spectra of one fixed, periodic noise, the same in every process."""
    generator = torch.Generator().manual_seed(160)
    noise = torch.randn(NOISE_FRAMES * HOP_SAMPLES, generator=generator)
    around = torch.cat((noise[-DELAY_SAMPLES:], noise))
    return torch.fft.rfft(around.unfold(0, WINDOW_SAMPLES, HOP_SAMPLES) * window)
