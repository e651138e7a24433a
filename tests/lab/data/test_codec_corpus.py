from pathlib import Path

import numpy as np
import pytest

from duplexsla_lab.data.codec_corpus import Corpus, phones_on_grid
from duplexsla_lab.data.voices.speech import PHONES, Speech


def corpus(first: int) -> Corpus:
    return Corpus(
        np.arange(first, first + 640, dtype=np.int16),
        np.full(8, 100.0, np.float32),
        np.zeros(4, np.uint8),
    )


def test_a_corpus_comes_back_from_its_file(tmp_path: Path) -> None:
    corpus(5).save(tmp_path / "corpus_1.npz")
    assert np.array_equal(Corpus.load(tmp_path / "corpus_1.npz").samples, corpus(5).samples)


def test_all_corpora_of_a_folder_join_in_order_of_their_names(tmp_path: Path) -> None:
    corpus(1000).save(tmp_path / "corpus_2.npz")
    corpus(0).save(tmp_path / "corpus_1.npz")
    joined = Corpus.load_all(tmp_path)
    assert (len(joined.samples), joined.samples[0], joined.samples[640]) == (1280, 0, 1000)
    assert (len(joined.f0_hz), len(joined.phones)) == (16, 8)


def test_a_folder_without_a_corpus_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no corpus"):
        Corpus.load_all(tmp_path)


def test_the_phone_at_the_middle_of_each_frame() -> None:
    speech = Speech(np.zeros(640, np.float32), [], [(0.0, "sil"), (0.012, "ah"), (0.027, "n")])
    names = [PHONES[index] for index in phones_on_grid(speech, 4)]
    assert names == ["sil", "ah", "ah", "n"]
