"""How long a user waits: from the end of an utterance to the first sound of the reply, and to the call."""

from typing import NamedTuple

from duplexsla.clock import CHUNK_S
from duplexsla_loadtest.metrics import MetricsRecorder
from duplexsla_loadtest.speaker import SaidLine

ANSWER_TIMEOUT_S = 3.0  # for an answer, before a conversation may end


class _Pending(NamedTuple):
    """Something said that is not answered yet."""

    begun_s: float  # it counts for the second in which it began
    ends_s: float  # of the voice
    function: str = ""


class TurnLatency:
    """The turns of one conversation, and what answered them. Times in seconds of the run.

    Counts: turns, early_replies (sound before the user's end), unanswered_turns (no sound before the next
    one), asks, asks_met, asks_unmet. Times: first_sound, call (from the user's end to the function that was
    asked for).
    """

    def __init__(self, metrics: MetricsRecorder) -> None:
        self._metrics = metrics
        self._turn: _Pending | None = None  # has no sound yet
        self._ask: _Pending | None = None  # has no call yet
        self._sounds = False

    def on_utterance(self, utterance: SaidLine, due_s: float) -> None:
        """An utterance begins with the chunk that is due at `due_s`."""
        pending = _Pending(due_s, due_s - CHUNK_S + utterance.voice_ends_s, utterance.asks)
        if utterance.awaits_reply:
            self._count_unanswered()
            self._turn = pending
            self._metrics.count(due_s, "turns")
        if utterance.asks:
            self._ask = pending
            self._metrics.count(due_s, "asks")

    def on_chunk(self, sounds: bool, at_s: float) -> None:
        begins, self._sounds = sounds and not self._sounds, sounds
        if not begins or self._turn is None:
            return
        begun_s, ends_s, _ = self._turn
        if at_s < ends_s:
            self._metrics.count(begun_s, "early_replies")
        else:
            self._metrics.time(begun_s, "first_sound", 1e3 * (at_s - ends_s))
        self._turn = None

    def on_action(self, function: str, at_s: float) -> None:
        if self._ask is None or self._ask.function != function:
            return
        self._metrics.count(self._ask.begun_s, "asks_met")
        self._metrics.time(self._ask.begun_s, "call", 1e3 * (at_s - self._ask.ends_s))
        self._ask = None

    def close(self, at_s: float) -> None:
        """The conversation ends; what came just before counts as neither answered nor unanswered."""
        if self._turn is not None and at_s - self._turn.ends_s < ANSWER_TIMEOUT_S:
            self._turn = None
        if self._ask is not None and at_s - self._ask.ends_s < ANSWER_TIMEOUT_S:
            self._ask = None
        self._count_unanswered()

    def _count_unanswered(self) -> None:
        if self._turn is not None:
            self._metrics.count(self._turn.begun_s, "unanswered_turns")
        if self._ask is not None:
            self._metrics.count(self._ask.begun_s, "asks_unmet")
        self._turn = self._ask = None
