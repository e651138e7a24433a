"""Shards: what is written is read, in any order; damage is told; the manifest holds what is there."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from tests.support.spoken_scenarios import spoken

from duplexsla.errors import CorpusError
from duplexsla_lab.data import corpus
from duplexsla_lab.data.corpus import HELD_OUT_SPLITS, check, draw, manifest, plans_of
from duplexsla_lab.data.scenarios.families import scenario
from duplexsla_lab.data.shards import Shard, Shards, described, write_shard
from duplexsla_lab.data.spoken_scenario import SpokenScenario, from_row, sample_hash, to_row


def spoken_scenarios(count: int) -> list[SpokenScenario]:
    rng = random.Random(0)
    drawn = [
        scenario(rng, toolset="car", family=family) for family in ("multi", "pause", "interrupt")
    ] * count
    return [
        SpokenScenario(each, {"synthesizer": "espeak", "name": "f3"}, tuple(map(spoken, each.lines)))
        for each in drawn[:count]
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_shard(tmp_path, "train-0000", map(to_row, spoken_scenarios(3)))
    write_shard(tmp_path, "train-0001", map(to_row, spoken_scenarios(2)))
    return tmp_path


def test_a_scenario_comes_back_as_it_was_written() -> None:
    for each in spoken_scenarios(3):
        again = from_row(*to_row(each))
        assert again.scenario == each.scenario and again.voice == each.voice
        for mine, theirs in zip(again.lines, each.lines, strict=True):
            assert np.abs(mine.samples - theirs.samples).max() < 1e-4
            assert [word for *_, word in mine.words] == [word for *_, word in theirs.words]


def test_rows_hold_the_hash_of_every_line() -> None:
    row, samples = to_row(spoken_scenarios(1)[0])
    at = 0
    for line in row["lines"]:
        assert line["hash"] == sample_hash(samples[at : at + line["samples"]])
        at += line["samples"]
    assert at == len(samples)


def test_items_are_read_from_any_start(folder: Path) -> None:
    shards, whole = Shards(folder, "train"), spoken_scenarios(3) + spoken_scenarios(2)
    assert len(shards) == 5
    for index in (4, 0, 3, 2, 1):
        row, samples = shards[index]
        assert from_row(row, samples).scenario == whole[index].scenario
        assert shards.row(index) == row
    with pytest.raises(IndexError):
        shards[5]


def test_a_shard_that_lost_sound_says_what_to_do(folder: Path) -> None:
    sound = folder / "train-0000.pcm"
    sound.write_bytes(sound.read_bytes()[:-2])
    with pytest.raises(CorpusError, match="train-0000 is damaged.*delete its files"):
        Shard(folder, "train-0000")
    (folder / "train-0001.jsonl").write_text("{}\n")
    with pytest.raises(CorpusError, match="train-0001 is damaged"):
        Shard(folder, "train-0001")


def test_a_shard_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    def broken() -> object:
        yield to_row(spoken_scenarios(1)[0])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shard(tmp_path, "train-0000", broken())  # type: ignore[arg-type]
    assert len(Shards(tmp_path, "train")) == 0
    write_shard(tmp_path, "train-0000", map(to_row, spoken_scenarios(1)))
    assert len(Shards(tmp_path, "train")) == 1


def test_the_manifest_finds_a_changed_shard(folder: Path) -> None:
    told = manifest(folder, seed=3)
    assert told["families"]["train"] == {"car multi": 2, "car pause": 2, "car interrupt": 1}
    assert list(told["hours of synthesizers"]) == ["espeak"]
    (folder / "manifest.json").write_text(json.dumps(told))
    assert check(folder) == 2
    sound = folder / "train-0001.pcm"
    sound.write_bytes(b"\1\0" + sound.read_bytes()[2:])
    with pytest.raises(CorpusError, match="train-0001 .*manifest"):
        check(folder)
    assert described(folder, "train-0000").items == 3


@pytest.mark.parametrize("split", ("train", *HELD_OUT_SPLITS))
def test_scenarios_are_drawn_of_their_split(split: str) -> None:
    rng = random.Random(5)
    wanted = "train" if split == "voices" else split
    assert {draw(rng, split).split for _ in range(20)} == {wanted}


def test_plans_make_exactly_what_was_asked_for() -> None:
    assert [plan.size for plan in plans_of("train", 1_200, 1)] == [500, 500, 200]
    assert plans_of("voices", 0, 1) == [] and corpus.SHARD_SIZE == 500
