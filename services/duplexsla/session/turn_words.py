"""The words of a session's turns: as evidence of what was asked for, as an account, and the newest of them.

Time is counted in chunks of the session. Nothing waits.
"""

from typing import NamedTuple

from duplexsla.gates.claims import asks_for_effect, claims_effect
from duplexsla.protocol import tokens
from duplexsla.protocol.action_parser import ToolCall
from duplexsla.v1.action_pb2 import Evidence
from duplexsla.v1.decoder_pb2 import ClosedCall

HEARING_LAG_CHUNKS = 4  # from a word's end to its place in the transcript, and to the call that follows
MAX_TURN_CHARS = 512


class TurnEvidence:
    """What speaks for it that the user asked for an action: words, whose voice, how sure the model was.

    A turn is what the model has written of it: it ends with a label, the next word begins another.
    """

    def __init__(self) -> None:
        self._words = ""
        self._over = False
        self._next_chunk = 0
        self._lost_before = -1  # the newest chunk whose predecessor was lost; -1: none
        self._spoke_at = -HEARING_LAG_CHUNKS - 1  # the newest chunk in which the assistant's voice sounded

    def hear(self, text: str) -> None:
        """The transcript goes on."""
        if self._over:
            self._words, self._over = "", False
        self._words = (self._words + text)[-MAX_TURN_CHARS:]

    def end(self) -> None:
        """A label: the turn is over."""
        self._over = True

    def say(self, chunk: int, anchor: str) -> None:
        """The assistant's anchor of a chunk; the chunks since the one before are lost."""
        if chunk != self._next_chunk:
            self._lost_before = chunk
        self._next_chunk = chunk + 1
        if anchor != tokens.VAD_SILENCE:
            self._spoke_at = chunk

    def evidence(self, call: ToolCall, told: ClosedCall, *, attended: bool) -> Evidence:
        """Of a call and what the decoder told of it: of another text, where chunks of the call were lost."""
        if call.trigger_chunk < self._lost_before <= call.closed_chunk:
            told = ClosedCall()
        return Evidence(
            function_p=told.function_p,
            argument_p=told.argument_p,
            margin=told.margin,
            confidence=told.confidence,
            calibrated=told.calibrated,
            attended=attended,
            over_own_voice=self._spoke_at >= call.trigger_chunk - HEARING_LAG_CHUNKS,
            transcript=self._words.strip(),
        )


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
    """Whether a call followed a request, and whether what was said to be done was (I11).

    Figures for those who run the service; nothing acts on them.
    """

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


MAX_RECENT_CHARS = 22  # of each side; a line of the service has room for both


class RecentWords:
    """The end of the user's newest turn, and of what was said last, for a model that knows no dialogue."""

    def __init__(self) -> None:
        self._heard, self._said = "", ""
        self._heard_over = self._said_over = False

    def hear(self, text: str) -> None:
        """The user's transcript goes on."""
        self._heard = _newest(text if self._heard_over else self._heard + text)
        self._heard_over = False

    def say(self, text: str) -> None:
        """The assistant's words go on."""
        self._said = _newest(text if self._said_over else self._said + text)
        self._said_over = False

    def end_turn(self) -> None:
        """A label: the next word of the user begins a turn, the next of the assistant a reply."""
        self._heard_over = self._said_over = True

    def __str__(self) -> str:
        """ "turn on the light you okay the light"; empty where nobody has spoken."""
        said = f"you {self._said}" if self._said else ""
        return f"{self._heard} {said}".strip()


def _newest(text: str) -> str:
    """The end of it, from a word's beginning; a longer word is cut."""
    end = text[-MAX_RECENT_CHARS - 1 :]
    return end if len(text) <= MAX_RECENT_CHARS or " " not in end else end[end.index(" ") + 1 :]
