"""Mixtures of Kokoro's voices, on style tables drawn at random: no package is wanted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla_lab.data.voices.kokoro_voices import (
    ASSISTANT_VOICE,
    HELD_OUT_KOKORO,
    PROSODY,
    STOCK,
    TIMBRE,
    TRAIN_KOKORO,
    Mixture,
    distinct_mixtures,
    draw_mixture,
    mixed,
)


@pytest.fixture(scope="module")
def styles() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {name: rng.standard_normal((40, 256), dtype=np.float32) for name in STOCK}


def test_every_voice_is_on_one_side() -> None:
    assert len(STOCK) == len(set(STOCK)) == 54
    assert set(TRAIN_KOKORO) | set(HELD_OUT_KOKORO) | {ASSISTANT_VOICE} == set(STOCK)
    assert len(TRAIN_KOKORO) == 45 and len(HELD_OUT_KOKORO) == 8


@given(st.integers(0, 2**32))
def test_a_mixture_holds_no_judge_and_no_assistant_and_its_weights_sum_to_one(seed: int) -> None:
    mixture = draw_mixture(np.random.default_rng(seed))
    for part in (mixture.timbre, mixture.prosody):
        assert 2 <= len(part) <= 3 and {name for name, _ in part} <= set(TRAIN_KOKORO)
        assert len({name for name, _ in part}) == len(part)
        assert sum(weight for _, weight in part) == pytest.approx(1)


def test_timbre_and_prosody_are_mixed_apart(styles: dict[str, np.ndarray]) -> None:
    style = mixed(Mixture((("af_sky", 1.0),), (("bm_lewis", 0.75), ("am_adam", 0.25))), styles)
    assert style.shape == (40, 256) and style.dtype == np.float32
    np.testing.assert_array_equal(style[:, TIMBRE], styles["af_sky"][:, TIMBRE])
    expected = 0.75 * styles["bm_lewis"] + 0.25 * styles["am_adam"]
    np.testing.assert_allclose(style[:, PROSODY], expected[:, PROSODY], rtol=1e-5)


def test_the_dialect_follows_the_prosody() -> None:
    american = (("am_adam", 1.0),)
    assert Mixture(american, (("bm_lewis", 0.6), ("am_adam", 0.4))).british
    assert not Mixture((("bm_lewis", 1.0),), american).british


def test_more_mixtures_keep_the_first_ones(styles: dict[str, np.ndarray]) -> None:
    few, more = distinct_mixtures(styles, 5), distinct_mixtures(styles, 12)
    assert list(few) == [f"mix-{i:03d}" for i in range(5)]
    assert {name: more[name] for name in few} == few and len(more) == 12


def test_mixtures_that_all_sound_alike_are_an_error() -> None:
    """Two of the training voices differ, so that hardly any mixture is a speaker of its own."""
    same = {name: np.zeros((40, 256), np.float32) for name in STOCK}
    same["am_puck"] = np.ones((40, 256), np.float32)
    with pytest.raises(ValueError, match="speakers of their own"):
        distinct_mixtures(same, 3)
