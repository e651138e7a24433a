"""How long a user waits: from the end of an utterance to the first sound of the reply, and to the call."""

from typing import NamedTuple

from duplexsla.clock import CHUNK_S
from duplexsla.loadtest.speaker import Turn
from duplexsla.loadtest.tally import Sheet

PATIENCE_S = 3.0  # for an answer, before a conversation may end


class _Ask(NamedTuple):
    function: str
    ends_s: float


class Floor:
    """The turns of one conversation, and what answered them. Times in seconds of the run.

    Counts: turns, early_replies (sound before the user's end), unanswered_turns (no sound before the next
    one), asks, asks_met, asks_unmet. Times: first_sound, call (from the user's end to the function that was
    asked for).
    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._awaited_s: float | None = None  # the end of the turn that waits for sound
        self._ask: _Ask | None = None
        self._sounds = False

    def turn(self, turn: Turn, due_s: float) -> None:
        """An utterance begins with the chunk that is due at `due_s`."""
        ends_s = due_s - CHUNK_S + turn.voice_ends_s
        if turn.awaits_reply:
            self._give_up(due_s)
            self._awaited_s = ends_s
            self._sheet.count(due_s, "turns")
        if turn.asks:
            self._ask = _Ask(turn.asks, ends_s)
            self._sheet.count(due_s, "asks")

    def hear(self, sounds: bool, at_s: float) -> None:
        begins, self._sounds = sounds and not self._sounds, sounds
        if not begins or self._awaited_s is None:
            return
        if at_s < self._awaited_s:
            self._sheet.count(at_s, "early_replies")
        else:
            self._sheet.time(at_s, "first_sound", 1e3 * (at_s - self._awaited_s))
        self._awaited_s = None

    def act(self, function: str, at_s: float) -> None:
        if self._ask is None or self._ask.function != function:
            return
        self._sheet.count(at_s, "asks_met")
        self._sheet.time(at_s, "call", 1e3 * (at_s - self._ask.ends_s))
        self._ask = None

    def close(self, at_s: float) -> None:
        """The conversation ends; what came just before counts as neither answered nor unanswered."""
        if self._awaited_s is not None and at_s - self._awaited_s < PATIENCE_S:
            self._awaited_s = None
        if self._ask is not None and at_s - self._ask.ends_s < PATIENCE_S:
            self._ask = None
        self._give_up(at_s)

    def _give_up(self, at_s: float) -> None:
        if self._awaited_s is not None:
            self._sheet.count(at_s, "unanswered_turns")
        if self._ask is not None:
            self._sheet.count(at_s, "asks_unmet")
        self._awaited_s = self._ask = None
