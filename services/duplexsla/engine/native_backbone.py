"""The backbone's passes by kernels.c: one call each, over a ring in the layout that it reads best."""

import ctypes
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from duplexsla.engine.fused import Backbone, FusedBlock, Spans
from duplexsla.model.attention import ROPE_BASE
from duplexsla.model.backbone import NanoModel
from duplexsla.model.config import NanoConfig

LANES = 16


def fits(config: NanoConfig) -> bool:
    """Whether the kernels can serve a model: all its widths are whole vectors."""
    widths = (config.width, config.ff_width, config.head_width)
    return all(width % LANES == 0 for width in widths)


def packed(weight: Tensor) -> Tensor:
    """weight [out, in] -> half precision [out / 16, in, 16], out padded with zeros."""
    weight = weight.detach().half()
    missing = -len(weight) % LANES
    padded = torch.cat([weight, weight.new_zeros(missing, weight.shape[1])])
    return padded.unflatten(0, (-1, LANES)).transpose(1, 2).contiguous()


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


class _Layer(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_void_p)
        for name in ("attention_gain", "mlp_gain", "qkv", "out", "gate_up", "down", "keys", "values")
    ]


class _Backbone(ctypes.Structure):
    _sizes = "width heads kv_heads head_width ff_width layers window ring prompt pinned"
    _fields_ = [(name, ctypes.c_int64) for name in _sizes.split()] + [
        (name, ctypes.c_void_p) for name in ("gain", "rates", "layer")
    ]


class NativeBackbone(Backbone):
    """`advance` is one call; all else, which serves whole pasts, stays in torch."""

    ring: NativeRing

    def __init__(self, model: NanoModel, ring: NativeRing, kernels: ctypes.CDLL) -> None:
        super().__init__(model, ring)
        self._advance, self._floats, self._product = kernels.advance, kernels.scratch_floats, kernels.product
        self._advance.restype, self._floats.restype, self._product.restype = None, ctypes.c_int64, None
        self._head = packed(model.text_head.weight)
        width = model.config.head_width
        self._rates = ROPE_BASE ** (-np.arange(0, width, 2, dtype=np.float64) / width)
        self._held: list[Tensor] = []  # what the pointers below point at
        self._layers = (_Layer * len(self.blocks))(*map(self._layer, self.blocks, range(len(self.blocks))))
        self._shape = self._described()
        self._scratch = torch.empty(0)

    def advance(self, x: Tensor, spans: Spans) -> Tensor:
        x = x.contiguous()
        numbers = np.array([spans.slots, spans.steps, spans.counts, spans.positions])
        needed = self._floats(
            ctypes.byref(self._shape), ctypes.c_int64(len(x)), ctypes.c_int64(max(spans.steps))
        )
        if self._scratch.numel() < needed:
            self._scratch = torch.empty(needed)
        rows = [ctypes.c_void_p(row.ctypes.data) for row in numbers]
        tensors = [ctypes.c_void_p(tensor.data_ptr()) for tensor in (x, self._scratch)]
        self._advance(ctypes.byref(self._shape), ctypes.c_int64(len(spans.slots)), *rows, *tensors)
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        hidden = hidden.contiguous()
        padded = hidden.new_empty(len(hidden), len(self._head) * LANES)
        pointers = [ctypes.c_void_p(t.data_ptr()) for t in (hidden, self._head, padded)]
        rows, width, out = (ctypes.c_int64(n) for n in (*hidden.shape, padded.shape[1]))
        self._product(pointers[0], rows, pointers[1], width, out, pointers[2], 0)
        return padded[:, : self.config.vocab_size]

    def _layer(self, block: FusedBlock, layer: int) -> _Layer:
        weights = [
            packed(w) for w in (block.qkv.weight, block.out.weight, block.gate_up.weight, block.down.weight)
        ]
        gains = [block.attention_gain.contiguous(), block.mlp_gain.contiguous()]
        tensors = [*gains, *weights, self.ring.keys[layer], self.ring.values[layer]]
        self._held += tensors
        return _Layer(*(tensor.data_ptr() for tensor in tensors))

    def _described(self) -> _Backbone:
        config, ring = self.config, self.ring
        self._held.append(self._gain.contiguous())
        sizes = (config.width, config.num_heads, config.num_kv_heads, config.head_width, config.ff_width)
        places = (config.window, ring.ring_length, ring.prompt_length, ring.pinned)
        return _Backbone(
            *sizes,
            config.num_layers,
            *places,
            self._held[-1].data_ptr(),
            self._rates.ctypes.data,
            ctypes.addressof(self._layers),
        )
