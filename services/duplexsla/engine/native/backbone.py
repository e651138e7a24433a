"""The backbone's passes by the kernels: one call each, over a ring in the layout that they read best."""

import ctypes
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from duplexsla.engine.fused_backbone import Backbone, Choice, FusedBlock, Segments
from duplexsla.engine.native.library import LANES, packed, whole_vectors
from duplexsla.engine.native.structs import MEMBERS, Struct, StructArray
from duplexsla.model.backbone import ROPE_BASE, NanoModel
from duplexsla.model.config import NanoConfig


class NativeRing:
    """Like `KVRing`: per slot a pinned prompt, then the ring. Places lie in blocks of 16, keys across them.

    keys [slots, kv_heads, places / 16, head_width, 16], values [slots, kv_heads, places, head_width].
    """

    def __init__(self, config: NanoConfig, *, slots: int, most_positions: int) -> None:
        self.prompt_length, self.pinned = config.prompt_length, _padded(config.prompt_length)
        self.ring_length = _padded(config.window + most_positions - 1)
        places = self.pinned + self.ring_length
        heads, width = (slots, config.num_kv_heads), config.head_width
        layers = range(config.num_layers)
        self.keys = [torch.zeros(*heads, places // LANES, width, LANES) for _ in layers]
        self.values = [torch.zeros(*heads, places, width) for _ in layers]

    def pin(self, slot: int, prompt: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Lays a prompt's keys and values, per layer [P, kv_heads, head_width] each, into a slot."""
        for layer, (keys, values) in enumerate(prompt):
            self.keys[layer][slot] = self.values[layer][slot] = 0.0  # 0 x NaN of whoever was here is NaN
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


def _padded(places: int) -> int:
    """To whole vectors."""
    return places + -places % LANES


class LayerStruct(Struct):
    _fields_ = MEMBERS["Layer"]


class BackboneStruct(Struct):
    _fields_ = MEMBERS["Backbone"]


class NativeBackbone(Backbone):
    """`advance` and `choose` are one call each; prefills stay in torch."""

    ring: NativeRing

    def __init__(self, model: NanoModel, ring: NativeRing, kernels: ctypes.CDLL) -> None:
        super().__init__(model, ring)
        self._kernels, self._head = kernels, packed(model.text_head.weight)
        self._layers = StructArray([self._layer(block, layer) for layer, block in enumerate(self.blocks)])
        self._struct = self._described()
        self._scratch = torch.empty(0)

    @staticmethod
    def supports(config: NanoConfig) -> bool:
        """Whether the kernels can compute a backbone of these shapes."""
        return whole_vectors(config.width, config.ff_width, config.head_width)

    def advance(self, x: Tensor, segments: Segments) -> Tensor:
        described = ctypes.byref(self._struct)
        slots, steps, counts = np.array([segments.slots, segments.steps, segments.counts], np.int64)
        needed = self._kernels.backbone_scratch_floats(described, len(x), max(segments.steps))
        if self._scratch.numel() < needed:
            self._scratch = torch.empty(needed)
        self._kernels.backbone_pass(
            described,
            len(slots),
            *(row.ctypes.data for row in (slots, steps, counts)),
            x.data_ptr(),
            self._scratch.data_ptr(),
        )
        return x

    def choose(self, hidden: Tensor, masks: Sequence[bytes]) -> Choice:
        logits = hidden.new_empty(len(hidden), len(self._head) * LANES)
        chosen = np.empty(len(hidden), np.int64)
        self._kernels.choose_tokens(
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
        return Choice(chosen.tolist(), logits[:, : self.config.vocab_size])

    def _layer(self, block: FusedBlock, layer: int) -> LayerStruct:
        return LayerStruct(
            attention_gain=block.attention_gain,
            mlp_gain=block.mlp_gain,
            qkv=packed(block.qkv.weight),
            out=packed(block.out.weight),
            gate_up=packed(block.gate_up.weight),
            down=packed(block.down.weight),
            keys=self.ring.keys[layer],
            values=self.ring.values[layer],
        )

    def _described(self) -> BackboneStruct:
        config, ring = self.config, self.ring
        halves = torch.arange(0, config.head_width, 2, dtype=torch.float64)
        return BackboneStruct(
            width=config.width,
            heads=config.num_heads,
            kv_heads=config.num_kv_heads,
            head_width=config.head_width,
            ff_width=config.ff_width,
            num_layers=config.num_layers,
            window=config.window,
            ring_length=ring.ring_length,
            prompt_length=ring.prompt_length,
            pinned=ring.pinned,
            layers=self._layers.address,
            gain=self._gain,
            rates=ROPE_BASE ** (-halves / config.head_width),
        )
