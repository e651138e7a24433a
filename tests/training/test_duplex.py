"""Training of the nano model: loss falls, a resumed run is the unbroken one, a bad loss stops it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from duplexsla.data.positions import Batch
from duplexsla.data.requests import Row
from duplexsla.data.session import Reply
from duplexsla.errors import CheckpointError
from duplexsla.model.backbone import NanoModel
from duplexsla.model.checkpoint import load_nano, save_nano
from duplexsla.model.config import NanoConfig
from duplexsla.protocol.vocabulary import Vocabulary, build_vocabulary
from duplexsla.training.duplex import Recipe, Run, corpus_vocabulary
from duplexsla.training.duplex_batches import SessionBatches

REPLIES = {
    "it is on": Reply([(0.0, 0.2, "it"), (0.2, 0.4, "is"), (0.4, 0.6, "on")], np.arange(16).reshape(4, 4))
}


def rows() -> list[Row]:
    rng = np.random.default_rng(0)
    meta = {
        "said": "light on",
        "function": "open_home_device",
        "arguments": {"device": "light"},
        "outcome": " [ done]",
        "reply": "it is on",
        "words": [[0.0, 0.2, "light"], [0.2, 0.4, "on"]],
        "phones": [[0.0, "l"], [0.2, "aa"]],
    }
    return [Row(meta, (rng.standard_normal(6_400) * 3_000).astype(np.int16)) for _ in range(4)]


def vocabulary() -> Vocabulary:
    return build_vocabulary(["light on it is on done"], 300, ["open_home_device"], ["device"])


def batches() -> SessionBatches:
    return SessionBatches(rows(), REPLIES, vocabulary(), silence_code=3, size=2, seed=0)


def run(path: Path, steps: int = 8) -> Run:
    torch.manual_seed(0)
    config = NanoConfig(
        vocab_size=len(vocabulary()), width=32, num_layers=1, num_heads=2, num_kv_heads=1, head_width=16,
        ff_width=32, front_width=32, front_blocks=1, code_width=32,
    )  # fmt: skip
    model = NanoModel(config)
    return Run(model, Recipe(steps=steps, batch_size=2), vocabulary(), path, torch.device("cpu"))


def test_the_loss_falls(tmp_path: Path) -> None:
    training, data = run(tmp_path / "run.pt", steps=60), batches()
    losses = [training.step_once(data.batch(step))[0] for step in range(20)]
    assert losses[-1] < 0.9 * losses[0]


def test_a_resumed_run_is_the_unbroken_one(tmp_path: Path) -> None:
    unbroken, first = run(tmp_path / "whole.pt"), run(tmp_path / "run.pt")
    for step in range(6):
        unbroken.step_once(batches().batch(step))
    for step in range(3):
        first.step_once(batches().batch(step))
    first.save()
    resumed = run(tmp_path / "run.pt")
    resumed.resume()
    assert resumed.step == 3
    for step in range(3, 6):
        resumed.step_once(batches().batch(step))
    for name, weight in unbroken.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name]), name


def test_a_loss_that_is_not_finite_stops_and_says_what_to_do(tmp_path: Path) -> None:
    training = run(tmp_path / "run.pt")
    training.step_once(batches().batch(0))
    training.save()
    bad = batches().batch(1)
    bad.samples.fill_(float("nan"))
    with pytest.raises(CheckpointError, match="last good state"):
        training.step_once(bad)
    resumed = run(tmp_path / "run.pt")
    resumed.resume()
    assert resumed.step == 1


def test_batches_depend_on_seed_and_step_alone() -> None:
    again = batches()
    again.batch(17)
    for step in (0, 9, 3):
        one, other = batches().batch(step), again.batch(step)
        assert all(torch.equal(getattr(one, name), getattr(other, name)) for name in Batch.__slots__)


def test_weights_are_read_back_and_a_foreign_vocabulary_is_refused(tmp_path: Path) -> None:
    training = run(tmp_path / "run.pt")
    save_nano(training.model, vocabulary(), tmp_path / "nano.safetensors")
    loaded = load_nano(tmp_path / "nano.safetensors", vocabulary())
    torch.testing.assert_close(loaded.text_head.weight, training.model.text_head.weight, atol=1e-3, rtol=1e-3)
    with pytest.raises(CheckpointError, match="another vocabulary"):
        load_nano(tmp_path / "nano.safetensors", corpus_vocabulary(rows()))
    (tmp_path / "nano.safetensors").write_bytes(b"not weights")
    with pytest.raises(CheckpointError, match="not a readable"):
        load_nano(tmp_path / "nano.safetensors", vocabulary())
