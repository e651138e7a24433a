"""How much of the speech survives the codec: STOI, and what an independent recognizer still understands."""

import math
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from duplexsla.audio.wav import write_wav
from duplexsla.clock import SAMPLE_RATE, TOKEN_SAMPLES
from duplexsla.model.codec import Codec
from duplexsla_lab.data.codec_corpus import evaluation_sentences
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.voices.reply_voice import ReplyVoice
from duplexsla_lab.training.codec.silence import rms_of_code

_SAVED = 6
_EDGE_SAMPLES = 3200  # silence around each sentence, for the recognizer


def words_of(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return re.findall(r"[a-z']+", text.lower())


def edit_distance(recognised: Sequence[str], said: Sequence[str]) -> int:
    """Fewest insertions, deletions and substitutions (Levenshtein)."""
    row = list(range(len(said) + 1))
    for index, word in enumerate(recognised, 1):
        previous, row[0] = row[0], index
        for column, other in enumerate(said, 1):
            previous, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, previous + (word != other)),
            )
    return row[-1]


class Recognizer:
    """pocketsphinx with a flat unigram over the given words: no grammar helps it."""

    def __init__(self, words: Sequence[str]) -> None:
        import pocketsphinx  # training only

        model = Path(pocketsphinx.get_model_path()) / "en-us"
        with tempfile.NamedTemporaryFile("w", suffix=".arpa") as grammar:
            grammar.write(_flat_unigram(sorted(set(words))))
            grammar.flush()
            self._decoder: Any = pocketsphinx.Decoder(
                hmm=str(model / "en-us"),
                dict=str(model / "cmudict-en-us.dict"),
                lm=grammar.name,
                loglevel="FATAL",
            )

    def words(self, samples: NDArray[np.float32]) -> list[str]:
        """What it recognises in samples [N]."""
        padded = np.pad(samples, _EDGE_SAMPLES)
        padded = padded + np.random.default_rng(0).standard_normal(len(padded)) * 1e-4
        self._decoder.start_utt()
        self._decoder.process_raw(pcm(padded).tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return (
            words_of(re.sub(r"\(\d+\)|<[^>]*>|\[[^]]*\]|\+\+?\w+\+\+?", " ", found.hypstr)) if found else []
        )


@dataclass
class CodecScores:
    """Errors over words, and STOI values."""

    words: int = 0
    original_errors: int = 0
    decoded_errors: int = 0
    stoi: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        original, decoded = (
            100 * errors / max(1, self.words) for errors in (self.original_errors, self.decoded_errors)
        )
        return (
            f"{name}: {len(self.stoi)} sentences, {self.words} words, STOI {np.mean(self.stoi):.3f}, "
            f"WER {decoded:.1f} % (original {original:.1f} %)"
        )


def evaluate(codec: Codec, *, sentences: int, save_to: Path | None = None) -> Iterator[str]:
    """Lines of a report over held-out replies and random words."""
    replies, random_words = evaluation_sentences(sentences)
    known = [
        word
        for text in (*evaluation_sentences(200)[0], *evaluation_sentences(200)[1])
        for word in words_of(text)
    ]
    recognizer, voice = Recognizer(known), ReplyVoice()
    used: set[int] = set()
    for name, texts in (("replies", replies), ("random words", random_words)):
        scores = CodecScores()
        for index, text in enumerate(texts):
            original = voice.speak(text).samples
            original = np.pad(original, (0, -len(original) % TOKEN_SAMPLES))
            codes = codec.encode(torch.from_numpy(original)[None])
            decoded = codec.decode(codes)[0].numpy()
            used.update(codes[0].tolist())
            _count(scores, recognizer, text, original, decoded)
            if save_to is not None and index < _SAVED:
                save_to.mkdir(parents=True, exist_ok=True)
                for kind, sound in (("original", original), ("decoded", decoded)):
                    path = save_to / f"{name.replace(' ', '_')}_{index}_{kind}.wav"
                    write_wav(path, pcm(sound).tobytes())
        yield scores.line(name)
    rms = float(rms_of_code(codec, codec.silence_code))
    yield f"codes in use {len(used)}, silence code {codec.silence_code} with rms {rms:.6f}"


def _count(
    scores: CodecScores,
    recognizer: Recognizer,
    text: str,
    original: NDArray[np.float32],
    decoded: NDArray[np.float32],
) -> None:
    from pystoi import stoi  # training only

    said = words_of(text)
    scores.words += len(said)
    scores.original_errors += edit_distance(recognizer.words(original), said)
    scores.decoded_errors += edit_distance(recognizer.words(decoded), said)
    scores.stoi.append(float(stoi(original, decoded, SAMPLE_RATE)))


def _flat_unigram(words: Sequence[str]) -> str:
    """An ARPA language model in which every word is as likely as any other."""
    chance = -math.log10(len(words) + 1)
    entries = "\n".join(f"{chance:.4f}\t{word}" for word in ("</s>", *words))
    return f"\\data\\\nngram 1={len(words) + 2}\n\n\\1-grams:\n-99\t<s>\n{entries}\n\n\\end\\\n"
