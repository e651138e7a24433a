"""What a turn came to: whether a call followed a request, and whether what was said to be done was (I11).

Figures for those who run the service; nothing acts on them. Time is counted in chunks of the session.
"""

from typing import NamedTuple

from duplexsla.gates.claims import asks_for_effect, claims_effect
from duplexsla.protocol import tokens

CALL_CHUNKS = 25  # 4 s from the last word of a request to the call that it leads to
TOLD_CHUNKS = 188  # 30 s in which an outcome may be spoken about
MAX_SAID_CHARS = 512


class TurnFindings(NamedTuple):
    """Of one chunk; empty for nothing."""

    request: str = ""  # "called", or "ignored": a request was heard, and no call came
    claim: str = ""  # "kept", or "broken": it was said to be done, and no outcome had told so
    said: str = ""  # with a claim
    first_chunk: int = 0  # of what was said


NOTHING_FOUND = TurnFindings()


class TurnAccount:
    """Of one session."""

    def __init__(self) -> None:
        self._chunk = 0
        self._words, self._heard_at, self._over, self._called = "", 0, False, False
        self._said, self._said_at = "", 0
        self._told_at: int | None = None  # chunk of the newest outcome that told of an effect
        self._request = ""  # found, and not given out

    def hear(self, text: str, *, attended: bool) -> None:
        """The transcript goes on; what was not said to the service asks nothing of it."""
        if self._over:
            self._end_turn()
        if attended:
            self._words = (self._words + text)[-MAX_SAID_CHARS:]
            self._heard_at = self._chunk

    def end(self) -> None:
        """A label: what is heard next is another turn."""
        self._over = True

    def call(self) -> None:
        self._called = True

    def tell(self) -> None:
        """An outcome, or an event of the room, tells of an effect; or nobody knows what was told."""
        self._told_at = self._chunk

    def say(self, chunk: int, anchor: str, *, heard: bool) -> TurnFindings:
        """The assistant's anchor of a chunk, if somebody hears it."""
        self._chunk = chunk
        if self._words and chunk - self._heard_at > CALL_CHUNKS:
            self._end_turn()
        request, self._request = self._request, ""
        if heard and anchor != tokens.VAD_SILENCE:
            if not self._said:
                self._said_at = chunk
            self._said = (self._said + anchor.replace(tokens.TTS_PAD, ""))[-MAX_SAID_CHARS:]
            return TurnFindings(request) if request else NOTHING_FOUND
        said, self._said = self._said.strip(), ""
        if said and claims_effect(said):
            return TurnFindings(request, self._judged(), said, self._said_at)
        return TurnFindings(request) if request else NOTHING_FOUND

    def _judged(self) -> str:
        told = self._told_at
        known = told is not None and told <= self._said_at <= told + TOLD_CHUNKS
        return "kept" if known else "broken"

    def _end_turn(self) -> None:
        if self._words and asks_for_effect(self._words):
            self._request = "called" if self._called else "ignored"
        self._words, self._over, self._called = "", False, False
