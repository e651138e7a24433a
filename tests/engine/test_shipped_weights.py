"""The promises of the engine, kept by the weights that are shipped, on recorded speech."""

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.engine.one_pass import chosen, tokens_of_one_pass
from tests.engine.tiny import HOME, run, written

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.engine.checkpoint import MODEL_FILE, VOCABULARY_FILE, load_engine
from duplexsla.model.checkpoint import load_nano
from duplexsla.model.codec_file import load_codec
from duplexsla.protocol.vocabulary import Vocabulary

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "model_repository" / "duplexsla" / "1"
SPEECH = ("turn_on_the_kitchen_light", "how_warm_is_it_in_the_bedroom")

pytestmark = pytest.mark.skipif(not (WEIGHTS / MODEL_FILE).exists(), reason="no weights are shipped")


def _heard(name: str) -> NDArray[np.int16]:
    """[chunks, 2560]"""
    with wave.open(str(ROOT / "examples" / f"{name}.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return samples[: len(samples) // CHUNK_SAMPLES * CHUNK_SAMPLES].reshape(-1, CHUNK_SAMPLES)


@pytest.mark.parametrize("name", SPEECH)
def test_streamed_tokens_are_those_of_one_pass_over_the_whole(name: str) -> None:
    vocabulary, codec = Vocabulary.load(WEIGHTS / VOCABULARY_FILE), load_codec(WEIGHTS)
    model, heard = load_nano(WEIGHTS / MODEL_FILE, vocabulary), _heard(name)
    engine = load_engine(WEIGHTS, slots=1)
    engine.open(1, "home")
    said = run(engine, {1: heard})[1]
    assert tokens_of_one_pass(model, vocabulary, HOME, codec.silence_code, heard, said) == chosen(said)


def test_a_batch_equals_each_alone() -> None:
    recordings = dict(enumerate(map(_heard, SPEECH)))
    engine = load_engine(WEIGHTS, slots=len(SPEECH))
    for session in recordings:
        engine.open(session, "home")
    together = run(engine, recordings)
    for session, heard in recordings.items():
        alone = load_engine(WEIGHTS, slots=1)
        alone.open(session, "home")
        said = run(alone, {session: heard})[session]
        assert written(said)[: len(together[session])] == written(together[session])
