"""Rate and tract: what sounds at a time sounds at the scaled time, at the pitch that was asked for."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.spoken_scenarios import spoken

from duplexsla_lab.data.scenarios.families import scenario
from duplexsla_lab.data.scenarios.scenario import ScenarioLine
from duplexsla_lab.data.spoken_scenario import SpokenScenario
from duplexsla_lab.data.timeline.timeline import SpokenLine
from duplexsla_lab.data.voices.rate_and_tract import FACTORS, changed, varied, with_length

SECOND = 16_000
FACTOR = st.floats(*FACTORS)


def _tone(hz: float, seconds: float) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * SECOND)) / SECOND)).astype(np.float32)


def _line() -> SpokenLine:
    """Silence, a tone of 300 Hz from 0.5 s to 1.5 s, silence."""
    silence = np.zeros(SECOND // 2, np.float32)
    samples = np.concatenate([silence, _tone(300, 1.0), silence])
    return SpokenLine(ScenarioLine(("ah",), ()), samples, [(0.5, 1.5, "ah")], [(0.0, "sil"), (0.5, "ah")])


def _pitch_hz(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples, 8 * SECOND)))) / 8


@settings(max_examples=30, deadline=None)
@given(FACTOR, FACTOR)
def test_words_are_where_their_sound_is(rate: float, tract: float) -> None:
    line = changed(_line(), rate=rate, tract=tract)
    loud = np.flatnonzero(np.abs(line.samples) > 0.03) / SECOND
    (start, end, word), *_ = line.words
    assert word == "ah" and line.phones[1] == (pytest.approx(start), "ah")
    assert loud[0] == pytest.approx(start, abs=0.02) and loud[-1] == pytest.approx(end, abs=0.02)
    assert len(line.samples) == round(2 * SECOND / rate)
    assert _pitch_hz(line.samples) == pytest.approx(300 * tract, rel=0.02)


@pytest.mark.parametrize("length", [0, 1, 639, 640, 641, 5_000, 7_999, 8_001, 12_000])
@pytest.mark.parametrize("count", [0, 1, 639, 640, 8_000])
def test_any_length_can_be_asked_for(count: int, length: int) -> None:
    out = with_length(_tone(200, 1.0)[:count], length)
    assert len(out) == length and out.dtype == np.float32 and np.isfinite(out).all()


def test_the_level_stays() -> None:
    for length in (28_000, 36_000):
        out = with_length(_tone(200, 2.0), length)[2_000:-2_000]
        assert np.sqrt(np.mean(out**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.02)


def test_factors_of_one_change_nothing() -> None:
    line = _line()
    assert np.array_equal(changed(line, rate=1, tract=1).samples, line.samples)


def test_all_lines_of_a_scenario_are_of_one_throat() -> None:
    drawn = scenario(random.Random(0), toolset="car", family="interrupt")
    before = SpokenScenario(drawn, {"name": "am_adam"}, tuple(map(spoken, drawn.lines)))
    after = varied(before, random.Random(1))
    assert after.scenario == before.scenario and len(after.lines) > 1
    ratios = {
        round(new.words[-1][1] / old.words[-1][1], 6)
        for old, new in zip(before.lines, after.lines, strict=True)
    }
    assert len(ratios) == 1 and ratios != {1.0}
