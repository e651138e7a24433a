"""The codec's decoder by the kernels: its networks; the voice behind them stays in torch."""

import ctypes
from dataclasses import dataclass

import torch
from torch import Tensor

from duplexsla.engine.native.conv_blocks import Blocks, whole_vectors
from duplexsla.engine.native.library import packed
from duplexsla.model.codec import FRAMES_PER_TOKEN, Codec, CodecState, Voicing
from duplexsla.model.codec_layers import levels_of


@dataclass
class _State:
    """The codec's own state, and the networks that read and write it in place."""

    codec: CodecState
    token_blocks: Blocks
    frame_blocks: Blocks

    def reset(self, slots: Tensor) -> None:
        self.codec.reset(slots)


class NativeCodec:
    """What `Voice` needs of a codec."""

    def __init__(self, codec: Codec, kernels: ctypes.CDLL) -> None:
        self.silence_code, self._decoder, self._kernels = codec.silence_code, codec.decoder, kernels
        self._spread = packed(codec.decoder.spread.weight)

    @staticmethod
    def serves(codec: Codec) -> bool:
        return whole_vectors([*codec.decoder.token_blocks, *codec.decoder.frame_blocks])

    def new_state(self, slots: int) -> _State:
        decoder, state = self._decoder, self._decoder.new_state(slots)
        tokens, frames = list(decoder.token_blocks), list(decoder.frame_blocks)
        pasts = state.context[1:]
        return _State(
            state,
            Blocks(tokens, pasts[: len(tokens)], self._kernels),
            Blocks(frames, pasts[len(tokens) :], self._kernels),
        )

    def decode_chunk(self, codes: Tensor, state: _State, slots: Tensor) -> Tensor:
        """The next codes [B, 4 n] of distinct slots [B] int64 to samples [B, 2560 n]; the state moves on."""
        said = self._voicing(levels_of(codes), state, slots)
        mine = state.codec.tensors()[-6:]
        samples, after = self._decoder.sound(said, CodecState.of([t[slots] for t in mine]), [])
        for tensor, new in zip(mine, after.tensors(), strict=True):
            tensor[slots] = new
        return samples.clamp(-1.0, 1.0)

    def _voicing(self, levels: Tensor, state: _State, slots: Tensor) -> Voicing:
        decoder, before, held = self._decoder, state.codec.context[0], slots.numpy()
        padded = torch.cat([before[slots], levels], dim=1)
        before[slots] = padded[:, levels.shape[1] :]
        hidden = decoder.first(padded.unfold(1, decoder.kernel, 1).flatten(2))
        frames = self._frames(state.token_blocks.run(hidden, held))
        hidden = decoder.norm(state.frame_blocks.run(frames, held))
        log_f0, voiced = decoder.pitch(hidden).unbind(-1)
        f0_hz = torch.exp(log_f0 * 0.3 + 5.13).clamp(60.0, 420.0)
        return Voicing(hidden, f0_hz, voiced, decoder.envelope(hidden))

    def _frames(self, hidden: Tensor) -> Tensor:
        """[B, T, token width] -> [B, 4 T, frame width]."""
        spread = self._decoder.spread
        rows, (batch, steps, wide) = hidden.numel() // hidden.shape[2], hidden.shape
        y = hidden.new_empty(batch, steps * FRAMES_PER_TOKEN, spread.out_features // FRAMES_PER_TOKEN)
        weight, bias = self._spread.data_ptr(), spread.bias.data_ptr()
        self._kernels.linear(hidden.data_ptr(), rows, weight, bias, wide, spread.out_features, y.data_ptr())
        return y
