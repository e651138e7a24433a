"""Lays exchanges on the conversational clock: two tracks and an action channel (paper section 3.3).

The user's words are transcribed two chunks after they end, the response label comes three chunks after the
request, the call follows through the action queue, its outcome is fed in, the reply's text comes before its
sound.
"""

import random
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import (
    CHUNK_S,
    CHUNK_SAMPLES,
    FEATURE_MS,
    FEATURES_PER_CHUNK,
    SAMPLE_RATE,
    TOKENS_PER_CHUNK,
    chunk_at,
)
from duplexsla.data.speech import PHONES, SILENCE
from duplexsla.protocol import tokens
from duplexsla.protocol.action_queue import ActionQueue
from duplexsla.protocol.vocabulary import Vocabulary

TRANSCRIPT_LAG = 2  # chunks after a word's end (appendix A.1)
RESPONSE_LAG = 3  # chunks after the last word's end
PHONE_DELAYS_S = (0.10, 0.06)  # a feature is asked for the phones this long before its own end
MAX_OUTCOME_WAIT = 24  # chunks, of a device that does not answer


@dataclass(frozen=True, slots=True)
class Reply:
    """The assistant's spoken answer. words: (start s, end s, word); codes: int64 [n, 4], on the grid."""

    words: list[tuple[float, float, str]]
    codes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange: a spoken request, what it calls, what became of it and what is answered."""

    samples: NDArray[np.float32]  # [N], 16 kHz
    words: list[tuple[float, float, str]]
    phones: list[tuple[float, str]]
    call: str  # JSON of the call as the model writes it; "" without one
    outcome: str  # text fed to the action channel; "" without a call
    reply_text: str
    reply: Reply | None  # None: the session ends before the reply is spoken


@dataclass(slots=True)
class Session:
    """n chunks. samples float32 [2560 n]; anchors int64 [n]; codes int64 [n, 4]; phones int64 [2 n, 2]."""

    samples: NDArray[np.float32]
    anchors: NDArray[np.int64]
    codes: NDArray[np.int64]
    phones: NDArray[np.int64]
    actions: list[list[int]] = field(default_factory=list)  # tokens of each chunk, without <|action_end|>
    forced: list[int] = field(default_factory=list)  # how many of them, from the left, the service wrote

    @property
    def num_chunks(self) -> int:
        return len(self.anchors)


def place_anchors(pieces: list[tuple[float, int]], num_chunks: int) -> list[tuple[int, int]]:
    """(start s, token) -> (chunk, token): one a chunk, at its own time; crowded ones are pushed earlier."""
    at = [min(chunk_at(start), num_chunks - 1) for start, _ in pieces]
    for i in reversed(range(len(at) - 1)):
        at[i] = min(at[i], at[i + 1] - 1)
    for i in range(len(at)):
        at[i] = max(at[i], i, at[i - 1] + 1 if i else 0)
    return [(chunk, token) for chunk, (_, token) in zip(at, pieces, strict=True)]


def outcome_wait(outcome: str, rng: random.Random) -> int:
    """Chunks between a call's end and its outcome: an answer is quick, silence takes its time."""
    if outcome.startswith((" [ silent", " [ late")):
        return rng.randint(2, MAX_OUTCOME_WAIT)
    wait = 1
    while wait < 8 and rng.random() < 0.3:
        wait += 1
    return wait


class SessionBuilder:
    """Grows one session turn by turn; `finish` makes the arrays."""

    def __init__(self, vocabulary: Vocabulary, *, silence_code: int, rng: random.Random) -> None:
        self._vocabulary, self._silence_code, self._rng = vocabulary, silence_code, rng
        self._queue = ActionQueue()
        self._pushed = 0
        self._anchors: dict[int, int] = {}
        self._codes: dict[int, NDArray[np.int64]] = {}
        self._actions: list[list[int]] = []
        self._forced: dict[int, int] = {}
        self._sounds: list[tuple[int, NDArray[np.float32]]] = []  # first sample, samples
        self._phones: list[tuple[float, str]] = [(0.0, SILENCE)]
        self._end = 0  # chunks so far

    def _drain(self, through: int) -> None:
        """Writes the action segments of all chunks up to and including `through`."""
        while len(self._actions) <= through:
            pieces = self._queue.take(len(self._actions))
            self._actions.append([self._vocabulary.id(piece) for piece in pieces])

    def _push(self, chunk: int, text: str) -> None:
        self._pushed += 1
        pieces = self._vocabulary.pieces(self._vocabulary.encode(text))
        self._queue.put(max(chunk, len(self._actions)), self._pushed, pieces)

    def _drain_queue(self) -> int:
        """Drains until the queue is empty; returns the last chunk written."""
        while self._queue:
            self._drain(len(self._actions))
        return len(self._actions) - 1

    def _outcome_wait(self, outcome: str) -> int:
        return outcome_wait(outcome, self._rng)

    def add(self, turn: Turn, *, silence_s: float) -> None:
        """Appends a turn after `silence_s` of silence; the next one may follow when its reply has ended."""
        start_s = self._end * CHUNK_S + silence_s
        self._sounds.append((int(start_s * SAMPLE_RATE), turn.samples))
        self._phones += [(start_s + t, phone) for t, phone in turn.phones]
        self._phones.append((start_s + len(turn.samples) / SAMPLE_RATE, SILENCE))
        for _, end, word in turn.words:
            self._push(chunk_at(start_s + end) + TRANSCRIPT_LAG, f" {word}")
        response = chunk_at(start_s + turn.words[-1][1]) + RESPONSE_LAG
        plan = f"{tokens.PLANNING_OPEN} {turn.reply_text}{tokens.PLANNING_CLOSE}"
        call = f"{tokens.TOOLCALL_BEGIN}{turn.call}{tokens.TOOLCALL_END}"
        self._push(response, tokens.RESPONSE + (call if turn.call else plan))
        self._drain(response)
        planned = self._feed_outcome(turn.outcome, plan) if turn.call else response
        self._end = self._speak(turn.reply, planned + 1) if turn.reply else self._drain_queue() + 1
        self._drain(self._end - 1)

    def _feed_outcome(self, outcome: str, plan: str) -> int:
        """Feeds the outcome once the call is written, and plans the reply; returns the chunk of both."""
        chunk = self._drain_queue() + self._outcome_wait(outcome)
        self._drain(chunk - 1)
        self._forced[chunk] = len(self._vocabulary.encode(outcome))
        self._push(chunk, outcome + plan)
        self._drain(chunk)
        return chunk

    def _speak(self, reply: Reply, first: int) -> int:
        """Puts the reply's anchors and codes at chunk `first` and on; returns the chunk after it."""
        pieces = []
        for start, end, word in reply.words:
            ids = self._vocabulary.encode(f" {word}")
            pieces += [(start + (end - start) * i / len(ids), token) for i, token in enumerate(ids)]
        num_chunks = max(len(reply.codes), len(pieces))
        for c in range(num_chunks):
            self._anchors[first + c] = self._vocabulary.id(tokens.TTS_PAD)
            if c < len(reply.codes):
                self._codes[first + c] = reply.codes[c]
        for chunk, token in place_anchors(pieces, num_chunks):
            self._anchors[first + chunk] = token
        return max(self._drain_queue(), first + num_chunks - 1) + 1

    def finish(self, *, silence_chunks: int) -> Session:
        """The arrays, with `silence_chunks` of silence at the end."""
        n = self._end + silence_chunks
        self._drain(n - 1)
        samples = np.zeros(n * CHUNK_SAMPLES, np.float32)
        for first, sound in self._sounds:
            samples[first : first + len(sound)] += sound[: max(0, len(samples) - first)]
        anchors = np.full(n, self._vocabulary.id(tokens.VAD_SILENCE))
        codes = np.full((n, TOKENS_PER_CHUNK), self._silence_code)
        for chunk, token in self._anchors.items():
            anchors[chunk] = token
        for chunk, four in self._codes.items():
            codes[chunk] = four
        return Session(
            samples,
            anchors,
            codes,
            phone_targets(self._phones, n),
            self._actions,
            [self._forced.get(c, 0) for c in range(n)],
        )


def phone_targets(phones: list[tuple[float, str]], num_chunks: int) -> NDArray[np.int64]:
    """Phone class that each 80 ms feature is asked for, int64 [2 n, 2]."""
    starts = np.array([t for t, _ in phones])
    classes = np.array([PHONES.index(phone) for _, phone in phones])
    ends = (np.arange(num_chunks * FEATURES_PER_CHUNK) + 1) * FEATURE_MS / 1000
    asked = ends[:, None] - np.array(PHONE_DELAYS_S)
    return classes[np.maximum(np.searchsorted(starts, asked, side="right") - 1, 0)]
