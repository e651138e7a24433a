import numpy as np
import pytest
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla_lab.bench.systems.cascade.endpointing import MARGIN_SAMPLES, Endpointer

NOISE = np.random.default_rng(5)


def voice(length_s: float) -> NDArray[np.int16]:
    return (NOISE.standard_normal(int(length_s * SAMPLE_RATE)) * 1_600).astype(np.int16)


def hum(length_s: float, rms: float) -> NDArray[np.int16]:
    return (NOISE.standard_normal(int(length_s * SAMPLE_RATE)) * rms).astype(np.int16)


def heard(*parts: NDArray[np.int16]) -> Endpointer:
    listener, sound = Endpointer(), np.concatenate(parts)
    for start in range(0, len(sound) - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
        listener.push(sound[start : start + CHUNK_SAMPLES])
    return listener


@pytest.mark.parametrize("rms", [0, 10, 40])
def test_an_utterance_has_all_voice_and_knows_how_long_ago_it_ended(rms: float) -> None:
    listener = heard(hum(1.6, rms), voice(1.0), hum(0.6, rms))
    assert listener.quiet_s == pytest.approx(0.6, abs=0.03)
    assert len(listener.utterance) == pytest.approx(SAMPLE_RATE + 2 * MARGIN_SAMPLES, abs=CHUNK_SAMPLES)
    assert listener.voice_s == 0


@pytest.mark.parametrize("rms", [0, 10, 40])
def test_no_utterance_without_a_voice(rms: float) -> None:
    listener = heard(hum(3.2, rms))
    assert len(listener.utterance) == 0
    assert listener.quiet_s == listener.voice_s == 0


def test_a_click_is_no_voice() -> None:
    assert len(heard(hum(0.8, 5), voice(0.03), hum(0.77, 5)).utterance) == 0


def test_a_voice_goes_on_over_short_gaps_only() -> None:
    assert heard(voice(0.32), hum(0.1, 5), voice(0.22)).voice_s == pytest.approx(0.64, abs=0.05)
    assert heard(voice(0.48), hum(0.48, 5), voice(0.16)).voice_s < 0.2


def test_what_is_forgotten_is_no_utterance_any_more() -> None:
    listener = heard(voice(0.8), hum(0.8, 5))
    listener.reset()
    assert len(listener.utterance) == 0
    assert listener.quiet_s == 0
