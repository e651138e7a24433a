"""Networks of sound by the kernels: the front end's behind the spectrum, the codec's before the synthesis.

Both are convolutions over streams of slots, whose pasts are read and written in place.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from duplexsla.engine.audio_streams import AudioFrontend
from duplexsla.engine.native.library import packed, whole_vectors
from duplexsla.engine.native.structs import MEMBERS, Struct, StructArray
from duplexsla.model.backbone import NanoModel
from duplexsla.model.codec import FRAMES_PER_TOKEN, Codec, CodecState, DepthwiseBlock, Voicing, levels_of
from duplexsla.model.config import NanoConfig
from duplexsla.model.frontend import ConvBlock, FrontEnd, FrontState, StridedConv, normalized

SlotRows = NDArray[np.int64]


class ConvBlockStruct(Struct):
    _fields_ = MEMBERS["ConvBlock"]
    width: int
    hidden: int


class NativeConvBlocks:
    """Blocks of one width; `pasts` [slots, kernel - 1, width] of each are read and written in place."""

    def __init__(self, blocks: Sequence[nn.Module], pasts: Sequence[Tensor], kernels: ctypes.CDLL) -> None:
        self._kernels = kernels
        structs = [_struct(block, past) for block, past in zip(blocks, pasts, strict=True)]
        self._structs, self._scratch_width = StructArray(structs), structs[0].width + structs[0].hidden

    @staticmethod
    def supports(blocks: Sequence[nn.Module]) -> bool:
        """Whether the kernels can compute these blocks."""
        return all(
            whole_vectors(*block.taps.shape[1:])
            for block in blocks
            if isinstance(block, ConvBlock | DepthwiseBlock)
        )

    def run(self, x: Tensor, slots: SlotRows) -> Tensor:
        """x [B, T, width] of distinct slots [B] -> the same, in place."""
        sessions, steps = x.shape[:2]
        scratch = x.new_empty(sessions * steps * self._scratch_width)
        self._kernels.conv_blocks(
            self._structs.address,
            self._structs.count,
            sessions,
            slots.ctypes.data,
            steps,
            x.data_ptr(),
            scratch.data_ptr(),
        )
        return x


def _struct(block: nn.Module, past: Tensor) -> ConvBlockStruct:
    if isinstance(block, ConvBlock):
        width, wide, narrow = block.taps.shape[1], block.up, block.down
        shift, bias, scale = torch.zeros(width), None, torch.ones(width)
    else:
        assert isinstance(block, DepthwiseBlock)
        width, wide, narrow = block.taps.shape[1], block.widen, block.narrow
        shift, bias, scale = block.shift, block.norm.bias, block.scale
    return ConvBlockStruct(
        width=width,
        hidden=wide.out_features,
        kernel=len(block.taps),
        gelu=int(isinstance(block, DepthwiseBlock)),
        taps=block.taps,
        shift=shift,
        gain=block.norm.weight,
        bias=0 if bias is None else bias,  # 0: the norm is of the root mean square
        widen=packed(wide.weight),
        narrow=packed(narrow.weight),
        widen_bias=wide.bias,
        narrow_bias=narrow.bias,
        scale=scale,
        past=past,
    )


class StridedConvStruct(Struct):
    _fields_ = MEMBERS["StridedConv"]
    width_out: int
    kernel: int
    stride: int


class NativeAudioFrontend(AudioFrontend):
    """The same by the kernels, behind the spectrum."""

    def __init__(self, model: NanoModel, slots: int, kernels: ctypes.CDLL) -> None:
        super().__init__(model, slots)
        front, pasts = model.frontend, self._state.tensors
        assert isinstance(front, FrontEnd)
        self._kernels = kernels
        self._first = _strided(front.first, pasts[1], gate=True)
        self._second = _strided(front.second, pasts[2], gate=True)
        self._blocks = NativeConvBlocks(list(front.blocks), pasts[3:-1], kernels)
        self._third = _strided(front.third, pasts[-1], gate=False)
        self._norms = (front.norm.weight, front.out_norm.weight)
        self._inputs = packed(model.hear.weight)

    @staticmethod
    def supports(config: NanoConfig) -> bool:
        return whole_vectors(config.width, config.front_width, config.mel_bins)

    def encode(self, slots: Sequence[int], samples: Tensor) -> Tensor:
        held = np.array(slots, np.int64)
        x = self._convolve(self._first, self._mels(samples, torch.from_numpy(held)), held)
        x = self._normalize(self._convolve(self._second, x, held), self._norms[0])
        x = self._convolve(self._third, self._blocks.run(x, held), held)
        return self._project(self._normalize(x, self._norms[1]))

    def _mels(self, samples: Tensor, slots: Tensor) -> Tensor:
        """[B, 160 n] -> [B, n, mel_bins], normalised log power."""
        past = self._state.tensors[0]
        state = FrontState([past[slots]])
        mels = self._front.mels(samples, state)
        past[slots] = state.tensors[0]
        return normalized(mels)

    def _convolve(self, layer: StridedConvStruct, x: Tensor, slots: SlotRows) -> Tensor:
        sessions, steps = x.shape[:2]
        y = x.new_empty(sessions, steps // layer.stride, layer.width_out)
        scratch = x.new_empty(sessions * y.shape[1] * layer.kernel * x.shape[2])
        self._kernels.strided_conv(
            ctypes.byref(layer),
            sessions,
            slots.ctypes.data,
            steps,
            x.data_ptr(),
            y.data_ptr(),
            scratch.data_ptr(),
        )
        return y

    def _normalize(self, x: Tensor, gain: Tensor) -> Tensor:
        self._kernels.rms_norm_rows(x.data_ptr(), x.numel() // x.shape[-1], x.shape[-1], gain.data_ptr())
        return x

    def _project(self, features: Tensor) -> Tensor:
        """[B, 2 n, width] -> [B, n, width]."""
        layer = self._model.hear
        rows = features.numel() // layer.in_features
        y = features.new_empty(features.shape[0], rows // features.shape[0], layer.out_features)
        weight, bias = self._inputs.data_ptr(), layer.bias.data_ptr()
        sizes = (layer.in_features, layer.out_features)
        self._kernels.linear(features.data_ptr(), rows, weight, bias, *sizes, y.data_ptr())
        return y


def _strided(layer: StridedConv, past: Tensor, *, gate: bool) -> StridedConvStruct:
    return StridedConvStruct(
        width_in=layer.linear.in_features // layer.kernel,
        width_out=layer.linear.out_features,
        kernel=layer.kernel,
        stride=layer.stride,
        gate=int(gate),
        weight=packed(layer.linear.weight),
        bias=layer.linear.bias,
        past=past,
    )


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
