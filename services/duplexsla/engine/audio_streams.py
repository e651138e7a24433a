"""Sound in and out, one stream per slot: to the inputs of the users' positions, and from codes.

Who speaks or has just spoken is decoded; the others are exactly silent.
"""

import ctypes
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.engine.native.conv_blocks import NativeConvBlocks, SlotRows
from duplexsla.engine.native.library import packed, whole_vectors
from duplexsla.engine.native.structs import MEMBERS, Struct
from duplexsla.model.backbone import NanoModel
from duplexsla.model.config import NanoConfig
from duplexsla.model.frontend import FrontEnd, FrontState, StridedConv, normalized

TAIL_CHUNKS = 1  # what still sounds after the last word: the codec's lead of 80 ms and its overlap of 30 ms


class AudioFrontend:
    """The model's front end, in torch."""

    def __init__(self, model: NanoModel, slots: int) -> None:
        self._model, self._front = model, model.frontend
        self._state = self._front.new_state(slots)

    def reset(self, slot: int) -> None:
        self._state.reset(torch.tensor([slot]))

    def encode(self, slots: Sequence[int], samples: Tensor) -> Tensor:
        """The next samples [B, 2560 n] in -1..1 of distinct slots -> [B, n, width]."""
        held = torch.tensor(slots)
        state = self._state.rows(held)
        inputs = self._model.user_inputs(self._front(samples, state))
        self._state.write(held, state)
        return inputs


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
        self._first = _struct(front.first, pasts[1], gate=True)
        self._second = _struct(front.second, pasts[2], gate=True)
        self._blocks = NativeConvBlocks(list(front.blocks), pasts[3:-1], kernels)
        self._third = _struct(front.third, pasts[-1], gate=False)
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


def _struct(layer: StridedConv, past: Tensor, *, gate: bool) -> StridedConvStruct:
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


class ChunkCodec(Protocol):
    """What the engine needs of a codec; `state` has one row per slot."""

    silence_code: int

    def new_state(self, slots: int) -> Any: ...

    def decode_chunk(self, codes: Tensor, state: Any, slots: Tensor) -> Tensor:
        """The next codes [B, 4 n] of distinct slots [B] -> samples [B, 2560 n]; the state moves on."""
        ...


class CodecStream:
    """One stream of sound per slot. Each utterance starts from a fresh codec state."""

    def __init__(self, codec: ChunkCodec, slots: int) -> None:
        self._codec = codec
        self._state = codec.new_state(slots)
        self._tail_chunks = [0] * slots  # chunks that still sound

    @property
    def silence_code(self) -> int:
        return self._codec.silence_code

    def reset(self, slot: int) -> None:
        self._tail_chunks[slot] = 0
        self._state.reset(torch.tensor([slot]))

    def restore(self, slot: int, codes: Tensor, silent: Sequence[bool]) -> None:
        """The state after a prefix: codes [n, 4] of its chunks, and in which of them nothing was said."""
        self.reset(slot)
        quiet = [chunk for chunk, silence in enumerate(silent) if silence]
        utterance = codes[quiet[-1] + 1 if quiet else 0 :]  # a silent chunk is the tail of what was before it
        if len(utterance):
            self._codec.decode_chunk(utterance.reshape(1, -1), self._state, torch.tensor([slot]))
            self._tail_chunks[slot] = TAIL_CHUNKS

    def decode(self, slots: Sequence[int], codes: Tensor, speaking: Sequence[bool]) -> Tensor:
        """codes [B, 4] of distinct slots -> samples [B, 2560] int16."""
        samples = torch.zeros(len(slots), CHUNK_SAMPLES, dtype=torch.int16)
        sounding = [row for row, slot in enumerate(slots) if speaking[row] or self._tail_chunks[slot]]
        if sounding:
            held = torch.tensor([slots[row] for row in sounding])
            sound = self._codec.decode_chunk(codes[sounding], self._state, held)
            samples[sounding] = (sound * 32_767).round().to(torch.int16)
        for row in sounding:
            self._count_tail(slots[row], speaking[row])
        return samples

    def _count_tail(self, slot: int, speaking: bool) -> None:
        if speaking:
            self._tail_chunks[slot] = TAIL_CHUNKS
            return
        self._tail_chunks[slot] -= 1
        if not self._tail_chunks[slot]:
            self.reset(slot)
