"""The corpus: one seed makes one corpus, whatever the workers and however often it was interrupted."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from duplexsla_lab.data import corpus
from duplexsla_lab.data.corpus import CorpusPlan, human_like_folder, make_human_like
from duplexsla_lab.data.shards import Shards, write_shard


def made(folder: Path, *, workers: int, scenarios: int = 12) -> dict[str, object]:
    arguments = ["--out", folder, "--scenarios", scenarios, "--held", 3, "--replies", 6, "--workers", workers]
    command = [sys.executable, "-m", "duplexsla_lab.data.corpus", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    told: dict[str, object] = json.loads((folder / "manifest.json").read_text())
    return told


@pytest.mark.slow
def test_one_seed_makes_one_corpus_on_any_number_of_workers(tmp_path: Path) -> None:
    one = made(tmp_path / "one", workers=1)
    two = made(tmp_path / "two", workers=2)
    assert one == two
    kept = (tmp_path / "two" / "voices-0000.pcm").stat().st_mtime_ns
    (tmp_path / "two" / "train-0000.jsonl").unlink()  # as an interrupted run leaves it
    assert made(tmp_path / "two", workers=2) == one
    assert (tmp_path / "two" / "voices-0000.pcm").stat().st_mtime_ns == kept


MINUTE = 60 * 16_000


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The shards that were made, each of a minute, in place of what synthesizers make."""
    names: list[str] = []

    def make(plans: list[CorpusPlan], folder: Path, **_: object) -> float:
        for plan in plans:
            if not (folder / f"{plan.name}.jsonl").exists():
                names.append(plan.name)
                write_shard(folder, plan.name, [({}, np.zeros(MINUTE, np.int16))])
        return 0.0

    monkeypatch.setattr(corpus, "make", make)
    return names


def test_a_tier_goes_on_where_a_smaller_one_ended(tmp_path: Path, asked: list[str]) -> None:
    make_human_like(tmp_path, 2 / 60, held=150, seed=1, workers=1)
    assert asked == ["human-0000", "human-0001", "train-human-0000", "train-human-0001"]
    make_human_like(tmp_path, 3.5 / 60, held=150, seed=1, workers=1)
    assert asked[4:] == ["train-human-0002", "train-human-0003"]
    assert len(Shards(tmp_path, "train")) == 4 and len(Shards(tmp_path, "human")) == 2


def test_an_interrupted_shard_is_made_again(tmp_path: Path, asked: list[str]) -> None:
    make_human_like(tmp_path, 2 / 60, held=0, seed=1, workers=2)
    (tmp_path / "train-human-0000.jsonl").unlink()
    make_human_like(tmp_path, 2 / 60, held=0, seed=1, workers=2)
    assert asked == ["train-human-0000", "train-human-0001", "train-human-0000"]


def test_human_like_kinds_say_the_texts_of_their_split() -> None:
    assert CorpusPlan("human", 0, 1).split == "voices" and CorpusPlan("train-human", 3, 1).split == "train"
    assert CorpusPlan("train-human", 3, 1).name == "train-human-0003"
    assert not CorpusPlan("train", 0, 1).human_like


def test_other_texts_make_another_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    first = human_like_folder(1)
    assert human_like_folder(1) == first != human_like_folder(2)
    assert human_like_folder(1, home=2) != first
    monkeypatch.setattr(corpus, "HUMAN_TOOLSET_SHARES", {"home": 1.0})
    assert human_like_folder(1) != first
