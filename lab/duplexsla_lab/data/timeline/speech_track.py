"""What the assistant says in a session: sentence by sentence, until it is done or cut."""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, TOKENS_PER_CHUNK, chunk_at
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary
from duplexsla_lab.data.pcm import PCM_SCALE
from duplexsla_lab.data.timeline.training_session import Reply, place_anchors


@dataclass(frozen=True, slots=True)
class ReplySentence:
    """A spoken sentence on the clock: its chunks are first..end-1; `whole` unless it was cut."""

    text: str
    reply: Reply
    first: int
    end: int
    whole: bool = True
    more: bool = False  # another one follows, as far as its plan knows

    @property
    def words(self) -> list[tuple[float, float, str]]:
        """(start s, end s, word) of the words that are heard to their end."""
        start = self.first * CHUNK_S
        placed = [(start + a, start + b, word) for a, b, word in self.reply.words]
        return placed if self.whole else [each for each in placed if chunk_at(each[1]) < self.end]


def anchors_of(reply: Reply, vocabulary: Vocabulary) -> NDArray[np.int64]:
    """The anchor of each chunk of a reply, int64 [n]: its pieces at their times, <tts_pad> between."""
    pieces = []
    for start, end, word in reply.words:
        ids = vocabulary.encode(f" {word}")
        pieces += [(start + (end - start) * i / len(ids), token) for i, token in enumerate(ids)]
    anchors = np.full(max(len(reply.codes), len(pieces)), vocabulary.id(tokens.TTS_PAD))
    for chunk, token in place_anchors(pieces, len(anchors)):
        anchors[chunk] = token
    return anchors


class SpeechTrack:
    """Sentences wait; one is planned when the one before it ends, and sounds from the next chunk on."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._waiting: deque[tuple[str, Reply | None]] = deque()
        self._planned: tuple[str, Reply | None, bool] | None = None  # text, sound, whether more follows
        self._plans = 0
        self._words_before = 0  # of the sentences before the current one, since it was last idle
        self.said: list[ReplySentence] = []

    def idle(self, chunk: int) -> bool:
        """Whether nothing sounds at `chunk` or is about to."""
        return not self._waiting and self._planned is None and not self._sounding(chunk)

    def say(self, sentences: list[tuple[str, Reply | None]], chunk: int) -> None:
        """Sentences to say, after what is being said. One without sound is planned and not said."""
        if self.idle(chunk):
            self._words_before = sum(len(each.words) for each in self.said)
        self._waiting.extend(sentences)

    def to_plan(self, chunk: int) -> tuple[int, str, bool] | None:
        """Number and text of the sentence whose plan is due in this chunk, for nothing sounds after it, and
        whether another one follows."""
        if not self._waiting or self._planned is not None or self._sounding(chunk + 1):
            return None
        text, reply = self._waiting.popleft()
        more = reply is not None and bool(self._waiting)
        self._planned = text, reply, more
        self._plans += 1
        return self._plans, text, more

    def plan_begun(self, number: int, chunk: int) -> None:
        """That plan's first token stands in `chunk`: the sentence sounds from the next one."""
        if self._planned is None or number != self._plans:
            return  # cut in the meantime
        (text, reply, more), self._planned = self._planned, None
        if reply is None:
            self._waiting.clear()
            return
        length = len(anchors_of(reply, self._vocabulary))
        self.said.append(ReplySentence(text, reply, chunk + 1, chunk + 1 + length, more=more))

    def cut(self, chunk: int) -> None:
        """Silence from `chunk` on: what sounds ends there, what waits is dropped."""
        self._waiting.clear()
        self._planned = None
        if self._sounding(chunk):
            self.said[-1] = replace(self.said[-1], end=chunk, whole=False)

    def words_ending(self, chunk: int) -> list[tuple[float, str]]:
        """(end s, word) of the words that end in `chunk`."""
        return [
            (end, word)
            for each in self.said[-2:]
            for _, end, word in each.words
            if min(chunk_at(end), each.end - 1) == chunk
        ]

    def word_end_s(self, number: int) -> float | None:
        """When the `number`-th word since it was last idle ends; None before its sentence is begun."""
        words = [word for each in self.said for word in each.words][self._words_before :]
        return words[number - 1][1] if number <= len(words) else None

    def sound(self, num_chunks: int) -> NDArray[np.float32] | None:
        """What was said, until it was cut, float32 [2560 n]; None when no sentence has a sound."""
        heard = [each for each in self.said if each.reply.sound is not None]
        track = np.zeros(num_chunks * CHUNK_SAMPLES, np.float32)
        for sentence in heard:
            first, end = sentence.first * CHUNK_SAMPLES, min(sentence.end, num_chunks) * CHUNK_SAMPLES
            sound = np.asarray(sentence.reply.sound)[: max(0, end - first)]
            track[first : first + len(sound)] = sound.astype(np.float32) * PCM_SCALE
        return track if heard else None

    def anchors_and_codes(
        self, num_chunks: int, silence_code: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Anchors [n] and codes [n, 4] of the whole session."""
        anchors = np.full(num_chunks, self._vocabulary.id(tokens.VAD_SILENCE))
        codes = np.full((num_chunks, TOKENS_PER_CHUNK), silence_code)
        for each in self.said:
            length = each.end - each.first
            anchors[each.first : each.end] = anchors_of(each.reply, self._vocabulary)[:length]
            sound = each.reply.codes[:length]
            codes[each.first : each.first + len(sound)] = sound
        return anchors, codes

    def _sounding(self, chunk: int) -> bool:
        return bool(self.said) and self.said[-1].first <= chunk < self.said[-1].end
