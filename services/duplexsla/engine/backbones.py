"""Which backbone serves a model here: the compiled kernels where they fit, else torch."""

import torch

from duplexsla.engine.fused import Backbone, FusedBackbone
from duplexsla.engine.kv_ring import KVRing
from duplexsla.engine.native import kernels
from duplexsla.engine.native_backbone import NativeBackbone, NativeRing, fits
from duplexsla.model.backbone import NanoModel


def backbone_of(model: NanoModel, *, slots: int, most_positions: int, compiled: bool) -> Backbone:
    """`compiled` False is torch in any case."""
    config, device = model.config, model.norm.weight.device
    library = kernels() if compiled and fits(config) and device == torch.device("cpu") else None
    if library is not None:
        return NativeBackbone(model, NativeRing(config, slots=slots, most_positions=most_positions), library)
    ring = KVRing(
        slots=slots,
        layers=config.num_layers,
        kv_heads=config.num_kv_heads,
        head_width=config.head_width,
        window=config.window,
        prompt_length=config.prompt_length,
        most_positions=most_positions,
    )
    return FusedBackbone(model, ring)
