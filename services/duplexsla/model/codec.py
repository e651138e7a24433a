"""The speech codec: 25 codes of 6,561 a second, one voice, and a decoder that speaks chunk by chunk.

The decoder is causal: the four codes of a chunk give the 2,560 samples of that chunk. The encoder looks
ahead, so it serves to prepare training data, not live speech. Layers are time-major: [B, T, C].
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from duplexsla.clock import TOKEN_SAMPLES
from duplexsla.model.codec_source import DELAY_SAMPLES, ENVELOPE_POINTS, NOISE_FRAMES, Excitation, overlap_add
from duplexsla.model.mel import HOP_SAMPLES, LOG_FLOOR, LogMel
from duplexsla.protocol.tokens import CODE_DIGITS, CODE_LEVELS

FRAMES_PER_TOKEN = TOKEN_SAMPLES // HOP_SAMPLES  # 4
LEAD_FRAMES = 8  # a code tells the decoder of the sound 80 ms ahead
LOG_PITCH_MEAN, LOG_PITCH_DEVIATION = 5.13, 0.3  # of the voice's log f0, about 169 Hz
LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ = 60.0, 420.0
_IDLE_HZ = 170.0


class _Depthwise(torch.autograd.Function):
    """Weighted sum of shifted frames; a gradient without one zero-filled copy a tap."""

    @staticmethod
    def forward(ctx: Any, padded: Tensor, taps: Tensor) -> Tensor:
        ctx.save_for_backward(padded, taps)
        length = padded.shape[1] - len(taps) + 1
        mixed = padded[:, :length] * taps[0]
        for tap in range(1, len(taps)):
            mixed.addcmul_(padded[:, tap : tap + length], taps[tap])
        return mixed

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        padded, taps = ctx.saved_tensors
        length = gradient.shape[1]
        to_padded, to_taps = torch.zeros_like(padded), torch.empty_like(taps)
        for tap in range(len(taps)):
            to_padded[:, tap : tap + length].addcmul_(gradient, taps[tap])
            to_taps[tap] = (padded[:, tap : tap + length] * gradient).sum((0, 1))
        return to_padded, to_taps


class DepthwiseBlock(nn.Module):
    """Residual block: a depthwise convolution over time, then a two-layer network on every frame.

    With ahead = 0 it is causal.
    """

    def __init__(self, width: int, kernel: int, *, ahead: int = 0, expansion: int = 3) -> None:
        super().__init__()
        self.ahead, self.past = ahead, kernel - 1 - ahead
        self.taps = nn.Parameter(torch.randn(kernel, width) / kernel**0.5)
        self.shift = nn.Parameter(torch.zeros(width))
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, width * expansion)
        self.narrow = nn.Linear(width * expansion, width)
        self.scale = nn.Parameter(torch.full((width,), 0.2))

    def forward(self, frames: Tensor) -> Tensor:
        """[B, T, C] to [B, T, C]; beyond both ends there are zeros."""
        padded = F.pad(frames, (0, 0, self.past, self.ahead))
        return frames + self.update(padded)

    def update(self, padded: Tensor) -> Tensor:
        """What the block adds: frames with their surroundings [B, T + kernel - 1, C] to [B, T, C]."""
        mixed: Tensor = _Depthwise.apply(padded, self.taps)  # type: ignore[no-untyped-call]
        mixed = mixed + self.shift
        return self.narrow(F.gelu(self.widen(self.norm(mixed)), approximate="tanh")) * self.scale


class Quantizer(nn.Module):
    """Finite scalar quantization with three levels a digit (Mentzer et al. 2023, arXiv 2309.15505)."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(CODE_DIGITS, affine=False, momentum=0.05)

    def forward(self, values: Tensor) -> Tensor:
        """[B, T, 8] to levels -1, 0, 1 [B, T, 8]; gradients pass straight through."""
        bounded = torch.tanh(self.norm(values.float().transpose(1, 2)).transpose(1, 2))
        return bounded + (torch.round(bounded) - bounded).detach()


def code_of(levels: Tensor) -> Tensor:
    """Levels -1, 0, 1 [..., 8] to codes [...] int64, first digit least."""
    weights = CODE_LEVELS ** torch.arange(CODE_DIGITS, device=levels.device)
    return ((levels.round().long() + 1) * weights).sum(-1)


def levels_of(codes: Tensor) -> Tensor:
    """Codes [...] to levels -1, 0, 1 float32 [..., 8]."""
    weights = CODE_LEVELS ** torch.arange(CODE_DIGITS, device=codes.device)
    return (codes.unsqueeze(-1) // weights % CODE_LEVELS - 1).float()


@dataclass(frozen=True)
class CodecConfig:
    """Sizes of the networks."""

    mel_bands: int = 80
    encoder_frame_width: int = 128
    encoder_frame_blocks: int = 2
    encoder_token_width: int = 256
    encoder_token_blocks: int = 3
    decoder_token_width: int = 256
    decoder_token_blocks: int = 5
    decoder_frame_width: int = 192
    decoder_frame_blocks: int = 4
    token_kernel: int = 5
    frame_kernel: int = 7


class CodecEncoder(nn.Module):
    """Samples [B, N] to levels -1, 0, 1 [B, N // 640, 8]."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        frame, token = config.encoder_frame_width, config.encoder_token_width
        self.mel = LogMel(config.mel_bands)
        self.first = nn.Linear(config.mel_bands, frame)
        self.frame_blocks = nn.ModuleList(
            DepthwiseBlock(frame, config.frame_kernel, ahead=config.frame_kernel // 2)
            for _ in range(config.encoder_frame_blocks)
        )
        self.gather = nn.Linear(frame * FRAMES_PER_TOKEN, token)
        self.token_blocks = nn.ModuleList(
            DepthwiseBlock(token, config.token_kernel, ahead=1) for _ in range(config.encoder_token_blocks)
        )
        self.last = nn.Linear(token, CODE_DIGITS)
        self.quantizer = Quantizer()

    def forward(self, samples: Tensor) -> Tensor:
        whole = samples[:, : samples.shape[1] // TOKEN_SAMPLES * TOKEN_SAMPLES]
        lead = LEAD_FRAMES * HOP_SAMPLES
        with torch.autocast(samples.device.type, enabled=False):
            mel = (self.mel(F.pad(whole, (0, lead))[:, lead:]) - LOG_FLOOR) / 3.0
        frames = self.first(mel).float()
        for block in self.frame_blocks:
            frames = block(frames)
        tokens = self.gather(frames.unflatten(1, (-1, FRAMES_PER_TOKEN)).flatten(2)).float()
        for block in self.token_blocks:
            tokens = block(tokens)
        return self.quantizer(self.last(tokens))


@dataclass
class SynthesisState:
    """What the synthesis remembers, one row a slot.

    pulses [S, 480] and overlap [S, 480]: the synthesis window's past. phase [S] float64, f0_hz [S], voiced
    [S]: where the pulse train stands. frame [S] int64: the place in the noise, 0..399.
    """

    pulses: Tensor
    overlap: Tensor
    phase: Tensor
    f0_hz: Tensor
    voiced: Tensor
    frame: Tensor

    def tensors(self) -> list[Tensor]:
        return [self.pulses, self.overlap, self.phase, self.f0_hz, self.voiced, self.frame]

    def rows(self, slots: Tensor) -> "SynthesisState":
        """A copy of these slots."""
        return SynthesisState(*(tensor[slots] for tensor in self.tensors()))

    def store(self, slots: Tensor, rows: "SynthesisState") -> None:
        """Overwrite these slots."""
        for mine, new in zip(self.tensors(), rows.tensors(), strict=True):
            mine[slots] = new

    def reset(self, slots: Tensor) -> None:
        for tensor in self.tensors():
            tensor[slots] = torch.zeros((), dtype=tensor.dtype, device=tensor.device)
        self.f0_hz[slots] = _IDLE_HZ


@dataclass
class CodecState:
    """What the decoder remembers, one row a slot.

    context: the newest frames of every block's input, each [S, kernel - 1, width].
    """

    context: list[Tensor]
    synthesis: SynthesisState

    def tensors(self) -> list[Tensor]:
        return [*self.context, *self.synthesis.tensors()]

    def rows(self, slots: Tensor) -> "CodecState":
        """A copy of these slots."""
        return CodecState([tensor[slots] for tensor in self.context], self.synthesis.rows(slots))

    def store(self, slots: Tensor, rows: "CodecState") -> None:
        """Overwrite these slots."""
        for mine, new in zip(self.tensors(), rows.tensors(), strict=True):
            mine[slots] = new

    def reset(self, slots: Tensor) -> None:
        """Forget everything these slots [B] int64 have said."""
        for tensor in self.context:
            tensor[slots] = 0.0
        self.synthesis.reset(slots)


@dataclass(frozen=True)
class Voicing:
    """What the decoder's networks say of every 10 ms frame.

    hidden [B, T, width]; f0_hz [B, T] at the end of the frame; voiced [B, T], a logit; envelopes [B, T, 160],
    logs.
    """

    hidden: Tensor
    f0_hz: Tensor
    voiced: Tensor
    envelopes: Tensor


class CodecDecoder(nn.Module):
    """Levels [B, T, 8] to samples [B, 640 T], whole or chunk by chunk."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        token, frame = config.decoder_token_width, config.decoder_frame_width
        self.kernel = config.token_kernel
        self.first = nn.Linear(CODE_DIGITS * config.token_kernel, token)
        self.token_blocks = nn.ModuleList(
            DepthwiseBlock(token, config.token_kernel) for _ in range(config.decoder_token_blocks)
        )
        self.spread = nn.Linear(token, frame * FRAMES_PER_TOKEN)
        self.frame_blocks = nn.ModuleList(
            DepthwiseBlock(frame, config.frame_kernel) for _ in range(config.decoder_frame_blocks)
        )
        self.norm = nn.LayerNorm(frame)
        self.pitch = nn.Linear(frame, 2)
        self.envelope = nn.Linear(frame, 2 * ENVELOPE_POINTS)
        nn.init.constant_(self.envelope.bias[:ENVELOPE_POINTS], -2.0)
        nn.init.constant_(self.envelope.bias[ENVELOPE_POINTS:], -5.0)
        self.source = Excitation()

    def new_state(self, slots: int) -> CodecState:
        """The state of slots that have said nothing."""
        device = self.first.weight.device
        widths = [(self.kernel - 1, CODE_DIGITS)]
        widths += [(len(b.taps) - 1, b.taps.shape[1]) for b in (*self.token_blocks, *self.frame_blocks)]
        synthesis = SynthesisState(
            pulses=torch.zeros(slots, DELAY_SAMPLES, device=device),
            overlap=torch.zeros(slots, DELAY_SAMPLES, device=device),
            phase=torch.zeros(slots, dtype=torch.float64, device=device),
            f0_hz=torch.full((slots,), _IDLE_HZ, device=device),
            voiced=torch.zeros(slots, dtype=torch.bool, device=device),
            frame=torch.zeros(slots, dtype=torch.int64, device=device),
        )
        return CodecState([torch.zeros(slots, *width, device=device) for width in widths], synthesis)

    def voicing(self, levels: Tensor, context: list[Tensor]) -> tuple[Voicing, list[Tensor]]:
        """Run the networks on levels [B, T, 8]; returns the context for what follows too."""
        padded = torch.cat((context[0], levels), dim=1)
        after = [padded[:, levels.shape[1] :]]
        windows = padded.unfold(1, self.kernel, 1).flatten(2)
        hidden = self.first(windows).float()
        for block, past in zip(self.token_blocks, context[1 : 1 + len(self.token_blocks)], strict=True):
            hidden = _step(block, hidden, past, after)
        hidden = self.spread(hidden).float().unflatten(2, (FRAMES_PER_TOKEN, -1)).flatten(1, 2)
        for block, past in zip(self.frame_blocks, context[1 + len(self.token_blocks) :], strict=True):
            hidden = _step(block, hidden, past, after)
        with torch.autocast(levels.device.type, enabled=False):
            return self.voicing_of(hidden.float()), after

    def voicing_of(self, frames: Tensor) -> Voicing:
        """What the last block's output [B, T, width] means."""
        hidden = self.norm(frames)
        log_f0, voiced = self.pitch(hidden).unbind(-1)
        f0_hz = torch.exp(log_f0 * LOG_PITCH_DEVIATION + LOG_PITCH_MEAN)
        f0_hz = f0_hz.clamp(LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ)
        return Voicing(hidden, f0_hz, voiced, self.envelope(hidden))

    def synthesize(self, voicing: Voicing, state: SynthesisState) -> tuple[Tensor, SynthesisState]:
        """Samples [B, 160 T] of frames [B, T], and the state after them."""
        f0_hz, voiced = voicing.f0_hz, voicing.voiced > 0
        train, phase = self.source.pulses(f0_hz, voiced, (state.phase, state.f0_hz, state.voiced))
        pulses = torch.cat((state.pulses, train.flatten(1)), dim=1)
        frames = self.source.shape(pulses, state.frame, voicing.envelopes)
        samples, overlap = overlap_add(frames, state.overlap)
        frame = (state.frame + voiced.shape[1]) % NOISE_FRAMES
        newest = pulses[:, -DELAY_SAMPLES:]
        return samples, SynthesisState(newest, overlap, phase, f0_hz[:, -1], voiced[:, -1], frame)

    def forward(self, levels: Tensor, state: CodecState) -> tuple[Tensor, CodecState]:
        voicing, context = self.voicing(levels, state.context)
        samples, synthesis = self.synthesize(voicing, state.synthesis)
        return samples, CodecState(context, synthesis)


def _step(block: nn.Module, hidden: Tensor, past: Tensor, after: list[Tensor]) -> Tensor:
    padded = torch.cat((past, hidden), dim=1)
    after.append(padded[:, hidden.shape[1] :])
    assert isinstance(block, DepthwiseBlock)
    return hidden + block.update(padded)


class Codec(nn.Module):
    """Speech to codes and back. silence_code is the code whose repetition is silence."""

    def __init__(self, config: CodecConfig | None = None, *, silence_code: int = 0) -> None:
        super().__init__()
        self.config = config or CodecConfig()
        self.silence_code = silence_code
        self.encoder: CodecEncoder | None = CodecEncoder(self.config)
        self.decoder = CodecDecoder(self.config)

    @torch.inference_mode()
    def encode(self, samples: Tensor) -> Tensor:
        """Samples [B, N] float32 at 16 kHz to codes [B, N // 640] int64.

        Raises ValueError without encoder weights.
        """
        if self.encoder is None:
            raise ValueError("this codec was loaded without its encoder")
        return code_of(self.encoder(samples))

    @torch.inference_mode()
    def decode(self, codes: Tensor) -> Tensor:
        """Codes [B, T] int64 to samples [B, 640 T] float32 within -1..1, from silence."""
        samples, _ = self.decoder(levels_of(codes), self.decoder.new_state(len(codes)))
        return samples.clamp(-1.0, 1.0)

    def new_state(self, slots: int) -> CodecState:
        """State for streams that have said nothing."""
        return self.decoder.new_state(slots)

    @torch.inference_mode()
    def decode_chunk(self, codes: Tensor, state: CodecState, slots: Tensor) -> Tensor:
        """The next codes [B, 4] of distinct slots [B] int64 to samples [B, 2560]; the state moves on."""
        samples, rows = self.decoder(levels_of(codes), state.rows(slots))
        state.store(slots, rows)
        return samples.clamp(-1.0, 1.0)
