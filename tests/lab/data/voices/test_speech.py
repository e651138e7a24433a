import numpy as np
import pytest

from duplexsla_lab.data.voices.speech import MissingSynthesizer, Speech, load_library, within_sound


def speech_of(*phones: tuple[float, str]) -> Speech:
    return Speech(np.zeros(16_000, np.float32), [], list(phones))


def test_speech_ends_where_its_last_audible_phone_ends() -> None:
    assert speech_of((0.0, "sil"), (0.2, "ah"), (0.3, "n"), (0.7, "sil"), (0.9, "sil")).end_s == 0.7


def test_speech_without_a_final_silence_ends_with_its_samples() -> None:
    assert speech_of((0.0, "sil"), (0.2, "ah")).end_s == 1.0


def test_silent_speech_ends_at_once() -> None:
    assert speech_of((0.0, "sil")).end_s == 0.0
    assert speech_of().end_s == 0.0


def test_a_missing_library_names_the_package_to_install() -> None:
    with pytest.raises(MissingSynthesizer, match="apt-get install libnothing1"):
        load_library("libnothing-at-all.so.1", "libnothing1")
    assert issubclass(MissingSynthesizer, RuntimeError)


def test_the_first_and_last_phone_begin_and_end_with_the_sound() -> None:
    samples = np.zeros(16_000, np.float32)
    samples[4_000:8_000] = 0.1  # 0.25 s to 0.5 s
    phones = [(0.0, "sil"), (0.3, "k"), (0.4, "iy"), (0.9, "sil")]
    assert within_sound(samples, phones) == [(0.0, "sil"), (0.25, "k"), (0.4, "iy"), (0.5, "sil")]


def test_a_phone_in_silence_keeps_a_length() -> None:
    samples = np.zeros(16_000, np.float32)
    samples[:1_600] = 0.1
    assert within_sound(samples, [(0.0, "k"), (0.5, "sil")])[1][0] == 0.1
    assert within_sound(samples, [(0.0, "k"), (0.4, "iy"), (0.9, "sil")])[2][0] > 0.4


def test_silence_alone_keeps_its_times() -> None:
    phones = [(0.0, "sil"), (0.2, "k")]
    assert within_sound(np.zeros(0, np.float32), phones) == phones
    assert within_sound(np.zeros(1_600, np.float32), phones) == phones
