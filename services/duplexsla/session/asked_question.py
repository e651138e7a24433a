"""The newest question that the service asked of the speaker, and whether a yes may be a yes to it."""

from dataclasses import dataclass

from duplexsla.v1 import journal_pb2 as pb


@dataclass
class AskedQuestion:
    """A yes counts from the chunk after the one in which the whole question was written."""

    action_id: str  # that waits for the answer
    asked_as: str  # id of the outcome that asks: an answer's, where that needs a code
    line: str  # on the action channel
    due_at_ms: int  # Unix ms: later answers are none
    written: str = ""
    chunk: int | None = None  # in which the line was written to its end

    def on_text(self, chunk: int, text: str) -> None:
        """The decoder has written this text of the service."""
        if self.chunk is None and text:
            self.written = (self.written + text)[-2 * len(self.line) :]
            if self.line in self.written:
                self.chunk = chunk

    def is_answered_by(self, trigger_chunk: int, now_ms: int) -> bool:
        """Whether an answer that was triggered there can be about this question."""
        return self.chunk is not None and self.chunk < trigger_chunk and now_ms <= self.due_at_ms

    def message(self) -> pb.AskedQuestion:
        return pb.AskedQuestion(
            action_id=self.action_id,
            asked_as=self.asked_as,
            line=self.line,
            written=self.written,
            chunk=self.chunk,
            due_at_ms=self.due_at_ms,
        )


def read_question(message: pb.AskedQuestion) -> AskedQuestion:
    return AskedQuestion(
        action_id=message.action_id,
        asked_as=message.asked_as,
        line=message.line,
        due_at_ms=message.due_at_ms,
        written=message.written,
        chunk=message.chunk if message.HasField("chunk") else None,
    )
