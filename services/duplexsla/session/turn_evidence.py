"""What speaks for it that the user asked for an action: words, whose voice it was, how sure the model was."""

from duplexsla.protocol import tokens
from duplexsla.protocol.action_parser import ToolCall
from duplexsla.v1.action_pb2 import Evidence
from duplexsla.v1.decoder_pb2 import ClosedCall

HEARING_LAG_CHUNKS = 4  # from a word's end to its place in the transcript, and to the call that follows
MAX_TURN_CHARS = 512


class TurnEvidence:
    """The user's turn as the model has written it: it ends with a label, the next word begins another."""

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
