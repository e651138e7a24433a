"""Shards of games' speech: what is too short or silent is left out, and a whole game is made once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from duplexsla.errors import CorpusError, MissingDependency
from duplexsla_lab.data.games.__main__ import JUDGED, PACKAGES, SKY, TRAINED, make_shards, rows
from duplexsla_lab.data.games.clips import RATE_HZ
from duplexsla_lab.data.games.mp3 import decoded
from duplexsla_lab.data.shards import Shards


def _clips() -> Iterator[tuple[str, np.ndarray]]:
    tone = np.sin(np.arange(RATE_HZ) / 5).astype(np.float32)
    yield from [
        ("loud", tone),
        ("soft", tone / 20),
        ("short", tone[:2_000]),
        ("silent", tone * 0),
        ("none", tone[:0]),
    ]


def test_clips_have_one_level_and_the_models_rate() -> None:
    made = list(rows("talk-queen", _clips()))
    assert [(row["game"], row["clip"]) for row, _ in made] == [("queen", "loud"), ("queen", "soft")]
    for _, samples in made:
        assert len(samples) == pytest.approx(16_000, abs=2)
        assert np.sqrt(np.mean((samples / 32_767.0) ** 2)) == pytest.approx(0.05, rel=0.02)


def test_a_whole_game_is_made_once_and_a_broken_off_one_again(tmp_path: Path) -> None:
    read: list[int] = []

    def clips() -> Iterator[tuple[str, np.ndarray]]:
        read.append(1)
        return _clips()

    hours = make_shards("talk-queen", clips, tmp_path)
    assert hours == pytest.approx(2 / 3_600, rel=0.01) == make_shards("talk-queen", clips, tmp_path)
    assert len(read) == 1 and len(Shards(tmp_path, "talk")) == 2
    (tmp_path / "talk-queen.done").unlink()
    make_shards("talk-queen", clips, tmp_path)
    assert len(read) == 2 and len(Shards(tmp_path, "talk")) == 2


def test_the_judge_is_no_training_game() -> None:
    assert SKY in PACKAGES and not any("sky" in kind for kind in TRAINED) and list(JUDGED) == ["judge-sky"]


@pytest.mark.parametrize("file", [b"", b"no sound", bytes(4_000)])
def test_what_is_no_mp3_is_told(file: bytes) -> None:
    with pytest.raises((CorpusError, MissingDependency)):  # the second without libmpg123
        decoded(file, RATE_HZ)
