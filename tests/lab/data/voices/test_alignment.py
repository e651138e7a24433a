"""Dynamic time warping: what is stretched is found again."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.data.voices.alignment import aligned, band_levels, warp_path
from duplexsla_lab.data.voices.speech import SILENCE, Speech


def _tones(lengths_s: list[float]) -> tuple[np.ndarray, list[float]]:
    """One tone after the other, each of a band of its own; and when each starts."""
    parts = []
    for place, length_s in enumerate(lengths_s):
        time_s = np.arange(int(length_s * SAMPLE_RATE)) / SAMPLE_RATE
        parts.append(0.3 * np.sin(2 * np.pi * 400 * (place + 1) * time_s))
    starts = np.concatenate([[0], np.cumsum(lengths_s)[:-1]])
    return np.concatenate(parts).astype(np.float32), starts.tolist()


def test_words_and_phones_move_with_the_sound() -> None:
    one, starts = _tones([0.3, 0.2, 0.4, 0.2])
    other, expected = _tones([0.2, 0.4, 0.25, 0.3])
    phones = list(zip(starts, [SILENCE, "k", "iy", SILENCE], strict=True))
    speech = aligned(other, Speech(one, list(zip(starts, "abcd", strict=True)), phones))
    assert [word for _, word in speech.words] == list("abcd")
    assert [phone for _, phone in speech.phones] == [SILENCE, "k", "iy", SILENCE]
    np.testing.assert_allclose([start for start, _ in speech.words], expected, atol=0.03)
    np.testing.assert_allclose([start for start, _ in speech.phones], expected, atol=0.03)


@given(st.integers(2, 30), st.integers(2, 30), st.integers(0, 2**32))
def test_a_path_never_falls_and_ends_at_both_ends(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    path = warp_path(rng.standard_normal((n, 3)), rng.standard_normal((m, 3)))
    assert len(path) == n and np.all(np.diff(path) >= 0) and path.min() >= 0 and path.max() <= m - 1
    assert np.array_equal(warp_path(*[rng.standard_normal((n, 3))] * 2), np.arange(n))


def test_a_sound_too_short_for_a_frame_has_no_times() -> None:
    reference = Speech(np.zeros(SAMPLE_RATE, np.float32), [(0.0, "a")], [(0.0, SILENCE)])
    assert aligned(np.zeros(10, np.float32), reference).words == []


def test_silence_has_levels() -> None:
    assert np.isfinite(band_levels(np.zeros(SAMPLE_RATE, np.float32))).all()
