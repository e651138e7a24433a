"""One caller's side of a conversation: which chunk comes next, given what was heard. No network, no clock."""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from duplexsla.clock import CHUNK_BYTES, CHUNK_S, CHUNK_SAMPLES
from duplexsla_loadtest.mix import CallerKind, ScriptLine

NOISE_CHUNKS = 25  # of noise, over and over


@dataclass(frozen=True)
class SaidLine:
    """An utterance that begins; its voice ends `voice_ends_s` after the beginning of its first chunk."""

    voice_ends_s: float
    asks: str
    awaits_reply: bool


class Speaker:
    """Chunks of one caller. `rng` draws all that is random."""

    def __init__(self, kind: CallerKind, rng: random.Random, *, noise_dbfs: float | None = None) -> None:
        self._kind, self._rng = kind, rng
        self._noise = room_noise(noise_dbfs)
        self._tick = 0
        self._line: ScriptLine | None = None
        self._position = 0
        self._silent_until = self._tick + self._pause()
        self._react_at: int | None = None
        self._assistant_speaks = False
        self._order: deque[ScriptLine] = deque()

    def next(self) -> tuple[bytes, SaidLine | None]:
        """The chunk (CHUNK_BYTES) of this 160 ms, and the utterance that begins with it."""
        utterance = self._begin() if self._line is None else None
        self._tick += 1
        if self._line is None:
            return self._noise[self._tick % len(self._noise)], None
        chunks = self._line.recording.chunks
        chunk = chunks[self._position]
        self._position += 1
        if self._position == len(chunks):
            self._line = None
            self._silent_until = self._tick + self._pause()
        return chunk, utterance

    def on_chunk(self, sounds: bool) -> None:
        """A chunk of the assistant came; `sounds`: it holds sound."""
        begins, self._assistant_speaks = sounds and not self._assistant_speaks, sounds
        reaction = self._kind.reaction
        if begins and reaction is not None and self._line is None and self._rng.random() < reaction.chance:
            self._react_at = self._tick + round(reaction.after_s.draw(self._rng) / CHUNK_S)

    def _begin(self) -> SaidLine | None:
        """Begins to speak when it is time to."""
        reaction = self._kind.reaction
        if reaction is not None and self._react_at is not None and self._tick >= self._react_at:
            self._react_at = None
            if self._assistant_speaks:
                return self._speak(self._rng.choice(reaction.say), awaits_reply=reaction.yields)
        if self._kind.say and self._tick >= self._silent_until:
            return self._speak(self._next_line(), awaits_reply=True)
        return None

    def _speak(self, line: ScriptLine, *, awaits_reply: bool) -> SaidLine:
        self._line, self._position, self._react_at = line, 0, None
        return SaidLine(line.recording.voice_ends_s, line.asks, awaits_reply)

    def _pause(self) -> int:
        return round(self._kind.pause_s.draw(self._rng) / CHUNK_S)

    def _next_line(self) -> ScriptLine:
        """All lines in random order, again and again."""
        if not self._order:
            self._order.extend(self._rng.sample(self._kind.say, len(self._kind.say)))
        return self._order.popleft()


@cache
def room_noise(noise_dbfs: float | None) -> Sequence[bytes]:
    """Chunks of a room's noise (RMS in dB of full scale), or of digital silence."""
    if noise_dbfs is None:
        return [bytes(CHUNK_BYTES)]
    deviation = 32_768 * 10 ** (noise_dbfs / 20)
    noise = np.random.default_rng(0).normal(0.0, deviation, (NOISE_CHUNKS, CHUNK_SAMPLES))
    return [row.tobytes() for row in np.clip(np.rint(noise), -32_768, 32_767).astype(np.int16)]
