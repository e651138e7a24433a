"""What sessions say and write in a benchmark: conversations on the clock of the training data.

Weights do not matter, then, and neither does what the vocabulary holds: a script stands where a session's
choices would be, so that the engine computes all that it computes for a model that chose so.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from duplexsla.clock import CHUNK_S, chunk_at
from duplexsla.engine.action_channel import ActionChannel
from duplexsla.engine.engine import Engine
from duplexsla.engine.fused_backbone import Choice
from duplexsla.engine.speculative_decoding import SessionState
from duplexsla.protocol import tokens
from duplexsla.protocol.action_queue import ActionQueue
from duplexsla.protocol.actions import ActionObject, assistant_text, planning_text
from duplexsla.protocol.tokens import Vocabulary

LETTER_S, SPREAD_S, SHORTEST_S = 0.071, 0.09, 0.05  # of a word: as the shipped voice speaks 11,337 of them
OUTCOME = " [ done 21 degrees]"
CALL = ActionObject("open_home_device", 0, "", {"device": "light", "room": "kitchen"})


@dataclass
class Script:
    """The tokens of each chunk; a session goes through them again and again."""

    anchors: list[int]
    actions: list[list[int]]  # without <|action_end|>
    forced: list[str]  # text of the service that comes with the chunk; it is part of `actions` too

    def __len__(self) -> int:
        return len(self.anchors)


@dataclass
class Reader:
    """Chooses what the script says."""

    script: Script
    channel: ActionChannel
    end: int
    chunk: int = -1
    _anchored: bool = False

    def next_chunk(self) -> str:
        """The next chunk begins: the service's text that comes with it."""
        self.chunk, self._anchored = (self.chunk + 1) % len(self.script), False
        return self.script.forced[self.chunk]

    def choose(self) -> int:
        if not self._anchored:
            self._anchored = True
            return self.script.anchors[self.chunk]
        action, written = self.script.actions[self.chunk], len(self.channel.written)
        return action[written] if written < len(action) else self.end


class ScriptBuilder:
    """Builds one script: silence, a spoken request, a call or an answer, a spoken reply."""

    def __init__(self, vocabulary: Vocabulary, rng: random.Random, *, transcribed: bool = True) -> None:
        self._vocabulary, self._rng, self._transcribed = vocabulary, rng, transcribed
        plain = (piece for piece in vocabulary.pieces(range(len(vocabulary))) if piece[1:].isalpha())
        self._words = [piece[1:] for piece in plain if piece[0] == " "]
        self._texts: dict[int, list[str]] = {}
        self._anchors: dict[int, int] = {}
        self._forced: dict[int, str] = {}
        self._now_s = 0.0

    def monologue(self, seconds: float) -> Script:
        """One reply after the other, without a pause and without an end: speech and its transcript alone."""
        while self._now_s < seconds:
            self._sentence(chunk_at(self._now_s))
        script = self._script()
        first, last = min(self._anchors), max(self._anchors)
        return Script(script.anchors[first:last], script.actions[first:last], script.forced[first:last])

    def script(self, seconds: float) -> Script:
        while self._now_s < seconds:
            self._silence(2.0, 8.0)
            request_end = self._request()
            if self._rng.random() < 0.5:
                request_end = self._call(request_end)
            self._reply(request_end)
        return self._script()

    def _silence(self, low_s: float, high_s: float) -> None:
        self._now_s += self._rng.uniform(low_s, high_s)

    def _spoken(self, start_s: float, low: int, high: int) -> Iterator[tuple[float, float, str]]:
        for _ in range(self._rng.randint(low, high)):
            word = "".join(self._rng.choices(self._words, k=1 + (self._rng.random() < 0.1)))
            end_s = start_s + max(SHORTEST_S, self._rng.gauss(LETTER_S * len(word), SPREAD_S))
            yield start_s, end_s, word
            start_s = end_s

    def _write(self, chunk: int, text: str) -> None:
        self._texts.setdefault(chunk, []).append(text)

    def _request(self) -> int:
        """The user's words and their transcript, two chunks behind; returns the chunk of the last word."""
        for _, end_s, word in self._spoken(self._now_s, 4, 9):
            self._now_s = end_s
            self._write(chunk_at(end_s) + 2, f" {word}")
        return chunk_at(self._now_s)

    def _call(self, request_end: int) -> int:
        self._write(request_end + 3, tokens.RESPONSE + CALL.text())
        self._forced[request_end + 8] = OUTCOME
        return request_end + 8

    def _reply(self, request_end: int) -> None:
        self._write(request_end + 1, tokens.RESPONSE)
        self._sentence(request_end + 2)

    def _sentence(self, first: int) -> None:
        """A plan in the chunk before, its words as anchors, and their transcript two chunks behind."""
        words = list(self._spoken(first * CHUNK_S, 5, 14))
        self._write(max(0, first - 1), planning_text(" ".join(word for _, _, word in words)))
        last = chunk_at(words[-1][1])
        self._anchors |= dict.fromkeys(range(first, last + 1), self._vocabulary.id(tokens.TTS_PAD))
        for start_s, end_s, word in words:
            pieces = self._vocabulary.encode(f" {word}")
            for number, piece in enumerate(pieces):
                self._anchors[chunk_at(start_s + (end_s - start_s) * number / len(pieces))] = piece
            if self._transcribed:
                self._write(chunk_at(end_s) + 2, assistant_text(word))
        self._now_s = (last + 1) * CHUNK_S

    def _script(self) -> Script:
        """The texts leave through the queue of the paper; an outcome goes before what is written by then."""
        length, queue, actions = chunk_at(self._now_s) + 20, ActionQueue(), []
        forced = [self._forced.get(chunk, "") for chunk in range(length)]
        for chunk in range(length):
            for text in ([forced[chunk]] if forced[chunk] else []) + self._texts.get(chunk, []):
                queue.put(chunk, len(self._texts), self._vocabulary.pieces(self._vocabulary.encode(text)))
            actions.append([self._vocabulary.id(piece) for piece in queue.take(chunk)])
        assert not queue, "a script ends in silence"
        silence = self._vocabulary.id(tokens.VAD_SILENCE)
        return Script([self._anchors.get(chunk, silence) for chunk in range(length)], actions, forced)


def conversations(vocabulary: Vocabulary, count: int, *, seconds: float = 60.0) -> Sequence[Script]:
    return [ScriptBuilder(vocabulary, random.Random(seed)).script(seconds) for seed in range(count)]


def open_scripted(engine: Engine, scripts: Sequence[Script]) -> dict[int, Reader]:
    """Opens one session for each script: 1, 2, ..."""
    readers = {}
    for session, script in enumerate(scripts, start=1):
        engine.open(session, "home")
        channel = engine._sessions[session].channel
        readers[session] = Reader(script, channel, engine.vocabulary.id(tokens.ACTION_END))

    def chooser(session: SessionState, choice: Choice, numbers: Sequence[int]) -> Callable[[int], int]:
        return lambda at: readers[session.id].choose()

    engine._tick._chooser = chooser  # type: ignore[method-assign]
    return readers
