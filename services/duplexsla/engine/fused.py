"""The backbone as one step of decoding wants it: few operations, and weights that are quick to read.

The two halves of each rotary pair are interleaved, so that a rotation is one complex product. The numbers are
the model's, to rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from duplexsla.engine.kv_ring import KVRing, Places
from duplexsla.engine.matrix import Matrix
from duplexsla.model.attention import Block, rope_table
from duplexsla.model.backbone import NanoModel, PromptCache

NORM_EPS = 1e-6


@dataclass(frozen=True, slots=True)
class FusedBlock:
    attention_gain: Tensor  # [width]
    qkv: Matrix  # width -> (heads + 2 kv_heads) * hw
    out: Matrix  # heads * hw -> width
    mlp_gain: Tensor  # [width]
    gate_up: Matrix  # width -> 2 * ff_width
    down: Matrix  # ff_width -> width


class FusedBackbone:
    """The same function as `NanoModel.whole`, some positions at a time, over a KV ring."""

    def __init__(self, model: NanoModel, ring: KVRing) -> None:
        self.config, self.ring = model.config, ring
        self.blocks = [_fuse(block) for block in model.blocks if isinstance(block, Block)]
        self.text_head = Matrix(model.text_head.weight)
        self._gain = model.norm.weight.detach()

    def advance(self, x: Tensor, slots: Sequence[int], counts: Tensor, positions: Tensor) -> Tensor:
        """x [B, T, width] of slots in ascending order -> hidden states [B, T, width].

        counts [B, T] number each slot's positions from 0; positions [B, T] are absolute, for the angles.
        """
        places = self.ring.places(slots, counts)
        rotation = self._rotation(positions)
        for layer, block in enumerate(self.blocks):
            x = self._block(layer, block, x, rotation, places)
        return _rms(x, self._gain)

    def _block(self, layer: int, block: FusedBlock, x: Tensor, rotation: Tensor, places: Places) -> Tensor:
        config, (batch, steps, width) = self.config, x.shape
        rows = x.reshape(-1, width)
        qkv = block.qkv(_rms(rows, block.attention_gain)).view(batch, steps, -1, config.head_width)
        heads = config.num_heads + config.num_kv_heads
        plain = F.rms_norm(qkv[:, :, :heads], (config.head_width,))
        pairs = torch.view_as_complex(plain.unflatten(-1, (-1, 2)))
        turned = torch.view_as_real(pairs * rotation).flatten(-2)
        groups = (config.num_kv_heads, config.num_heads // config.num_kv_heads)
        q, q_plain = (t[:, :, : config.num_heads].unflatten(2, groups) for t in (turned, plain))
        keys, values = turned[:, :, config.num_heads :], qkv[:, :, heads:]
        attended = self.ring.attend(layer, q, q_plain, keys, values, places)
        rows = rows + block.out(attended.flatten(0, 1))
        gate, up = block.gate_up(_rms(rows, block.mlp_gain)).chunk(2, dim=-1)
        return (rows + block.down(F.silu(gate) * up)).view(batch, steps, width)

    def _rotation(self, positions: Tensor) -> Tensor:
        """[B, T, 1, hw / 2] complex64 of length hw^-1/4: a query times a key is then scaled by hw^-1/2."""
        cos, sin = rope_table(positions, self.config.head_width)
        return (torch.complex(cos, sin) * self.config.head_width**-0.25)[:, :, None]

    def prompt_rows(self, cache: PromptCache) -> list[tuple[Tensor, Tensor]]:
        """A prompt's keys and values [P, kv_heads, hw] of batch row 0, as `KVRing.pin` wants them."""
        scale = self.config.head_width**-0.5
        return [(_interleave(keys[0, ..., None])[..., 0] * scale, values[0]) for keys, values in cache]


def _rms(x: Tensor, gain: Tensor) -> Tensor:
    return F.rms_norm(x, (x.shape[-1],), gain, NORM_EPS)


def _fuse(block: Block) -> FusedBlock:
    turned = (block.heads + block.kv_heads) * block.head_width
    weight = block.qkv.weight.detach()
    pairs = _interleave(weight[:turned].unflatten(0, (-1, block.head_width))).flatten(0, 1)
    return FusedBlock(
        attention_gain=block.attention_norm.weight.detach(),
        qkv=Matrix(torch.cat([pairs, weight[turned:]])),
        out=Matrix(block.out.weight),
        mlp_gain=block.mlp_norm.weight.detach(),
        gate_up=Matrix(block.gate_up.weight),
        down=Matrix(block.down.weight),
    )


def _interleave(x: Tensor) -> Tensor:
    """Rows 0, 1, ... of the next to last axis [..., hw, n] -> 0, hw/2, 1, hw/2 + 1, ..."""
    half = x.shape[-2] // 2
    return torch.stack([x[..., :half, :], x[..., half:, :]], dim=-2).flatten(-3, -2)
