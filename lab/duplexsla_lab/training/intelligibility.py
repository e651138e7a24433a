"""How well replies are understood: by pocketsphinx, beside the codec's round trip of the same sentences."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.tools.home import DEVICES, ROOMS
from duplexsla_lab.data.language.spoken_numbers import spoken
from duplexsla_lab.data.speaking import AssistantVoice, SynthesisFailed
from duplexsla_lab.training.codec.evaluation import Recognizer, edit_distance

AUDIBLE = 0.01  # of full scale
KEY_WORDS = frozenset(
    word for text in (*DEVICES, *ROOMS, *(spoken(n) for n in range(100))) for word in text.split()
)
"""What a reply is about: devices, rooms and numbers."""


@dataclass(slots=True)
class RecognitionErrors:
    """Errors over words, and key words found, of one kind of sound."""

    words: int = 0
    errors: int = 0
    keys: int = 0
    keys_found: int = 0

    def add(self, said: list[str], recognised: list[str]) -> None:
        self.words += len(said)
        self.errors += edit_distance(recognised, said)
        keys = [word for word in said if word in KEY_WORDS]
        self.keys += len(keys)
        self.keys_found += sum(word in recognised for word in keys)

    def row(self) -> dict[str, float]:
        return {
            "wer": round(self.errors / max(1, self.words), 3),
            "key_words": round(self.keys_found / max(1, self.keys), 3),
            "words": self.words,
        }


@dataclass(slots=True)
class ReplyIntelligibility:
    """Each sentence is recognised as the model, the codec and the synthesizer alone say it."""

    voice: AssistantVoice
    recognizer: Recognizer
    model: RecognitionErrors = field(default_factory=RecognitionErrors)
    codec: RecognitionErrors = field(default_factory=RecognitionErrors)
    original: RecognitionErrors = field(default_factory=RecognitionErrors)

    def add(self, text: str, sound: NDArray[np.int16]) -> None:
        """A sentence that the model said, with its sound. One that the synthesizer cannot say is left out."""
        try:
            reply = self.voice.reply(text)
        except SynthesisFailed:
            return
        said = text.split()
        original = self.voice.sound(text, len(reply.codes))
        for errors, samples in (
            (self.model, sound.astype(np.float32) / 32_768),
            (self.codec, self.voice.decoded(reply.codes)),
            (self.original, original),
        ):
            errors.add(said, self.recognizer.words(audible(samples)))

    def row(self) -> dict[str, dict[str, float]]:
        return {name: getattr(self, name).row() for name in ("model", "codec", "original")}


def audible(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the silence around; one chunk of silence when there is nothing."""
    loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else np.zeros(CHUNK_SAMPLES, np.float32)


def recognizer_of(texts: Sequence[str]) -> Recognizer:
    """Knows the words of these texts, none likelier than another."""
    return Recognizer(sorted({word for text in texts for word in text.split()}))
