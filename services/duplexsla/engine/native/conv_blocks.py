"""Residual convolution blocks by the kernels: the front end's and the codec's, as streams of slots."""

import ctypes
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from duplexsla.engine.native.library import Records, StructLayout, fields, fit, packed
from duplexsla.model.codec_layers import DepthwiseBlock
from duplexsla.model.frontend import ConvBlock

Slots = NDArray[np.int64]


class _Block(StructLayout):
    _fields_ = fields(
        "width hidden kernel gelu", "taps shift gain bias widen narrow widen_bias narrow_bias scale past"
    )


class Blocks:
    """Blocks of one width; `pasts` [slots, kernel - 1, width] of each are read and written in place."""

    def __init__(self, blocks: Sequence[nn.Module], pasts: Sequence[Tensor], kernels: ctypes.CDLL) -> None:
        self._kernels = kernels
        self._records = Records([_record(block, past) for block, past in zip(blocks, pasts, strict=True)])
        self._wide = self._records.records[0].width + self._records.records[0].hidden

    def run(self, x: Tensor, slots: Slots) -> Tensor:
        """x [B, T, width] of distinct slots [B] -> the same, in place."""
        sessions, steps = x.shape[:2]
        scratch = x.new_empty(sessions * steps * self._wide)
        self._kernels.convolve(
            self._records.address,
            self._records.count,
            sessions,
            slots.ctypes.data,
            steps,
            x.data_ptr(),
            scratch.data_ptr(),
        )
        return x


def whole_vectors(blocks: Sequence[nn.Module]) -> bool:
    """Whether the kernels can serve these blocks."""
    return all(
        fit(*block.taps.shape[1:]) for block in blocks if isinstance(block, ConvBlock | DepthwiseBlock)
    )


def _record(block: nn.Module, past: Tensor) -> _Block:
    assert past.is_contiguous()
    if isinstance(block, ConvBlock):
        width, wide, narrow = block.taps.shape[1], block.up, block.down
        norm: tuple[Tensor, Tensor, Tensor | int] = (torch.zeros(width), block.norm.weight, 0)
        scale = torch.ones(width)
    else:
        assert isinstance(block, DepthwiseBlock)
        width, wide, narrow = block.taps.shape[1], block.widen, block.narrow
        norm, scale = (block.shift, block.norm.weight, block.norm.bias), block.scale
    sizes = (width, wide.out_features, len(block.taps), int(isinstance(block, DepthwiseBlock)))
    layers = (packed(wide.weight), packed(narrow.weight), wide.bias, narrow.bias)
    return _Block(*sizes, block.taps, *norm, *layers, scale, past)
