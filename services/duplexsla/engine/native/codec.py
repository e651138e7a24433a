"""The codec's decoder by the kernels: its networks; the synthesis behind them stays in torch."""

import ctypes
from dataclasses import dataclass

import torch
from torch import Tensor

from duplexsla.engine.native.conv_blocks import NativeConvBlocks
from duplexsla.engine.native.library import packed
from duplexsla.model.codec import FRAMES_PER_TOKEN, Codec, CodecState, Voicing, levels_of


@dataclass
class NativeCodecState:
    """The codec's own state, and the networks that read and write it in place."""

    codec: CodecState
    token_blocks: NativeConvBlocks
    frame_blocks: NativeConvBlocks

    def reset(self, slots: Tensor) -> None:
        self.codec.reset(slots)


class NativeCodec:
    """What `CodecStream` needs of a codec."""

    def __init__(self, codec: Codec, kernels: ctypes.CDLL) -> None:
        self.silence_code, self._decoder, self._kernels = codec.silence_code, codec.decoder, kernels
        self._spread = packed(codec.decoder.spread.weight)

    @staticmethod
    def supports(codec: Codec) -> bool:
        return NativeConvBlocks.supports([*codec.decoder.token_blocks, *codec.decoder.frame_blocks])

    def new_state(self, slots: int) -> NativeCodecState:
        decoder, state = self._decoder, self._decoder.new_state(slots)
        tokens, frames = list(decoder.token_blocks), list(decoder.frame_blocks)
        pasts = state.context[1:]
        return NativeCodecState(
            state,
            NativeConvBlocks(tokens, pasts[: len(tokens)], self._kernels),
            NativeConvBlocks(frames, pasts[len(tokens) :], self._kernels),
        )

    def decode_chunk(self, codes: Tensor, state: NativeCodecState, slots: Tensor) -> Tensor:
        """The next codes [B, 4 n] of distinct slots [B] int64 to samples [B, 2560 n]; the state moves on."""
        voicing, synthesis = self._voicing(levels_of(codes), state, slots), state.codec.synthesis
        samples, after = self._decoder.synthesize(voicing, synthesis.rows(slots))
        synthesis.store(slots, after)
        return samples.clamp(-1.0, 1.0)

    def _voicing(self, levels: Tensor, state: NativeCodecState, slots: Tensor) -> Voicing:
        decoder, before, held = self._decoder, state.codec.context[0], slots.numpy()
        padded = torch.cat([before[slots], levels], dim=1)
        before[slots] = padded[:, levels.shape[1] :]
        hidden = decoder.first(padded.unfold(1, decoder.kernel, 1).flatten(2))
        frames = self._frames(state.token_blocks.run(hidden, held))
        return decoder.voicing_of(state.frame_blocks.run(frames, held))

    def _frames(self, hidden: Tensor) -> Tensor:
        """[B, T, token width] -> [B, 4 T, frame width]."""
        spread = self._decoder.spread
        rows, (batch, steps, wide) = hidden.numel() // hidden.shape[2], hidden.shape
        y = hidden.new_empty(batch, steps * FRAMES_PER_TOKEN, spread.out_features // FRAMES_PER_TOKEN)
        weight, bias = self._spread.data_ptr(), spread.bias.data_ptr()
        self._kernels.linear(hidden.data_ptr(), rows, weight, bias, wide, spread.out_features, y.data_ptr())
        return y
