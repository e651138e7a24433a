"""The front end with the speech embedding by the kernels, behind the spectrum; one stream per slot."""

import ctypes
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from duplexsla.engine.audio_streams import AudioFrontend
from duplexsla.engine.native.library import LANES, packed, whole_vectors
from duplexsla.engine.native.structs import MEMBERS, Struct, StructArray
from duplexsla.model.backbone import NanoModel
from duplexsla.model.config import NanoConfig
from duplexsla.model.frontend import FrontState
from duplexsla.model.speech_embedding import (
    BANDS,
    EMBEDDING_WIDTH,
    KEPT_STEPS,
    LAYERS,
    STEPS_PER_VECTOR,
    EmbeddingFrontEnd,
    SpeechEmbedding,
    scaled,
)


class TapConvStruct(Struct):
    _fields_ = MEMBERS["TapConv"]


class EmbeddingStruct(Struct):
    _fields_ = MEMBERS["Embedding"]


class NativeEmbeddingFrontend(AudioFrontend):
    """Samples to the inputs of the users' positions."""

    def __init__(self, model: NanoModel, slots: int, kernels: ctypes.CDLL) -> None:
        super().__init__(model, slots)
        assert isinstance(model.frontend, EmbeddingFrontEnd)
        self._ears, self._kernels = model.frontend, kernels
        samples = self._state.tensors[0]
        self._state = FrontState([samples])  # the layers' pasts lie as the kernels read them
        self._contexts = _contexts(slots)
        layers = [_layer(self._ears.embedding, at, past) for at, past in enumerate(self._contexts[1:])]
        self._layers = StructArray(layers)
        first = self._ears.embedding.first
        self._embedding = EmbeddingStruct(
            bands=BANDS,
            first_width=_whole(first.out_channels),
            count=self._layers.count,
            shrunk=STEPS_PER_VECTOR,
            first=_padded(first.weight.detach().float().flatten(1)).T.contiguous(),
            first_bias=_padded(_bias(first)),
            past=self._contexts[0],
            layers=self._layers.address,
        )

    @staticmethod
    def supports(config: NanoConfig) -> bool:
        return whole_vectors(config.width)

    def reset(self, slot: int) -> None:
        super().reset(slot)
        for past in self._contexts:
            past[slot] = 0

    def encode(self, slots: Sequence[int], samples: Tensor) -> Tensor:
        held = np.array(slots, np.int64)
        past = self._state.tensors[0]
        state = FrontState([past[held]])
        mels = scaled(self._ears.mels(samples, state)).contiguous()
        past[held] = state.tensors[0]
        sessions, steps = mels.shape[:2]
        heard = mels.new_empty(sessions, steps // STEPS_PER_VECTOR, EMBEDDING_WIDTH)
        address = ctypes.byref(self._embedding)
        scratch = mels.new_empty(self._kernels.embedding_scratch_floats(address, steps))
        self._kernels.speech_embedding(
            address,
            sessions,
            held.ctypes.data,
            steps,
            mels.data_ptr(),
            heard.data_ptr(),
            scratch.data_ptr(),
        )
        return self._model.user_inputs(self._ears.features(heard))


def _contexts(slots: int) -> list[Tensor]:
    """Of the first layer and of each other, [slots, 2, bands, width in whole vectors]; else empty."""
    shapes = [
        (slots, KEPT_STEPS, layer.bands, _whole(layer.width_in)) if layer.over_time else (slots, 0)
        for layer in LAYERS
    ]
    return [torch.zeros(slots, KEPT_STEPS, BANDS), *(torch.zeros(shape) for shape in shapes)]


def _layer(embedding: SpeechEmbedding, at: int, past: Tensor) -> TapConvStruct:
    layer, conv = LAYERS[at], embedding.convs[at]
    assert isinstance(conv, torch.nn.Conv2d)
    taps = conv.weight.detach().flatten(2)  # [out, in, taps]
    return TapConvStruct(
        over_time=int(layer.over_time),
        width_in=layer.width_in,
        wide=_whole(layer.width_in),
        width_out=_whole(layer.width_out),
        pooled=layer.pooled,
        weight=torch.stack([packed(tap) for tap in taps.unbind(2)]),
        bias=_padded(_bias(conv)),
        past=past,
    )


def _bias(conv: torch.nn.Conv2d) -> Tensor:
    return torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.detach().float()


def _whole(width: int) -> int:
    """In whole vectors."""
    return width + -width % LANES


def _padded(rows: Tensor) -> Tensor:
    """[n, ...] -> [n in whole vectors, ...], with zeros."""
    padded = rows.new_zeros(_whole(len(rows)), *rows.shape[1:])
    padded[: len(rows)] = rows
    return padded
