"""The proof at the end of a tiny training: the text loss has fallen, or it says so."""

import json
from pathlib import Path

import pytest

from duplexsla.errors import CheckpointError
from duplexsla_lab.training.smoke_check import fallen


def log(folder: Path, losses: list[float]) -> Path:
    rows = [{"recipe": {}}, *({"step": step, "text": text} for step, text in enumerate(losses))]
    (folder / "base.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


def test_a_fallen_loss_is_reported_from_first_to_last(tmp_path: Path) -> None:
    assert fallen(log(tmp_path, [7.0, 7.5, 4.5]), "base") == (7.0, 4.5)


def test_a_loss_that_did_not_fall_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="base did not fall"):
        fallen(log(tmp_path, [4.5, 3.0, 4.5]), "base")
