from pathlib import Path

import numpy as np
import pytest

from duplexsla.audio.wav import read_wav
from duplexsla.clock import CHUNK_SAMPLES
from duplexsla_lab.bench.systems.reference import TONE
from duplexsla_lab.bench.voice_activity import FRAME_SAMPLES, Detector, frame_levels

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.wav"))
DETECTOR = Detector()


def _tone(frames: int, *, dbfs: float = -20.0) -> np.ndarray:
    """A sine of that RMS level."""
    times = np.arange(frames * FRAME_SAMPLES) / 16_000
    return (np.sqrt(2) * 32_768 * 10 ** (dbfs / 20) * np.sin(2 * np.pi * 300 * times)).astype(np.int16)


def _quiet(frames: int) -> np.ndarray:
    return np.zeros(frames * FRAME_SAMPLES, np.int16)


def _active(*parts: np.ndarray) -> list[int]:
    return np.flatnonzero(DETECTOR.frames(np.concatenate(parts))).tolist()


def test_silence_and_a_whisper_of_noise_are_no_speech() -> None:
    noise = np.random.default_rng(0).normal(0, 40, 16_000).astype(np.int16)  # -58 dBFS
    assert not _active(_quiet(100)) and not _active(noise)


def test_a_constant_offset_is_no_speech() -> None:
    assert not _active(np.full(16_000, 3_000, np.int16))


def test_a_tone_is_found_to_the_frame() -> None:
    assert _active(_quiet(30), _tone(50), _quiet(60)) == list(range(30, 80))


def test_levels_are_dbfs_of_the_root_mean_square() -> None:
    assert frame_levels(_tone(5, dbfs=-30.0)) == pytest.approx([-30.0] * 5, abs=0.1)


def test_speech_ends_only_below_the_lower_level() -> None:
    assert _active(_tone(50), _tone(50, dbfs=-49.0), _quiet(60)) == list(range(100))
    assert not _active(_tone(50, dbfs=-49.0))


@pytest.mark.parametrize(("gap", "is_one"), [(39, True), (40, False)])
def test_a_gap_under_400_ms_is_a_pause_within_speech(gap: int, is_one: bool) -> None:
    active = _active(_tone(20), _quiet(gap), _tone(20))
    assert (active == list(range(40 + gap))) is is_one
    assert is_one or active == [*range(20), *range(60, 80)]


def test_silence_at_either_end_is_never_filled() -> None:
    assert _active(_quiet(5), _tone(20), _quiet(5)) == list(range(5, 25))


@pytest.mark.parametrize(("frames", "found"), [(3, 0), (4, 4)])
def test_a_click_under_40_ms_is_no_speech(frames: int, found: int) -> None:
    assert len(_active(_quiet(10), _tone(frames), _quiet(10))) == found


@pytest.mark.parametrize(("frames", "speaks"), [(3, False), (4, True)])
def test_a_chunk_speaks_with_one_token_of_speech_in_it(frames: int, speaks: bool) -> None:
    sound = np.concatenate([_quiet(16 - frames), _tone(frames), _tone(16), _quiet(16)])
    assert DETECTOR.chunks(sound) == [speaks, True, False]


def test_no_sound_is_no_chunk() -> None:
    assert DETECTOR.chunks(np.zeros(0, np.int16)) == []


def test_the_known_systems_speak_audibly() -> None:
    assert DETECTOR.chunks(np.tile(TONE, 3)) == [True] * 3 and len(TONE) == CHUNK_SAMPLES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_spoken_sentence_is_one_stretch_of_speech(path: Path) -> None:
    """The recordings have a lead of half a second or so, one sentence, and a tail of silence."""
    sound = np.frombuffer(read_wav(path), np.int16)
    active = np.flatnonzero(DETECTOR.frames(sound))
    loud = np.flatnonzero(frame_levels(sound) > -40)
    assert len(active) == active[-1] + 1 - active[0]
    assert 30 <= active[0] <= loud[0] and loud[-1] <= active[-1] <= loud[-1] + 15


def test_there_are_recordings_to_detect_speech_in() -> None:
    assert EXAMPLES
