"""Residual convolution blocks by the kernels: the front end's and the codec's, as streams of slots."""

import ctypes
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from duplexsla.engine.native.library import packed, whole_vectors
from duplexsla.engine.native.structs import MEMBERS, Struct, StructArray
from duplexsla.model.codec import DepthwiseBlock
from duplexsla.model.frontend import ConvBlock

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
