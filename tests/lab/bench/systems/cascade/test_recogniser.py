import random

import numpy as np
import pytest

from duplexsla.errors import MissingDependency
from duplexsla_lab.bench.systems.cascade.moonshine import Moonshine, model_folder
from duplexsla_lab.bench.systems.cascade.recogniser import Recogniser
from duplexsla_lab.bench.systems.cascade.training_texts import training_texts
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.speaking import speak_words
from duplexsla_lab.data.voices.speech import MissingSynthesizer
from duplexsla_lab.data.voices.user_speech import Synthesizers
from duplexsla_lab.data.voices.voices import UserVoice

pytestmark = pytest.mark.slow  # a recogniser of 27 million parameters

SAID = "turn on the kitchen light and then set a timer for twenty minutes"


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    pytest.importorskip("onnxruntime", reason="the recogniser's runtime is not installed")
    try:
        moonshine = Moonshine(model_folder())
    except MissingDependency as missing:
        pytest.skip(str(missing))
    return Recogniser(moonshine, training_texts("home", draws=4_000).sentences)


def spoken(text: str) -> np.ndarray:
    try:
        speech = speak_words(Synthesizers(), tuple(text.split()), UserVoice("flite", "rms"))
    except MissingSynthesizer as missing:
        pytest.skip(str(missing))
    return pcm(speech.samples)


def test_a_clear_voice_is_understood_however_loud(recogniser: Recogniser) -> None:
    sound = spoken(SAID)
    assert recogniser(sound) == SAID
    assert recogniser(sound // 8) == SAID


def test_a_long_recording_is_recognised_to_its_end(recogniser: Recogniser) -> None:
    pause = np.zeros(6 * 16_000, np.int16)
    assert recogniser(np.concatenate([spoken("turn on the kitchen light"), pause, spoken(SAID)])).endswith(
        "minutes"
    )


def test_silence_and_noise_are_survived(recogniser: Recogniser) -> None:
    assert recogniser(np.zeros(16_000, np.int16)) == ""
    noise = [int(random.Random(2).gauss(0, 500)) for _ in range(8_000)]
    assert isinstance(recogniser(np.array(noise, np.int16)), str)
