"""The promises of the engine, kept by the weights that are shipped, on recorded speech."""

import random
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.one_pass_decoding import chosen, tokens_of_one_pass
from tests.support.scripted_session import live, past_at
from tests.support.tiny_engine import HOME, run, written

from duplexsla.audio.wav import read_wav
from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.engine.checkpoint import load_engine
from duplexsla.engine.engine import StepInput
from duplexsla.engine.model_folder import MODEL_FILE, VOCABULARY_FILE
from duplexsla.model.checkpoint import load_nano
from duplexsla.model.codec_file import load_codec
from duplexsla.protocol.tokens import Vocabulary

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "model_repository" / "duplexsla" / "1"
QUIET = np.zeros((25, CHUNK_SAMPLES), np.int16)  # 4 s, in which the model answers
CUTS, AFTER = 8, 12
SPEECH = ("turn_on_the_kitchen_light", "how_warm_is_it_in_the_bedroom")

pytestmark = pytest.mark.skipif(not (WEIGHTS / MODEL_FILE).exists(), reason="no weights are shipped")


def _heard(name: str) -> NDArray[np.int16]:
    """[chunks, 2560]"""
    samples = np.frombuffer(read_wav(ROOT / "examples" / f"{name}.wav"), np.int16)
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


def test_a_session_restored_at_any_cut_continues_as_if_it_had_never_left() -> None:
    rng, injected = random.Random(0), {20: " [ done 21 degrees]", 60: " [ done]"}
    heard = np.concatenate([part for name in SPEECH for part in (_heard(name), QUIET)])
    engine = load_engine(WEIGHTS, slots=CUTS)
    engine.open(1, "home")
    said = live(engine, 1, heard, injected)
    engine.close(1)
    cuts = rng.sample(range(1, len(heard) - AFTER), CUTS)
    for cut in cuts:
        engine.restore(cut, past_at(cut, heard, said, injected))
    for step in range(AFTER):
        inputs = [StepInput(cut, heard[cut + step], injected.get(cut + step, "")) for cut in cuts]
        for output, cut in zip(engine.step(inputs), cuts, strict=True):
            assert written([output]) == written([said[cut + step]]), (cut, step)


def test_drafts_change_no_token_and_a_silent_chunk_takes_one_pass() -> None:
    heard = np.concatenate([part for name in SPEECH for part in (_heard(name), QUIET)])
    engines = [load_engine(WEIGHTS, slots=1, draft=draft) for draft in (True, False)]
    said = []
    for engine in engines:
        engine.open(1, "home")
        said.append(run(engine, {1: heard})[1])
    assert written(said[0]) == written(said[1])
    drafted, plain = (engine.work for engine in engines)
    assert drafted.silent_passes <= 1.3 * drafted.silent_chunks
    assert drafted.chunk_passes < 0.7 * plain.chunk_passes
