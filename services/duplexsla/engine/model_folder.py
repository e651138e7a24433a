"""What a model's folder says of its weights: their family, their toolsets, and their identity."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duplexsla.errors import ActionRefused, CheckpointError
from duplexsla.tools import Toolset, toolset

CONFIG_FILE = "config.json"
MODEL_FILE = "nano.safetensors"
VOCABULARY_FILE = "vocabulary.json"
CODEC_FILE = "codec_decoder.safetensors"
FAMILIES = ("nano",)
EXAMPLE = '{"family": "nano", "toolsets": {"car": 1, "home": 1}}'
IDENTITY_CHARS = 16


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """`toolsets` by name, each in the version that the weights were taught: the grammar has those alone."""

    family: str
    toolsets: Mapping[str, Toolset]


def read_model_folder(folder: Path) -> ModelFolder:
    """Raises CheckpointError that says what to write into config.json."""
    path = folder / CONFIG_FILE
    try:
        config = json.loads(path.read_text("utf-8"))
        family, versions = config["family"], dict(config["toolsets"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CheckpointError(
            f"{path} cannot be read ({error}): write {EXAMPLE}, with the versions of the toolsets that the "
            "weights were taught"
        ) from error
    if family not in FAMILIES:
        raise CheckpointError(f"{path}: no family {family!r}; there is {', '.join(FAMILIES)}")
    return ModelFolder(family, _taught(versions, path))


def write_config(folder: Path, toolsets: Mapping[str, Toolset]) -> None:
    """Beside new weights, what they were taught."""
    config = {"family": "nano", "toolsets": {name: each.version for name, each in toolsets.items()}}
    (folder / CONFIG_FILE).write_text(json.dumps(config) + "\n", "utf-8")


def identity_of(folder: Path) -> str:
    """Equal for equal weights, vocabulary and codec, whatever else differs. Reads all of them.

    A session may move between decoders that share it. Raises CheckpointError.
    """
    digest = hashlib.sha256()
    for name in (MODEL_FILE, VOCABULARY_FILE, CODEC_FILE):
        try:
            digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
        except OSError as error:
            raise CheckpointError(f"{folder} is no folder of a model: {error}") from error
    return digest.hexdigest()[:IDENTITY_CHARS]


def _taught(versions: Mapping[str, Any], path: Path) -> dict[str, Toolset]:
    try:
        return {name: toolset(name, version) for name, version in versions.items()}
    except ActionRefused as error:
        raise CheckpointError(f"{path}: {error}") from error
