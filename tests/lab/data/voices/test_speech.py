import numpy as np
import pytest

from duplexsla_lab.data.voices.speech import MissingSynthesizer, Speech, load_library


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
