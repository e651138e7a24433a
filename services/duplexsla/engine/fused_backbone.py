"""The backbone as one step of decoding wants it: few operations, and weights that are quick to read.

The two halves of each rotary pair are interleaved, so that a rotation is one complex product. The numbers are
the model's, to rounding.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from duplexsla.engine.kv_ring import KVRing
from duplexsla.engine.masks import Masks
from duplexsla.model.backbone import Block, NanoModel, PromptCache, rope_table
from duplexsla.model.norm import EPSILON
from duplexsla.protocol.call_confidence import CallChoice

HALF_KERNELS = "fbgemm" in torch.backends.quantized.supported_engines  # x86 with AVX2


class Matrix:
    """weight [out, in], rounded to half precision -> a function of x [N, in] float32: x weight^T [N, out].

    Half precision in memory, float32 in the sum: a step multiplies few rows by large weights, so its time is
    the time to read them. Checkpoints hold half precision, so nothing is lost; the products are those of the
    float32 model.
    """

    def __init__(self, weight: Tensor) -> None:
        self.weight = half = weight.detach().half().float()
        self._multiply = _packed(half) if HALF_KERNELS and not weight.is_cuda else _transposed(half)

    def __call__(self, x: Tensor) -> Tensor:
        return self._multiply(x)


def _packed(weight: Tensor) -> Callable[[Tensor], Tensor]:
    packed = torch.ops.quantized.linear_prepack_fp16(weight, None)
    multiply = torch.ops.quantized.linear_dynamic_fp16
    return lambda x: multiply(x, packed)


def _transposed(weight: Tensor) -> Callable[[Tensor], Tensor]:
    transposed = weight.t().contiguous()
    return lambda x: x @ transposed


@dataclass(frozen=True, slots=True)
class Segments:
    """The positions of one pass: `steps[i]` neighbours of slot `slots[i]`, in ascending order of the slots.

    counts[i] numbers the first of them from 0, in its session.
    """

    slots: Sequence[int]
    steps: Sequence[int]
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class FusedBlock:
    attention_gain: Tensor  # [width]
    qkv: Matrix  # width -> (heads + 2 kv_heads) * hw
    out: Matrix  # heads * hw -> width
    mlp_gain: Tensor  # [width]
    gate_up: Matrix  # width -> 2 * ff_width
    down: Matrix  # ff_width -> width


@dataclass(frozen=True, slots=True)
class Choice:
    """The most likely allowed token of every row."""

    best: list[int]  # [N]
    logits: Tensor  # [N, vocabulary], of all tokens

    def weigh(self, row: int, token: int, outside: bytes) -> CallChoice:
        """How likely `token` was in a row, beside the best of those that `outside` marks with 1."""
        logits = self.logits[row].numpy(force=True)
        top = logits.max()
        total = np.float64(top) + np.log(np.exp(logits - top).sum(dtype=np.float64))
        best = logits[np.frombuffer(outside, np.bool_)].max()
        chosen, otherwise = (np.float32(min(0.0, each - total)) for each in (logits[token], best))
        return CallChoice(float(chosen), float(otherwise))


class Ring(Protocol):
    """Keys and values of every slot, as prefills write and read them."""

    def pin(self, slot: int, prompt: Sequence[tuple[Tensor, Tensor]]) -> None: ...

    def prompt(self, layer: int, slot: int) -> tuple[Tensor, Tensor]: ...

    def write(self, layer: int, slot: int, counts: Tensor, keys: Tensor, values: Tensor) -> None: ...


class Backbone(ABC):
    """The same function as `NanoModel.whole`, some positions at a time, over a ring."""

    def __init__(self, model: NanoModel, ring: Ring) -> None:
        self.config, self.ring = model.config, ring
        self.blocks = [_fuse(block) for block in model.blocks if isinstance(block, Block)]
        self._gain = model.norm.weight.detach()

    @abstractmethod
    def advance(self, x: Tensor, segments: Segments) -> Tensor:
        """Inputs x [N, width] of some positions of some slots -> hidden states [N, width]; x is used up."""

    @abstractmethod
    def choose(self, hidden: Tensor, masks: Sequence[bytes]) -> Choice:
        """The next token after each of hidden [N, width], where a mask says what is allowed."""

    def project(
        self, block: FusedBlock, rows: Tensor, rotary: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """rows [N, width] -> queries rotated and plain [N, kv_heads, group, hw], rotated keys and values."""
        config = self.config
        qkv = block.qkv(_rms(rows, block.attention_gain)).unflatten(-1, (-1, config.head_width))
        heads = config.num_heads + config.num_kv_heads
        plain = F.rms_norm(qkv[:, :heads], (config.head_width,))
        pairs = torch.view_as_complex(plain.unflatten(-1, (-1, 2)))
        rotated = torch.view_as_real(pairs * rotary).flatten(-2)
        groups = (config.num_kv_heads, config.num_heads // config.num_kv_heads)
        q, q_plain = (t[:, : config.num_heads].unflatten(1, groups) for t in (rotated, plain))
        return q, q_plain, rotated[:, config.num_heads :], qkv[:, heads:]

    def finish(self, block: FusedBlock, rows: Tensor, attended: Tensor) -> Tensor:
        """What follows attention: rows [N, width], attended [N, heads * hw] -> [N, width]."""
        rows = rows + block.out(attended)
        gate, up = block.gate_up(_rms(rows, block.mlp_gain)).chunk(2, dim=-1)
        return rows + block.down(F.silu(gate) * up)

    def rotary_factors(self, positions: Tensor) -> Tensor:
        """[N, 1, hw / 2] complex64 of length hw^-1/4: a query times a key is then scaled by hw^-1/2."""
        cos, sin = rope_table(positions, self.config.head_width)
        factors = torch.complex(cos, sin) * float(self.config.head_width**-0.25)
        return factors[:, None]

    def prompt_rows(self, cache: PromptCache) -> list[tuple[Tensor, Tensor]]:
        """A prompt's keys and values [P, kv_heads, hw] of batch row 0, as `KVRing.pin` wants them."""
        scale = self.config.head_width**-0.5
        return [(_interleave(keys[0, ..., None])[..., 0] * scale, values[0]) for keys, values in cache]


class FusedBackbone(Backbone):
    """All of it in torch."""

    ring: KVRing

    def __init__(self, model: NanoModel, ring: KVRing) -> None:
        super().__init__(model, ring)
        self._text_head, self._masks = Matrix(model.text_head.weight), Masks()

    def choose(self, hidden: Tensor, masks: Sequence[bytes]) -> Choice:
        if not masks:
            return Choice([], hidden)
        logits = self._text_head(hidden)
        return Choice((logits + self._masks.rows(masks)).argmax(dim=-1).tolist(), logits)

    def advance(self, x: Tensor, segments: Segments) -> Tensor:
        steps, most = torch.tensor(segments.steps), max(segments.steps)
        ahead = torch.arange(most)
        real = (ahead < steps[:, None]).flatten()  # a shorter segment is padded with positions still to come
        padded = x.new_zeros(len(real), x.shape[1])
        padded[real] = x
        counts = torch.tensor(segments.counts)[:, None] + ahead
        return self._advance_padded(padded.unflatten(0, counts.shape), segments.slots, counts)[real]

    def _advance_padded(self, x: Tensor, slots: Sequence[int], counts: Tensor) -> Tensor:
        """x [B, T, width]; counts [B, T] -> [B * T, width]."""
        positions = self.ring.positions(slots, counts)
        rotary = self.rotary_factors(counts.flatten())
        rows = x.flatten(0, 1)
        for layer, block in enumerate(self.blocks):
            q, q_plain, k, v = (t.unflatten(0, counts.shape) for t in self.project(block, rows, rotary))
            attended = self.ring.attend(layer, q, q_plain, k, v, positions)
            rows = self.finish(block, rows, attended.flatten(0, 1))
        return _rms(rows, self._gain)


def _rms(x: Tensor, gain: Tensor) -> Tensor:
    return F.rms_norm(x, (x.shape[-1],), gain, EPSILON)


def _fuse(block: Block) -> FusedBlock:
    rotated = (block.heads + block.kv_heads) * block.head_width
    weight = block.qkv.weight.detach()
    pairs = _interleave(weight[:rotated].unflatten(0, (-1, block.head_width))).flatten(0, 1)
    return FusedBlock(
        attention_gain=block.attention_norm.weight.detach(),
        qkv=Matrix(torch.cat([pairs, weight[rotated:]])),
        out=Matrix(block.out.weight),
        mlp_gain=block.mlp_norm.weight.detach(),
        gate_up=Matrix(block.gate_up.weight),
        down=Matrix(block.down.weight),
    )


def _interleave(x: Tensor) -> Tensor:
    """Rows 0, 1, ... of the next to last axis [..., hw, n] -> 0, hw/2, 1, hw/2 + 1, ..."""
    half = x.shape[-2] // 2
    return torch.stack([x[..., :half, :], x[..., half:, :]], dim=-2).flatten(-3, -2)
