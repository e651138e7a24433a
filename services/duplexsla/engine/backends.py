"""Which parts of the engine the compiled kernels compute here, and which torch."""

from dataclasses import dataclass

import torch

from duplexsla.engine.audio_streams import AudioFrontend, ChunkCodec
from duplexsla.engine.code_decoder import CodeDecoder, NativeCodeDecoder
from duplexsla.engine.fused_backbone import Backbone, FusedBackbone
from duplexsla.engine.kv_ring import KVRing
from duplexsla.engine.native.audio import NativeAudioFrontend, NativeCodec
from duplexsla.engine.native.backbone import NativeBackbone, NativeRing
from duplexsla.engine.native.library import KernelChoice, load_kernels
from duplexsla.engine.native.speech_embedding import NativeEmbeddingFrontend
from duplexsla.model.backbone import NanoModel
from duplexsla.model.codec import Codec
from duplexsla.model.config import FrontEndKind

NATIVE_FRONTENDS: dict[FrontEndKind, type[NativeAudioFrontend | NativeEmbeddingFrontend]] = {
    "mel": NativeAudioFrontend,
    "speech_embedding": NativeEmbeddingFrontend,
}


@dataclass(frozen=True, slots=True)
class Backends:
    kernels: KernelChoice
    frontend: AudioFrontend
    backbone: Backbone
    code_decoder: CodeDecoder
    codec: ChunkCodec


def select_backends(
    model: NanoModel, codec: ChunkCodec, *, slots: int, most_positions: int, kernels: KernelChoice = "any"
) -> Backends:
    """Off the processor it is torch, whatever is chosen. Raises KernelsMissing."""
    on_cpu = model.norm.weight.device == torch.device("cpu")
    loaded = load_kernels(kernels) if on_cpu else None
    frontend, code_decoder = AudioFrontend(model, slots), CodeDecoder(model.code_head)
    backbone = None
    if loaded is not None:
        library = loaded.library
        native = NATIVE_FRONTENDS[model.config.front_end]
        if native.supports(model.config):
            frontend = native(model, slots, library)
        if NativeBackbone.supports(model.config):
            ring = NativeRing(model.config, slots=slots, most_positions=most_positions)
            backbone = NativeBackbone(model, ring, library)
        if NativeCodeDecoder.supports(model.code_head):
            code_decoder = NativeCodeDecoder(model.code_head, library)
        if isinstance(codec, Codec) and NativeCodec.supports(codec):
            codec = NativeCodec(codec, library)
    kind: KernelChoice = "torch" if loaded is None else loaded.kind
    served = backbone or _in_torch(model, slots, most_positions)
    return Backends(kind, frontend, served, code_decoder, codec)


def _in_torch(model: NanoModel, slots: int, most_positions: int) -> FusedBackbone:
    config = model.config
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
