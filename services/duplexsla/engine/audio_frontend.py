"""From sound to the inputs of the users' positions, one stream per slot."""

import ctypes
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from duplexsla.engine.native.conv_blocks import Blocks, Slots
from duplexsla.engine.native.library import StructLayout, fields, fit, packed
from duplexsla.model.backbone import NanoModel
from duplexsla.model.config import NanoConfig
from duplexsla.model.frontend import (
    FFT_SIZE,
    HOP_SAMPLES,
    LEFT_SAMPLES,
    MEL_FLOOR,
    MEL_MEAN,
    MEL_SCALE,
    WINDOW_SAMPLES,
    StridedConv,
)

FRAMES_PER_FEATURE = 8  # of 10 ms


class AudioFrontend:
    """The model's front end, in torch."""

    def __init__(self, model: NanoModel, slots: int) -> None:
        self._model, self._front = model, model.frontend
        self._state = self._front.new_state(slots)

    def forget(self, slot: int) -> None:
        self._state.reset(torch.tensor([slot]))

    def hear(self, slots: Sequence[int], samples: Tensor) -> Tensor:
        """The next samples [B, 2560 n] in -1..1 of distinct slots -> [B, n, width]."""
        held = torch.tensor(slots)
        state = self._state.rows(held)
        heard = self._model.user_inputs(self._front(samples, state))
        self._state.write(held, state)
        return heard


class _Strided(StructLayout):
    _fields_ = fields("in out kernel stride gate", "w bias past")


class NativeAudioFrontend(AudioFrontend):
    """The same by the kernels, behind the spectrum."""

    def __init__(self, model: NanoModel, slots: int, kernels: ctypes.CDLL) -> None:
        super().__init__(model, slots)
        front, pasts = self._front, self._state.tensors
        self._kernels = kernels
        self._first = _strided(front.first, pasts[1], gate=True)
        self._second = _strided(front.second, pasts[2], gate=True)
        self._blocks = Blocks(list(front.blocks), pasts[3:-1], kernels)
        self._third = _strided(front.third, pasts[-1], gate=False)
        self._inputs = packed(model.hear.weight)

    @staticmethod
    def serves(config: NanoConfig) -> bool:
        return fit(config.width, config.front_width, config.mel_bins)

    def hear(self, slots: Sequence[int], samples: Tensor) -> Tensor:
        held = np.array(slots, np.int64)
        x = self._convolve(self._first, self._mels(samples, torch.from_numpy(held)), held)
        x = self._normalize(self._convolve(self._second, x, held), self._front.norm.weight)
        x = self._convolve(self._third, self._blocks.run(x, held), held)
        return self._input(self._normalize(x, self._front.out_norm.weight))

    def _mels(self, samples: Tensor, slots: Tensor) -> Tensor:
        """[B, 160 n] -> [B, n, mel_bins], normalised log power."""
        log_mel, before = self._front.log_mel, self._state.tensors[0]
        joined = torch.cat([before[slots], samples], dim=1)
        before[slots] = joined[:, joined.shape[1] - LEFT_SAMPLES :]
        frames = joined.unfold(1, WINDOW_SAMPLES, HOP_SAMPLES) * log_mel.window
        spectrum = torch.view_as_real(torch.fft.rfft(frames, FFT_SIZE))
        power = spectrum.square_().sum(-1)
        return torch.log_((power @ log_mel.filters).add_(MEL_FLOOR)).sub_(MEL_MEAN).div_(MEL_SCALE)

    def _convolve(self, layer: _Strided, x: Tensor, slots: Slots) -> Tensor:
        sessions, steps = x.shape[:2]
        y = x.new_empty(sessions, steps // layer.stride, layer.out)
        scratch = x.new_empty(sessions * y.shape[1] * layer.kernel * x.shape[2])
        self._kernels.stride(
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
        self._kernels.normalize(x.data_ptr(), x.numel() // x.shape[-1], x.shape[-1], gain.data_ptr())
        return x

    def _input(self, features: Tensor) -> Tensor:
        """[B, 2 n, width] -> [B, n, width]."""
        hear = self._model.hear
        wide, width = hear.in_features, hear.out_features
        rows = features.numel() // wide
        y = features.new_empty(features.shape[0], rows // features.shape[0], width)
        weight, bias = self._inputs.data_ptr(), hear.bias.data_ptr()
        self._kernels.linear(features.data_ptr(), rows, weight, bias, wide, width, y.data_ptr())
        return y


def _strided(layer: StridedConv, past: Tensor, *, gate: bool) -> _Strided:
    linear, kernel = layer.linear, layer.kernel
    sizes = (linear.in_features // kernel, linear.out_features, kernel, layer.stride, int(gate))
    return _Strided(*sizes, packed(linear.weight), linear.bias, past)
