"""What speaks for it that the user asked for an action: the words of the turn, and whose voice sounded."""

from duplexsla.protocol import tokens
from duplexsla.v1.action_pb2 import Evidence

HEARING_LAG_CHUNKS = 4  # from a word's end to its place in the transcript, and to the call that follows
MAX_TURN_CHARS = 512


class TurnEvidence:
    """The user's turn as the model has written it down: it ends with a label, the next word begins another.

    How sure the model was of a call (`function_p`, `argument_p`, `margin`) is 0: not known.
    """

    def __init__(self) -> None:
        self._words = ""
        self._over = False
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
        """The assistant's anchor of a chunk."""
        if anchor != tokens.VAD_SILENCE:
            self._spoke_at = chunk

    def evidence(self, trigger_chunk: int, *, attended: bool) -> Evidence:
        return Evidence(
            attended=attended,
            over_own_voice=self._spoke_at >= trigger_chunk - HEARING_LAG_CHUNKS,
            transcript=self._words.strip(),
        )
