"""The backbone's weights as one step of decoding wants them: few, large products and no transposes.

Norm gains are folded into the weights that follow, weights lie as [in, out], and the two halves of each
rotary pair are interleaved, so that a rotation is one complex product. The numbers are the model's, to
rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from duplexsla.engine.kv_ring import KVRing, Places
from duplexsla.model.attention import Block, rope_table
from duplexsla.model.backbone import NanoModel, PromptCache

NORM_EPS = 1e-6


@dataclass(frozen=True, slots=True)
class FusedBlock:
    qkv: Tensor  # [width, (heads + 2 kv_heads) * hw]
    out: Tensor  # [heads * hw, width]
    gate_up: Tensor  # [width, 2 * ff_width]
    down: Tensor  # [ff_width, width]


class FusedBackbone:
    """The same function as `NanoModel.whole`, some positions at a time, over a KV ring."""

    def __init__(self, model: NanoModel, ring: KVRing) -> None:
        config = model.config
        self.config, self.ring = config, ring
        self.blocks = [_fuse(block) for block in model.blocks if isinstance(block, Block)]
        self.text_head = _folded(model.text_head.weight, model.norm.weight)
        self.norm_gain = model.norm.weight

    def advance(self, x: Tensor, slots: Sequence[int], counts: Tensor, positions: Tensor) -> Tensor:
        """x [B, T, width] of slots in ascending order -> normed hidden states [B, T, width], gain left out.

        counts [B, T] number each slot's positions from 0; positions [B, T] are absolute, for the angles.
        """
        places = self.ring.places(slots, counts)
        rotation = self._rotation(positions)
        for layer, block in enumerate(self.blocks):
            x = self._block(layer, block, x, rotation, places)
        return _rms(x)

    def _block(self, layer: int, block: FusedBlock, x: Tensor, rotation: Tensor, places: Places) -> Tensor:
        config, (batch, steps, width) = self.config, x.shape
        rows = x.reshape(-1, width)
        qkv = (_rms(rows) @ block.qkv).view(batch, steps, -1, config.head_width)
        heads = config.num_heads + config.num_kv_heads
        plain = F.rms_norm(qkv[:, :, :heads], (config.head_width,))
        pairs = torch.view_as_complex(plain.unflatten(-1, (-1, 2)))
        turned = torch.view_as_real(pairs * rotation).flatten(-2)
        groups = (config.num_kv_heads, config.num_heads // config.num_kv_heads)
        q, q_plain = (t[:, :, : config.num_heads].unflatten(2, groups) for t in (turned, plain))
        keys, values = turned[:, :, config.num_heads :], qkv[:, :, heads:]
        attended = self.ring.attend(layer, q, q_plain, keys, values, places)
        rows = torch.addmm(rows, attended.flatten(0, 1), block.out)
        gate, up = (_rms(rows) @ block.gate_up).chunk(2, dim=-1)
        return torch.addmm(rows, F.silu(gate) * up, block.down).view(batch, steps, width)

    def _rotation(self, positions: Tensor) -> Tensor:
        """[B, T, 1, hw / 2] complex64 of length hw^-1/4: a query times a key is then scaled by hw^-1/2."""
        cos, sin = rope_table(positions, self.config.head_width)
        return (torch.complex(cos, sin) * self.config.head_width**-0.25)[:, :, None]

    def prompt_rows(self, cache: PromptCache) -> list[tuple[Tensor, Tensor]]:
        """A prompt's keys and values [P, kv_heads, hw] of batch row 0, as `KVRing.pin` wants them."""
        scale = self.config.head_width**-0.5
        return [(_interleave(keys[0, ..., None])[..., 0] * scale, values[0]) for keys, values in cache]


def _rms(x: Tensor) -> Tensor:
    return F.rms_norm(x, (x.shape[-1],), eps=NORM_EPS)


def _fuse(block: Block) -> FusedBlock:
    turned = (block.heads + block.kv_heads) * block.head_width
    weight = block.qkv.weight
    pairs = _interleave(weight[:turned].unflatten(0, (-1, block.head_width))).flatten(0, 1)
    qkv = torch.cat([pairs, weight[turned:]])
    return FusedBlock(
        qkv=_folded(qkv, block.attention_norm.weight),
        out=block.out.weight.t().contiguous(),
        gate_up=_folded(block.gate_up.weight, block.mlp_norm.weight),
        down=block.down.weight.t().contiguous(),
    )


def _folded(weight: Tensor, gain: Tensor) -> Tensor:
    """[out, in] and the gain [in] before it -> [in, out]."""
    return (weight * gain).t().contiguous()


def _interleave(x: Tensor) -> Tensor:
    """Rows 0, 1, ... of the next to last axis [..., hw, n] -> 0, hw/2, 1, hw/2 + 1, ..."""
    half = x.shape[-2] // 2
    return torch.stack([x[..., :half, :], x[..., half:, :]], dim=-2).flatten(-3, -2)
