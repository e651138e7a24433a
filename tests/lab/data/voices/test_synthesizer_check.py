"""The check of synthesizers finds what is wrong with a speech."""

from dataclasses import replace

import numpy as np

from duplexsla_lab.data.voices.speech import Speech
from duplexsla_lab.data.voices.synthesizer_check import faults

GOOD = Speech(
    np.full(16_000, 0.1, np.float32),
    [(0.1, "turn"), (0.4, "on")],
    [(0.0, "sil"), (0.1, "t"), (0.4, "n"), (0.8, "sil")],
)


def test_a_good_speech_has_no_fault() -> None:
    assert faults(GOOD, "turn on") == []


def test_every_fault_is_told() -> None:
    assert "turn on" in faults(GOOD, "turn it on")[0]
    assert "last" in faults(replace(GOOD, words=[(0.1, "turn"), (0.1, "on")]), "turn on")[0]
    assert (
        "phones" in faults(replace(GOOD, phones=[*GOOD.phones[:2], (0.8, "x"), (0.9, "sil")]), "turn on")[0]
    )
    assert "samples" in faults(replace(GOOD, samples=GOOD.samples * 0), "turn on")[0]
    late = [(0.0, "sil"), (0.1, "t"), (0.4, "n"), (1.4, "sil")]
    assert "ends" in faults(replace(GOOD, phones=late), "turn on")[0]
