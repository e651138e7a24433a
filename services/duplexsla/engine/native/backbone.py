"""The backbone's passes by the kernels: one call each, over a ring in the layout that they read best."""

import ctypes
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from duplexsla.engine.fused_backbone import Backbone, Choice, FusedBlock, Segments
from duplexsla.engine.native.library import LANES, Records, StructLayout, fields, fit, packed
from duplexsla.model.attention import ROPE_BASE
from duplexsla.model.backbone import NanoModel
from duplexsla.model.config import NanoConfig


def serves(config: NanoConfig) -> bool:
    """Whether the kernels can serve a backbone of these shapes."""
    return fit(config.width, config.ff_width, config.head_width)


class NativeRing:
    """Like `KVRing`: per slot a pinned prompt, then the ring. Places lie in blocks of 16, keys across them.

    keys [slots, kv_heads, places / 16, head_width, 16], values [slots, kv_heads, places, head_width].
    """

    def __init__(self, config: NanoConfig, *, slots: int, most_positions: int) -> None:
        self.prompt_length, self.pinned = config.prompt_length, _whole(config.prompt_length)
        self.ring_length = _whole(config.window + most_positions - 1)
        places = self.pinned + self.ring_length
        heads, width = (slots, config.num_kv_heads), config.head_width
        layers = range(config.num_layers)
        self.keys = [torch.zeros(*heads, places // LANES, width, LANES) for _ in layers]
        self.values = [torch.zeros(*heads, places, width) for _ in layers]

    def pin(self, slot: int, prompt: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Lays a prompt's keys and values, per layer [P, kv_heads, head_width] each, into a slot."""
        for layer, (keys, values) in enumerate(prompt):
            self._lay(layer, slot, torch.arange(self.prompt_length), keys, values)

    def prompt(self, layer: int, slot: int) -> tuple[Tensor, Tensor]:
        """A slot's pinned keys [kv_heads, head_width, P] and values [kv_heads, P, head_width]."""
        keys = self.keys[layer][slot].transpose(1, 2).flatten(2)[:, :, : self.prompt_length]
        return keys, self.values[layer][slot, :, : self.prompt_length]

    def write(self, layer: int, slot: int, counts: Tensor, keys: Tensor, values: Tensor) -> None:
        """Lays keys and values [T, kv_heads, head_width] at a slot's positions counts [T]; T is at most R."""
        self._lay(layer, slot, self.pinned + counts % self.ring_length, keys, values)

    def _lay(self, layer: int, slot: int, at: Tensor, keys: Tensor, values: Tensor) -> None:
        self.keys[layer][slot][:, at // LANES, :, at % LANES] = keys
        self.values[layer][slot][:, at] = values.transpose(0, 1)


def _whole(places: int) -> int:
    return places + -places % LANES


class _Layer(StructLayout):
    _fields_ = fields("", "attention_gain mlp_gain qkv out gate_up down keys values")


class _Backbone(StructLayout):
    _fields_ = fields(
        "width heads kv_heads head_width ff_width layers window ring prompt pinned layer", "gain rates"
    )


class NativeBackbone(Backbone):
    """`advance` and `choose` are one call each; what serves whole pasts stays in torch."""

    ring: NativeRing

    def __init__(self, model: NanoModel, ring: NativeRing, kernels: ctypes.CDLL) -> None:
        super().__init__(model, ring)
        self._kernels, self._head = kernels, packed(model.text_head.weight)
        self._layers = Records([self._layer(block, layer) for layer, block in enumerate(self.blocks)])
        self._shape = ctypes.byref(self._described())
        self._scratch = torch.empty(0)

    def advance(self, x: Tensor, spans: Segments) -> Tensor:
        slots, steps, counts, positions = np.array(
            [spans.slots, spans.steps, spans.counts, spans.positions], np.int64
        )
        needed = self._kernels.scratch_floats(self._shape, len(x), max(spans.steps))
        if self._scratch.numel() < needed:
            self._scratch = torch.empty(needed)
        self._kernels.advance(
            self._shape,
            len(slots),
            *(row.ctypes.data for row in (slots, steps, counts, positions)),
            x.data_ptr(),
            self._scratch.data_ptr(),
        )
        return x

    def choose(self, hidden: Tensor, masks: Sequence[bytes]) -> Choice:
        logits = hidden.new_empty(len(hidden), len(self._head) * LANES)
        chosen = np.empty(len(hidden), np.int64)
        self._kernels.choose(
            hidden.data_ptr(),
            len(hidden),
            self._head.data_ptr(),
            hidden.shape[1],
            self.config.vocab_size,
            logits.shape[1],
            (ctypes.c_char_p * len(masks))(*masks),
            logits.data_ptr(),
            chosen.ctypes.data,
        )
        return Choice(chosen.tolist(), logits[:, : self.config.vocab_size], masks)

    def _layer(self, block: FusedBlock, layer: int) -> _Layer:
        matrices = (block.qkv, block.out, block.gate_up, block.down)
        gains = block.attention_gain, block.mlp_gain
        return _Layer(
            *gains, *(packed(m.weight) for m in matrices), self.ring.keys[layer], self.ring.values[layer]
        )

    def _described(self) -> _Backbone:
        config, ring = self.config, self.ring
        rates = ROPE_BASE ** (-torch.arange(0, config.head_width, 2, dtype=torch.float64) / config.head_width)
        sizes = (config.width, config.num_heads, config.num_kv_heads, config.head_width, config.ff_width)
        places = (config.window, ring.ring_length, ring.prompt_length, ring.pinned)
        return _Backbone(*sizes, config.num_layers, *places, self._layers.address, self._gain, rates)
