"""Frames of any length in, chunks of 160 ms out."""

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import AudioError

MAX_FRAME_BYTES = 65_536


class Chunker:
    """Cuts one session's audio; holds less than one chunk between calls."""

    def __init__(self) -> None:
        self._rest = b""

    def push(self, samples: bytes) -> list[bytes]:
        """Chunks (CHUNK_BYTES each) that this frame completes; AudioError when it cannot be samples."""
        if len(samples) > MAX_FRAME_BYTES:
            raise AudioError(f"a frame of {len(samples)} bytes: send at most {MAX_FRAME_BYTES} at once")
        if len(samples) % 2:
            raise AudioError(f"a frame of {len(samples)} bytes: 16-bit samples take an even number")
        data = self._rest + samples if self._rest else samples
        whole = len(data) - len(data) % CHUNK_BYTES
        self._rest = data[whole:]
        return [data[start : start + CHUNK_BYTES] for start in range(0, whole, CHUNK_BYTES)]

    def flush(self) -> bytes:
        """The begun chunk, filled up with silence; empty when none is begun."""
        padded = self._rest.ljust(CHUNK_BYTES, b"\0") if self._rest else b""
        self._rest = b""
        return padded
