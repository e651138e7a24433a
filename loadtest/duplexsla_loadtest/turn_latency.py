"""How long a user waits: from the end of an utterance to the first sound of the reply, and to the call."""

from typing import NamedTuple

from duplexsla.clock import CHUNK_S
from duplexsla_loadtest.metrics import MetricSheet
from duplexsla_loadtest.speaker import SpeakerTurn

PATIENCE_S = 3.0  # for an answer, before a conversation may end


class _Waiting(NamedTuple):
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

    def __init__(self, sheet: MetricSheet) -> None:
        self._sheet = sheet
        self._turn: _Waiting | None = None  # waits for sound
        self._ask: _Waiting | None = None  # waits for a call
        self._sounds = False

    def turn(self, turn: SpeakerTurn, due_s: float) -> None:
        """An utterance begins with the chunk that is due at `due_s`."""
        said = _Waiting(due_s, due_s - CHUNK_S + turn.voice_ends_s, turn.asks)
        if turn.awaits_reply:
            self._give_up()
            self._turn = said
            self._sheet.count(due_s, "turns")
        if turn.asks:
            self._ask = said
            self._sheet.count(due_s, "asks")

    def hear(self, sounds: bool, at_s: float) -> None:
        begins, self._sounds = sounds and not self._sounds, sounds
        if not begins or self._turn is None:
            return
        begun_s, ends_s, _ = self._turn
        if at_s < ends_s:
            self._sheet.count(begun_s, "early_replies")
        else:
            self._sheet.time(begun_s, "first_sound", 1e3 * (at_s - ends_s))
        self._turn = None

    def act(self, function: str, at_s: float) -> None:
        if self._ask is None or self._ask.function != function:
            return
        self._sheet.count(self._ask.begun_s, "asks_met")
        self._sheet.time(self._ask.begun_s, "call", 1e3 * (at_s - self._ask.ends_s))
        self._ask = None

    def close(self, at_s: float) -> None:
        """The conversation ends; what came just before counts as neither answered nor unanswered."""
        if self._turn is not None and at_s - self._turn.ends_s < PATIENCE_S:
            self._turn = None
        if self._ask is not None and at_s - self._ask.ends_s < PATIENCE_S:
            self._ask = None
        self._give_up()

    def _give_up(self) -> None:
        if self._turn is not None:
            self._sheet.count(self._turn.begun_s, "unanswered_turns")
        if self._ask is not None:
            self._sheet.count(self._ask.begun_s, "asks_unmet")
        self._turn = self._ask = None
