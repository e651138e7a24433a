"""SVOX Pico: an American and a British woman, varied in pitch and rate, with flite's times aligned."""

import sys
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from duplexsla_lab.data.packages import PublicPackage, fetched
from duplexsla_lab.data.voices.alignment import aligned
from duplexsla_lab.data.voices.flite import Flite
from duplexsla_lab.data.voices.speech import MissingSynthesizer, Speech, within_sound

PACKAGE = PublicPackage(
    "pypi", "py-nanotts", "0.1.1", "669dad8790893731ee17d24fa5f291852cefee7a016ec8783f69dc6ab4ccb52f"
)
VOICES = ("en-US", "en-GB")


class Pico:
    """Speaks English text. Raises MissingDependency for what cannot be fetched or loaded."""

    def __init__(self) -> None:
        self._pico, self._times = _loaded(), Flite()

    def speak(self, text: str, *, voice: str = "en-US", speed: float = 1.0, pitch: float = 1.0) -> Speech:
        """Speak text, times `speed` as fast, times `pitch` as high. Raises ValueError for another voice."""
        if voice not in VOICES:
            raise ValueError(f"Pico has no voice {voice!r}: one of {', '.join(VOICES)}")
        pcm = self._pico.NanoTTS().speak(text, voice=voice, speed=speed, pitch=pitch, volume=1.0)
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
        speech = aligned(samples, self._times.speak(text, voice="slt", stretch=1 / speed))
        return Speech(samples, speech.words, within_sound(samples, speech.phones)) if len(samples) else speech


@cache
def _loaded() -> Any:
    folder = str(fetched(PACKAGE))
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        return import_module("py_nanotts")
    except ImportError as error:
        raise MissingSynthesizer(f"{PACKAGE} does not run on this machine: {error}") from error
