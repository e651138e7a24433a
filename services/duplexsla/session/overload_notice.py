"""When a client is told that steps run late. Nothing waits."""

from duplexsla.clock import CHUNK_MS
from duplexsla.v1.session_pb2 import NOTICE_KIND_OVERLOAD, Notice

MISSES = 3  # in a row, of which the client is sent a notice
PAUSE_CHUNKS = 60  # about 10 s between two such notices


class OverloadNotice:
    """Of one session. `live`: nobody waits for a file."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._misses_in_a_row = 0
        self._warned_at = -PAUSE_CHUNKS

    def on_step(self, chunk: int, *, missed: bool) -> Notice | None:
        """A chunk was answered, or was late: what the client is to be told of it."""
        self._misses_in_a_row = self._misses_in_a_row + 1 if missed else 0
        rested = chunk - self._warned_at >= PAUSE_CHUNKS
        if not self._live or self._misses_in_a_row < MISSES or not rested:
            return None
        self._warned_at = chunk
        detail = f"{self._misses_in_a_row} steps in a row took longer than {CHUNK_MS} ms"
        return Notice(kind=NOTICE_KIND_OVERLOAD, detail=detail, first_chunk=chunk)
