"""A case's history as the engine's prefix: what was heard, anchors, codes and action pieces."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from duplexsla.clock import ACTION_BUDGET, TOKENS_PER_CHUNK
from duplexsla.engine.prefix import Prefix, PrefixChunk
from duplexsla.model.codec_file import load_codec
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary
from duplexsla_lab.bench.case import AssistantTrack, CaseSentence, CaseTurn, Samples
from duplexsla_lab.bench.conversation import into_chunks
from duplexsla_lab.data.pcm import FULL_SCALE
from duplexsla_lab.data.timeline.reply_grid import codes_of
from duplexsla_lab.data.timeline.speech_track import anchors_of
from duplexsla_lab.data.timeline.training_session import Reply

Codes = NDArray[np.int64]
Encode = Callable[[Samples], Codes]
"""A sentence's sound, int16 [2560 n] -> its codes [n, 4]."""

Segment = tuple[list[str], int]  # a chunk's pieces, and how many of them, from the left, the service wrote


def encoder(folder: Path) -> tuple[Encode, int]:
    """Of a model's codec, and its code of silence. Raises CheckpointError."""
    codec = load_codec(folder, with_encoder=True)

    def encode(sound: Samples) -> Codes:
        with torch.inference_mode():
            return codes_of(codec, sound.astype(np.float32) / FULL_SCALE)

    return encode, codec.silence_code


class CasePrefixes:
    """Prefixes for engines of one codec and vocabulary; each sentence is encoded once."""

    def __init__(self, encode: Encode, silence_code: int, vocabulary: Vocabulary) -> None:
        self._encode, self._silence_code, self._vocabulary = encode, silence_code, vocabulary
        self._codes: dict[bytes, Codes] = {}

    def prefix(self, toolset: str, history: Sequence[CaseTurn]) -> Prefix | None:
        """None for a history without tracks: it can only be heard."""
        chunks: list[PrefixChunk] = []
        for turn in history:
            if turn.track is None:
                return None
            chunks += self._turn(turn.samples(), turn.track)
        return Prefix(toolset, 0, chunks)

    def _turn(self, heard: Samples, track: AssistantTrack) -> Iterator[PrefixChunk]:
        anchors = [tokens.VAD_SILENCE] * track.chunks
        codes = np.full((track.chunks, TOKENS_PER_CHUNK), self._silence_code)
        for each in track.sentences:
            length = each.end - each.first  # of another vocabulary's anchors: this one's may be fewer
            sound = self._codes_of(each)[:length]
            said = anchors_of(Reply(list(each.words), sound), self._vocabulary).tolist()
            pieces = [*self._vocabulary.pieces(said), *[tokens.TTS_PAD] * length]
            anchors[each.first : each.end] = pieces[:length]
            codes[each.first : each.first + len(sound)] = sound
        rows = segments(track, self._vocabulary)
        for sample, anchor, four, (written, forced) in zip(
            into_chunks(heard), anchors, codes, rows, strict=True
        ):
            yield PrefixChunk(sample, anchor, tuple(four.tolist()), (*written, tokens.ACTION_END), forced)

    def _codes_of(self, sentence: CaseSentence) -> Codes:
        key = hashlib.sha256(sentence.sound.tobytes()).digest()
        if key not in self._codes:
            self._codes[key] = self._encode(sentence.sound)
        return self._codes[key]


def segments(track: AssistantTrack, vocabulary: Vocabulary, *, budget: int = ACTION_BUDGET) -> list[Segment]:
    """The action channel in a vocabulary's own pieces: a piece stands in the chunk of its first character,
    or later where that chunk is full."""
    starts = [0, *accumulate(len(each.text) for each in track.writing)]
    pieces = vocabulary.pieces(vocabulary.encode("".join(each.text for each in track.writing)))
    ends = list(accumulate(map(len, pieces)))
    chunks: list[Segment] = [([], 0) for _ in range(track.chunks)]
    full = 0  # chunks before this one take no more
    for piece, end in zip(pieces, ends, strict=True):
        begin = end - len(piece)
        number = int(np.searchsorted(starts, begin, side="right")) - 1
        each = track.writing[number]
        chunk = max(full, each.chunk)
        while chunk < track.chunks and len(chunks[chunk][0]) >= budget:
            chunk += 1
        full = chunk
        if chunk < track.chunks:
            written, forced = chunks[chunk]
            of_service = (
                chunk == each.chunk and begin - starts[number] < each.forced and forced == len(written)
            )
            chunks[chunk] = ([*written, piece], forced + of_service)
    return chunks
