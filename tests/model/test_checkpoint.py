"""A file that is no checkpoint of this model is refused by name, with what to do."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from tests.support.tiny_engine import tiny_model, tiny_vocabulary
from torch import Tensor

from duplexsla.errors import CheckpointError
from duplexsla.model.checkpoint import load_nano, save_nano
from duplexsla.protocol.tokens import build_vocabulary

Change = Callable[[dict[str, Tensor], dict[str, str]], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_nano(tiny_model(tiny_vocabulary()), tiny_vocabulary(), tmp_path / "nano.safetensors")
    return tmp_path / "nano.safetensors"


def _changed(path: Path, change: Change) -> None:
    with safe_open(path, framework="pt") as file:
        metadata = dict(file.metadata())
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    change(tensors, metadata)
    save_file(tensors, path, metadata)


def _config(**values: object) -> Change:
    return lambda _, metadata: metadata.update(config=json.dumps(json.loads(metadata["config"]) | values))


def test_what_was_saved_comes_back(path: Path) -> None:
    loaded, model = load_nano(path, tiny_vocabulary()), tiny_model(tiny_vocabulary())
    assert loaded.config == model.config
    assert torch.equal(loaded.text_head.weight, model.text_head.weight)


def test_weights_of_another_number_of_tokens_than_the_vocabulary_has_are_refused(tmp_path: Path) -> None:
    """The kernels read a mask of the vocabulary's length for every token of the weights."""
    larger = build_vocabulary(["turn on the light"], 500, [f"function_{n}" for n in range(300)], [])
    save_nano(tiny_model(larger, lean={}), tiny_vocabulary(), tmp_path / "nano.safetensors")
    with pytest.raises(CheckpointError, match="is for .* tokens"):
        load_nano(tmp_path / "nano.safetensors", tiny_vocabulary())


@pytest.mark.parametrize("kept", [0, 7, 1_000, -1])
def test_a_cut_file_is_refused(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match=r"nano\.safetensors is not a readable.*again"):
        load_nano(path, tiny_vocabulary())


def test_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="not a readable"):
        load_nano(tmp_path / "nano.safetensors", tiny_vocabulary())


def test_another_programs_weights_are_refused(path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, path)
    with pytest.raises(CheckpointError, match="has format None.*that this version's training wrote"):
        load_nano(path, tiny_vocabulary())


def test_another_vocabulary_is_refused(path: Path) -> None:
    with pytest.raises(CheckpointError, match="another vocabulary.*copy both from one run"):
        load_nano(path, build_vocabulary(["other"], 300, ["f"], ["a"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_config(width=48), "does not fit its configuration"),
        (_config(num_layers=3), "lacks"),
        (_config(num_layers=1), "holds unknown"),
        (_config(wings=2), "unknown fields.*wings"),
        (_config(width="wide"), "no usable configuration"),
        (lambda _, metadata: metadata.update(config="{"), "no usable configuration"),
        (lambda _, metadata: metadata.pop("config"), "no usable configuration"),
        (lambda tensors, _: tensors["text_head.weight"].fill_(float("nan")), "not finite in text_head"),
        (lambda tensors, _: tensors.pop("norm.weight"), "lacks"),
    ],
)
def test_what_does_not_fit_is_refused_and_named(path: Path, change: Change, message: str) -> None:
    _changed(path, change)
    with pytest.raises(CheckpointError, match=message):
        load_nano(path, tiny_vocabulary())
