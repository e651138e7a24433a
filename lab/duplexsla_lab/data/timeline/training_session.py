"""A session as it is trained on: two tracks and an action channel, chunk by chunk (paper section 3.1)."""

import random
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import (
    CHUNK_SAMPLES,
    FEATURE_MS,
    FEATURES_PER_CHUNK,
    chunk_at,
)
from duplexsla_lab.data.voices.speech import PHONES

PHONE_DELAYS_S = (0.10, 0.06)  # a feature is asked for the phones this long before its own end
MAX_OUTCOME_WAIT = 24  # chunks, of a device that does not answer


@dataclass(frozen=True, slots=True)
class Reply:
    """The assistant's spoken answer. words: (start s, end s, word); codes: int64 [n, 4], on the grid.

    sound: int16 [up to 2560 n], for its echo, which comes late anyway: without the silence in front; or None.
    """

    words: list[tuple[float, float, str]]
    codes: NDArray[np.int64]
    sound: NDArray[np.int16] | None = None


@dataclass(slots=True)
class TrainingSession:
    """n chunks. samples float32 [2560 n]; anchors int64 [n]; codes int64 [n, 4]; phones int64 [2 n, 2]."""

    samples: NDArray[np.float32]
    anchors: NDArray[np.int64]
    codes: NDArray[np.int64]
    phones: NDArray[np.int64]
    actions: list[list[int]] = field(default_factory=list)  # tokens of each chunk, without <|action_end|>
    forced: list[int] = field(default_factory=list)  # how many of them, from the left, the service wrote
    prompt: str = "home"  # name of the pinned prompt
    given: int = 0  # chunks at the start that are not asked for: they come out of the middle of something
    assistant: NDArray[np.float32] | None = (
        None  # its own voice meanwhile [2560 n]; None where it has no sound
    )

    @property
    def num_chunks(self) -> int:
        return len(self.anchors)

    @property
    def num_positions(self) -> int:
        """Backbone positions: two a chunk, and one for each action token."""
        return 2 * self.num_chunks + sum(map(len, self.actions))

    def cut(self, first: int, end: int, *, given: int) -> "TrainingSession":
        """Chunks first..end-1, the first `given` of them as context."""
        return TrainingSession(
            self.samples[first * CHUNK_SAMPLES : end * CHUNK_SAMPLES],
            self.anchors[first:end],
            self.codes[first:end],
            self.phones[first * FEATURES_PER_CHUNK : end * FEATURES_PER_CHUNK],
            self.actions[first:end],
            self.forced[first:end],
            self.prompt,
            given,
            None if self.assistant is None else self.assistant[first * CHUNK_SAMPLES : end * CHUNK_SAMPLES],
        )


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


def phone_targets(phones: list[tuple[float, str]], num_chunks: int) -> NDArray[np.int64]:
    """Phone class that each 80 ms feature is asked for, int64 [2 n, 2]."""
    starts = np.array([t for t, _ in phones])
    classes = np.array([PHONES.index(phone) for _, phone in phones])
    ends = (np.arange(num_chunks * FEATURES_PER_CHUNK) + 1) * FEATURE_MS / 1000
    asked = ends[:, None] - np.array(PHONE_DELAYS_S)
    return classes[np.maximum(np.searchsorted(starts, asked, side="right") - 1, 0)]
