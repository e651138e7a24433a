"""Causal speech front end (paper section 2.1): samples to two 80 ms features per chunk, no look-ahead.

Every layer keeps what it needs of the past in `FrontState`, so chunk by chunk equals the whole.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from duplexsla.model.config import NanoConfig
from duplexsla.model.mel import HOP_SAMPLES, NATURAL, mel_filters, mel_points_hz
from duplexsla.model.norm import RMSNorm

FIRST_WIDTH = 160
BLOCK_KERNEL = 7  # frames of 40 ms
POWER_FLOOR = 1e-4  # hides the digital silence of synthetic speech
LOW_HZ, HIGH_HZ = 40.0, 7_600.0
MEL_MEAN, MEL_DEVIATION = -4.0, 3.5  # of log powers


def front_edges_hz(bands: int) -> Tensor:
    """[bands + 2]: where the front end's filters begin, peak and end."""
    return mel_points_hz(bands + 2, LOW_HZ, HIGH_HZ, NATURAL)


class CausalLogMel(nn.Module):
    """Samples [B, LEFT + 160 n] to natural-log mel powers [B, n, bands]; a frame ends where its hop ends."""

    window_samples, fft = 400, 512  # 25 ms
    left_samples = window_samples - HOP_SAMPLES  # of the past, before the first hop

    window: Tensor
    filters: Tensor

    def __init__(self, bands: int) -> None:
        super().__init__()
        window = torch.hann_window(self.window_samples, periodic=False)
        self.register_buffer("window", window, persistent=False)
        filters = mel_filters(bands, self.fft // 2 + 1, LOW_HZ, HIGH_HZ, NATURAL)
        self.register_buffer("filters", filters.T.contiguous(), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        frames = samples.unfold(-1, self.window_samples, HOP_SAMPLES) * self.window
        power = torch.view_as_real(torch.fft.rfft(frames, self.fft)).square_().sum(-1)
        return torch.log((power @ self.filters).add_(POWER_FLOOR))


class StridedConv(nn.Module):
    """Causal convolution as one matrix product over unfolded frames. [B, T, in] -> [B, T / stride, out]."""

    def __init__(self, width_in: int, width_out: int, *, kernel: int, stride: int) -> None:
        super().__init__()
        self.kernel, self.stride, self.left, self.width_in = kernel, stride, kernel - stride, width_in
        self.linear = nn.Linear(kernel * width_in, width_out)

    def forward(self, x: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """`past` [B, kernel - stride, in]; returns the output and the next past."""
        joined = torch.cat([past, x], dim=1)
        frames = joined.unfold(1, self.kernel, self.stride).transpose(2, 3).flatten(2)  # [B, n, kernel * in]
        return self.linear(frames), joined[:, joined.shape[1] - self.left :]


class ConvBlock(nn.Module):
    """Depthwise causal convolution and a two-layer map, residual. [B, T, C] -> [B, T, C]."""

    def __init__(self, width: int, *, kernel: int = BLOCK_KERNEL) -> None:
        super().__init__()
        self.left = kernel - 1
        self.taps = nn.Parameter(torch.randn(kernel, width) * 0.1)
        self.norm = RMSNorm(width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        nn.init.zeros_(self.down.weight)

    def forward(self, x: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        joined = torch.cat([past, x], dim=1)
        steps = x.shape[1]
        mixed = sum(joined[:, k : k + steps] * tap for k, tap in enumerate(self.taps))
        return x + self.down(F.silu(self.up(self.norm(mixed)))), joined[:, joined.shape[1] - self.left :]


def normalized(mels: Tensor) -> Tensor:
    """Log powers with a mean near 0 and a deviation near 1."""
    return (mels - MEL_MEAN) / MEL_DEVIATION


@dataclass(slots=True)
class FrontState:
    """What the front end remembers of each stream: rows of one batch, or of all slots."""

    tensors: list[Tensor]  # [B, ...] each: samples first, then one per layer

    def rows(self, slots: Tensor) -> "FrontState":
        return FrontState([t.index_select(0, slots) for t in self.tensors])

    def write(self, slots: Tensor, rows: "FrontState") -> None:
        for mine, theirs in zip(self.tensors, rows.tensors, strict=True):
            mine.index_copy_(0, slots, theirs)

    def reset(self, slots: Tensor) -> None:
        for tensor in self.tensors:
            tensor.index_fill_(0, slots, 0)


class FrontEnd(nn.Module):
    """[B, 2560 n] samples in -1..1 -> [B, 2 n, width] features; `phones` is a training-only head."""

    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        self.config, width = config, config.front_width
        self.log_mel = CausalLogMel(config.mel_bins)
        self.first = StridedConv(config.mel_bins, FIRST_WIDTH, kernel=4, stride=2)  # 20 ms
        self.second = StridedConv(FIRST_WIDTH, width, kernel=4, stride=2)  # 40 ms
        self.norm = RMSNorm(width)
        self.blocks = nn.ModuleList(ConvBlock(width) for _ in range(config.front_blocks))
        self.third = StridedConv(width, config.width, kernel=4, stride=2)  # 80 ms
        self.out_norm = RMSNorm(config.width)
        self.phones = nn.Linear(config.width, 2 * config.num_phones)  # one class per 40 ms

    def new_state(self, rows: int) -> FrontState:
        first, second, third = ((conv.left, conv.width_in) for conv in (self.first, self.second, self.third))
        blocks = [(BLOCK_KERNEL - 1, self.config.front_width)] * len(self.blocks)
        shapes = [(CausalLogMel.left_samples,), first, second, *blocks, third]
        device = self.out_norm.weight.device
        return FrontState([torch.zeros(rows, *shape, device=device) for shape in shapes])

    def mels(self, samples: Tensor, state: FrontState) -> Tensor:
        """[B, 160 n] -> [B, n, mel_bins], log power; keeps the last samples in the state."""
        joined = torch.cat([state.tensors[0], samples], dim=1)
        state.tensors[0] = joined[:, joined.shape[1] - CausalLogMel.left_samples :]
        return self.log_mel(joined)

    def encode(self, mels: Tensor, state: FrontState) -> Tensor:
        """[B, 16 n, mel_bins] log power -> [B, 2 n, width]; advances the state's convolutions."""
        pasts = state.tensors
        x = normalized(mels)
        x, pasts[1] = self.first(x, pasts[1])
        x, pasts[2] = self.second(F.silu(x), pasts[2])
        x = self.norm(F.silu(x))
        for i, block in enumerate(self.blocks):
            x, pasts[3 + i] = block(x, pasts[3 + i])
        x, pasts[-1] = self.third(x, pasts[-1])
        return self.out_norm(x)

    def forward(self, samples: Tensor, state: FrontState) -> Tensor:
        return self.encode(self.mels(samples, state), state)
