"""Weights on disk: safetensors with the configuration and the vocabulary's fingerprint in the metadata."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from duplexsla.errors import CheckpointError
from duplexsla.model.backbone import NanoModel
from duplexsla.model.config import NanoConfig
from duplexsla.protocol.tokens import Vocabulary

FORMAT = "duplexsla-nano-1"
TRAINING_ONLY = ("frontend.phones.",)
AGAIN = "fetch or export it again"
WHAT = "give a nano.safetensors that this version's training wrote"


def fingerprint(vocabulary: Vocabulary) -> str:
    """Hash of all pieces in order: weights and vocabulary belong together."""
    return hashlib.sha256("\0".join(vocabulary.pieces(range(len(vocabulary)))).encode()).hexdigest()[:16]


def save_nano(
    model: NanoModel, vocabulary: Vocabulary, path: Path, *, dtype: torch.dtype = torch.float16
) -> None:
    """Writes the weights that serving needs, atomically."""
    tensors = {
        name: tensor.to(dtype).contiguous()
        for name, tensor in model.state_dict().items()
        if not name.startswith(TRAINING_ONLY)
    }
    metadata = {
        "format": FORMAT,
        "config": json.dumps(model.config.to_dict()),
        "vocabulary": fingerprint(vocabulary),
    }
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata)
    partial.replace(path)


def load_nano(path: Path, vocabulary: Vocabulary) -> NanoModel:
    """The model in float32, ready to decode. Raises CheckpointError that says what does not fit."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} is not a readable safetensors file: {error}; {AGAIN}") from error
    if metadata.get("format") != FORMAT:
        raise CheckpointError(f"{path} has format {metadata.get('format')!r}, expected {FORMAT!r}: {WHAT}")
    if metadata.get("vocabulary") != fingerprint(vocabulary):
        raise CheckpointError(
            f"{path} was trained with another vocabulary than the one beside it: copy both from one run"
        )
    model = _model(metadata, path)
    if model.config.vocab_size != len(vocabulary):
        raise CheckpointError(
            f"{path} is for {model.config.vocab_size} tokens, the vocabulary beside it has {len(vocabulary)}"
        )
    return _filled(model, tensors, path)


def _model(metadata: dict[str, str], path: Path) -> NanoModel:
    try:
        return NanoModel(NanoConfig.from_dict(json.loads(metadata["config"])))
    except (KeyError, ValueError, TypeError, AttributeError, CheckpointError) as error:
        raise CheckpointError(f"{path} has no usable configuration: {error}; {AGAIN}") from error


def _filled(model: NanoModel, tensors: dict[str, Tensor], path: Path) -> NanoModel:
    bad = [name for name, tensor in tensors.items() if not tensor.isfinite().all()]
    if bad:
        raise CheckpointError(f"{path} holds numbers that are not finite in {bad[0]}: {AGAIN}")
    try:
        missing, unexpected = model.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise CheckpointError(f"{path} does not fit its configuration: {error}; {AGAIN}") from error
    missing = [name for name in missing if not name.startswith(TRAINING_ONLY)]
    if missing or unexpected:
        raise CheckpointError(f"{path} lacks {missing[:3]} and holds unknown {list(unexpected)[:3]}: {WHAT}")
    return model.eval()
