"""No leak: against a small corpus of training, and against planted leaks of each kind."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from duplexsla.errors import CorpusError
from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.making.leaks import (
    TrainingContents,
    four_grams,
    judged_leaks,
    leaks,
    training_contents,
)
from duplexsla_lab.data.corpus import CorpusPlan, make_shard


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for plan in (
        CorpusPlan("train", 0, 1, 12),
        CorpusPlan("voices", 0, 1, 2),
        CorpusPlan("replies", 0, 1, 1, ("it is done",)),
    ):
        make_shard(plan, folder)
    return folder


def kinds(cases: Sequence[Case], training: TrainingContents) -> set[str]:
    return {line.split()[1] for line in leaks(cases, training)}


def test_no_voice_text_or_sound_of_a_case_is_in_training(made: list[Case], corpus: Path) -> None:
    training = training_contents(corpus)
    assert training.rows == 12 and training.voices and training.phrasings and training.combinations
    assert len(training.hashes) > 12 + 2
    assert list(leaks(made, training)) == []


def test_each_kind_of_leak_is_found(made: list[Case]) -> None:
    case = next(case for case in made if len(case.wanted) > 1)
    assert kinds(made, TrainingContents(voices={case.notes["voice"]})) == {"voice"}
    assert kinds(made, TrainingContents(phrasings={case.notes["phrasings"][0]})) == {"phrasing"}
    assert kinds(made, TrainingContents(phrasings={case.notes["history_phrasings"][0]})) == {"phrasing"}
    assert kinds(made, TrainingContents(hashes={case.notes["hashes"][1]})) == {"sound"}
    several = next(each for case in made for each in case.wanted if len(each.arguments) > 1)
    combination = f"{several.function} {sorted(several.arguments.items())}"
    assert kinds(made, TrainingContents(combinations={combination})) == {"combination"}


def test_four_words_in_a_row_of_a_judge_are_found_but_for_the_most_usual() -> None:
    training = TrainingContents(
        grams={*four_grams("it's far too dark in here"), *four_grams("turn on the light")}
    )
    judge = ["turn on the light now", "please turn on the light", "it is far too cold", "so dark in here"]
    assert list(judged_leaks(judge, training, common=1)) == ["judge: it is far too (1)"]
    assert len(list(judged_leaks(judge, training, common=0))) == 2
    assert list(judged_leaks(["turn on"], training)) == []


def test_the_words_of_training_are_remembered(corpus: Path) -> None:
    assert all(len(gram) == 4 for gram in training_contents(corpus).grams)
    assert len(training_contents(corpus).grams) > 20


def test_a_damaged_shard_proves_nothing(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "train-0000.jsonl").write_bytes((corpus / "train-0000.jsonl").read_bytes())
    (tmp_path / "train-0000.pcm").write_bytes(b"12")
    with pytest.raises(CorpusError, match="train-0000 is damaged"):
        training_contents(tmp_path)
