"""Codec weights on disk: one safetensors file for the decoder, one for the encoder, both in float16."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from duplexsla.errors import CheckpointError
from duplexsla.model.codec import Codec, CodecConfig

FORMAT = "duplexsla-codec-1"
DECODER_FILE = "codec_decoder.safetensors"
ENCODER_FILE = "codec_encoder.safetensors"


def save_codec(codec: Codec, folder: Path) -> None:
    """Write the decoder's file, and the encoder's where the codec has one; each atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    _save(codec, "decoder", codec.decoder, folder / DECODER_FILE)
    if codec.encoder is not None:
        _save(codec, "encoder", codec.encoder, folder / ENCODER_FILE)


def load_codec(folder: Path, *, with_encoder: bool = False, encoder_folder: Path | None = None) -> Codec:
    """The codec of a folder in float32, ready to decode; the encoder may lie in another folder.

    Raises CheckpointError when a file is absent, damaged, foreign or of another shape.
    """
    tensors, metadata = _read(folder / DECODER_FILE, "decoder")
    codec = Codec(
        _config(metadata, folder / DECODER_FILE), silence_code=int(metadata.get("silence_code", "0"))
    )
    _fill(codec.decoder, tensors, folder / DECODER_FILE)
    if not with_encoder:
        codec.encoder = None
        return codec.eval()
    path = (encoder_folder or folder) / ENCODER_FILE
    tensors, metadata = _read(path, "encoder")
    if _config(metadata, path) != codec.config:
        raise CheckpointError(f"{path} belongs to a codec of other sizes than {folder / DECODER_FILE}")
    assert codec.encoder is not None
    _fill(codec.encoder, tensors, path)
    return codec.eval()


def _save(codec: Codec, part: str, module: nn.Module, path: Path) -> None:
    tensors = {name: _narrow(tensor).contiguous() for name, tensor in module.state_dict().items()}
    config = json.dumps(asdict(codec.config))
    metadata = {"format": FORMAT, "part": part, "config": config, "silence_code": str(codec.silence_code)}
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata)
    partial.chmod(0o644)  # safetensors writes files that only their owner can read
    partial.replace(path)


def _narrow(tensor: Tensor) -> Tensor:
    return tensor.detach().half() if tensor.is_floating_point() else tensor.detach()


def _read(path: Path, part: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} is not a readable safetensors file: {error}") from error
    if (metadata.get("format"), metadata.get("part")) != (FORMAT, part):
        found = f"format {metadata.get('format')!r}, part {metadata.get('part')!r}"
        raise CheckpointError(f"{path} has {found}; expected {FORMAT!r}, {part!r}")
    return tensors, metadata


def _config(metadata: dict[str, str], path: Path) -> CodecConfig:
    try:
        sizes: dict[str, Any] = json.loads(metadata["config"])
        return CodecConfig(**sizes)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} has no usable configuration: {error}") from error


def _fill(module: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    wide = {
        name: tensor.float() if tensor.dtype == torch.float16 else tensor for name, tensor in tensors.items()
    }
    try:
        module.load_state_dict(wide)
    except RuntimeError as error:
        raise CheckpointError(f"{path} does not fit its configuration: {error}") from error
