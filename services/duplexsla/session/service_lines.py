"""What the service has to say to the model on the action channel, until a decoder is given it."""

from collections import deque

from duplexsla.protocol import tokens
from duplexsla.v1.journal_pb2 import SessionRecord

MAX_LINES = 16  # that wait to be written; the oldest goes


class ServiceLines:
    """Of one session."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._is_reply: bool | None = None  # of one to be said that is not written yet; None: there is none

    def add(self, line: str, *, is_reply: bool = False, is_said: bool = False) -> None:
        """`is_said`: the model is expected to say something; `is_reply`: to somebody who spoke to us."""
        if line:
            self._lines.append(line)
            if is_said:
                self._is_reply = is_reply

    def take(self) -> str:
        """What the decoder must write next; empty for nothing."""
        text = "".join(self._lines)
        self._lines.clear()
        return text

    def written(self, text: str) -> bool | None:
        """The decoder has written this text of the service. Once a line that is to be said has ended: whether
        it is a reply.
        """
        if self._is_reply is None or tokens.OUTCOME_CLOSE.strip() not in text:
            return None
        is_reply, self._is_reply = self._is_reply, None
        return is_reply

    def save(self, record: SessionRecord) -> None:
        record.forced = "".join(self._lines)

    def restore(self, record: SessionRecord) -> None:
        self._lines.clear()
        self.add(record.forced)
