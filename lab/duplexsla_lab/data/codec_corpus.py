"""The corpus that teaches the codec one voice: sound, pitch and phones of random sentences."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from duplexsla.clock import SAMPLE_RATE, TOKEN_SAMPLES
from duplexsla_lab.data.language.reply_sentences import ReplySentences
from duplexsla_lab.data.voices.reply_voice import ReplyVoice
from duplexsla_lab.data.voices.speech import PHONES, Speech

PITCH_STEP_SAMPLES = 80  # 5 ms
PHONE_STEP_SAMPLES = 160  # 10 ms
STRETCH = (0.95, 1.05)
_EVALUATION_SEED = 990_001


@dataclass(frozen=True)
class Corpus:
    """Sentences end to end.

    samples: int16 [N], 16 kHz. f0_hz: float32 [N / 80], 0 where unvoiced. phones: uint8 [N / 160], index
    in PHONES.
    """

    samples: NDArray[np.int16]
    f0_hz: NDArray[np.float32]
    phones: NDArray[np.uint8]

    @property
    def hours(self) -> float:
        return len(self.samples) / SAMPLE_RATE / 3600

    def save(self, path: Path) -> None:
        partial = path.with_suffix(".part.npz")
        np.savez(partial, samples=self.samples, f0_hz=self.f0_hz, phones=self.phones)
        partial.rename(path)

    @classmethod
    def load_all(cls, folder: Path) -> "Corpus":
        """Every corpus of a folder, end to end. Raises FileNotFoundError."""
        paths = sorted(folder.glob("corpus_*.npz"))
        if not paths:
            raise FileNotFoundError(f"no corpus in {folder}: make one first")
        return cls.joined([cls.load(path) for path in paths])

    @classmethod
    def joined(cls, parts: list["Corpus"]) -> "Corpus":
        """Corpora end to end."""
        return cls(
            np.concatenate([part.samples for part in parts]),
            np.concatenate([part.f0_hz for part in parts]),
            np.concatenate([part.phones for part in parts]),
        )

    @classmethod
    def load(cls, path: Path) -> "Corpus":
        with np.load(path) as arrays:
            return cls(arrays["samples"], arrays["f0_hz"], arrays["phones"])


def dictionary_words() -> list[str]:
    """The plain words of pocketsphinx's English dictionary, three to ten letters, sorted."""
    import pocketsphinx  # training only

    path = Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict"
    words = {line.split(maxsplit=1)[0] for line in path.read_text().splitlines() if line.strip()}
    return sorted(word for word in words if word.isascii() and word.isalpha() and 3 <= len(word) <= 10)


def evaluation_sentences(count: int) -> tuple[list[str], list[str]]:
    """Replies and random words to judge with: count of each, up to 200."""
    source = ReplySentences(dictionary_words(), seed=_EVALUATION_SEED)
    replies, words = [source.reply() for _ in range(200)], [source.random_words() for _ in range(200)]
    return replies[:count], words[:count]


def held_out_sentences() -> frozenset[str]:
    """What training must not speak."""
    replies, words = evaluation_sentences(200)
    return frozenset((*replies, *words))


def make_corpus(*, hours: float, seed: int, held_out: frozenset[str]) -> Corpus:
    """Speak sentences until the hours are full, never one of held_out."""
    voice, spans = ReplyVoice(), random.Random(seed)
    sentences = ReplySentences(dictionary_words(), seed=seed)
    parts: list[Corpus] = []
    with tqdm(total=round(hours * 3600), unit="s", unit_scale=True, desc="speech") as bar:
        while bar.n < hours * 3600:
            text = sentences.next()
            if text in held_out:
                continue
            parts.append(analysed(voice.speak(text, stretch=spans.uniform(*STRETCH))))
            bar.update(len(parts[-1].samples) / SAMPLE_RATE)
    return Corpus.joined(parts)


def analysed(speech: Speech) -> Corpus:
    """One utterance, padded to whole tokens, with its pitch and phones."""
    padding = -len(speech.samples) % TOKEN_SAMPLES
    samples = np.pad(speech.samples, (0, padding))
    return Corpus(
        np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16),
        f0_of(samples),
        phones_on_grid(speech, len(samples) // PHONE_STEP_SAMPLES),
    )


def f0_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pitch in Hz every 5 ms, 0 where unvoiced (DIO and StoneMask of WORLD)."""
    import pyworld  # training only

    wide = samples.astype(np.float64)
    rough, times = pyworld.dio(wide, SAMPLE_RATE, f0_floor=60, f0_ceil=420, frame_period=5.0)
    f0 = pyworld.stonemask(wide, rough, times, SAMPLE_RATE)
    return np.asarray(f0[: len(samples) // PITCH_STEP_SAMPLES], dtype=np.float32)


def phones_on_grid(speech: Speech, frames: int) -> NDArray[np.uint8]:
    """The phone at the middle of every 10 ms frame."""
    starts = np.array([start for start, _ in speech.phones])
    labels = np.array([PHONES.index(phone) for _, phone in speech.phones], dtype=np.uint8)
    middles = (np.arange(frames) + 0.5) * PHONE_STEP_SAMPLES / SAMPLE_RATE
    return labels[np.clip(np.searchsorted(starts, middles, side="right") - 1, 0, None)]
