"""What a file's session has sent and may have to send again, when its gateway forgot the newest chunks."""

from duplexsla.errors import ProtocolError

PIECE_BYTES = 65_536
KEPT_CHUNKS = 64  # behind the newest answer: more than a gateway's death costs


class SentAudio:
    """Bytes of a stream that began at sample 0; the oldest are forgotten as answers come."""

    def __init__(self, chunk_bytes: int) -> None:
        """`chunk_bytes`: of 160 ms in the format of the stream."""
        self._chunk_bytes = chunk_bytes
        self._bytes = bytearray()
        self._first = 0  # offset of the first one kept
        self._position = 0  # offset of the first one that the present stream was not given

    def add(self, samples: bytes) -> None:
        self._bytes += samples

    def unsent(self) -> bytes:
        """The next bytes for the stream, at most PIECE_BYTES."""
        start = self._position - self._first
        return bytes(self._bytes[start : start + PIECE_BYTES])

    def sent(self, piece: bytes) -> None:
        self._position += len(piece)

    def answered(self, next_chunk: int) -> None:
        """All before this chunk was answered."""
        spare = min((next_chunk - KEPT_CHUNKS) * self._chunk_bytes, self._position) - self._first
        if spare > 0:
            del self._bytes[:spare]
            self._first += spare

    def rewind(self, chunk: int) -> None:
        """A new stream begins with this chunk; ProtocolError when it is forgotten."""
        if chunk * self._chunk_bytes < self._first:
            raise ProtocolError(f"the server asks for chunk {chunk} again, which was answered long ago")
        self._position = chunk * self._chunk_bytes
