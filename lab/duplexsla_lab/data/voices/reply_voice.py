"""The assistant's voice, at the level that the codec was trained on."""

from dataclasses import replace

from duplexsla_lab.data.voices.flite import Flite
from duplexsla_lab.data.voices.speech import Speech
from duplexsla_lab.data.voices.voices import UserVoice

VOICE = "slt"
ASSISTANT = UserVoice("flite", VOICE)
LEVEL = 0.5  # flite speaks so loud that pulses would clip


class ReplyVoice:
    """Speaks replies as the codec's encoder expects them. Raises MissingSynthesizer without flite."""

    def __init__(self) -> None:
        self._flite = Flite()

    def speak(self, text: str, *, stretch: float = 1.0) -> Speech:
        """Speech at 16 kHz; stretch within 0.95..1.05 is what the codec knows."""
        speech = self._flite.speak(text, voice=VOICE, stretch=stretch)
        return replace(speech, samples=speech.samples * LEVEL)
