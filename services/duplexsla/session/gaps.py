"""What was concealed, lost or dropped, summed up until it is declared to the client."""

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_AUDIO_GAP,
    NOTICE_KIND_CHUNKS_DROPPED,
    ConverseResponse,
    Notice,
)

LONG_GAP_CHUNKS = 6  # a gap that goes on is declared about once a second


class AudioGaps:
    """Missing audio of one session. `concealed` and `lost` count samples of the whole session."""

    def __init__(self) -> None:
        self.concealed = 0
        self.lost = 0
        self._first = 0
        self._chunks = 0
        self._concealed = 0
        self._lost = 0

    def conceal(self, chunk: int) -> None:
        """Chunk `chunk` is silence because no audio came."""
        self._begin(chunk)
        self._chunks += 1
        self._concealed += CHUNK_SAMPLES
        self.concealed += CHUNK_SAMPLES

    def lose(self, chunk: int) -> None:
        """160 ms of audio were dropped just before chunk `chunk`."""
        self._begin(chunk)
        self._lost += CHUNK_SAMPLES
        self.lost += CHUNK_SAMPLES

    def declare(self, *, over: bool) -> ConverseResponse | None:
        """Notice of a gap that has ended (`over`) or goes on for long; None when nothing is to say."""
        if not self._chunks and not self._lost:
            return None
        if not over and self._chunks < LONG_GAP_CHUNKS:
            return None
        notice = Notice(
            kind=NOTICE_KIND_AUDIO_GAP,
            detail=f"{self._concealed} samples concealed with silence, {self._lost} dropped",
            first_chunk=self._first,
            chunks=self._chunks,
            samples=self._concealed + self._lost,
        )
        self._chunks = self._concealed = self._lost = 0
        return ConverseResponse(notice=notice)

    def _begin(self, chunk: int) -> None:
        if not self._chunks and not self._lost:
            self._first = chunk


class DroppedChunks:
    """Decoded chunks that a slow client did not get. `total` counts those of the whole session."""

    def __init__(self) -> None:
        self.total = 0
        self._first = 0
        self._count = 0

    def add(self, chunk: int) -> None:
        if not self._count:
            self._first = chunk
        self._count += 1
        self.total += 1

    def declare(self) -> ConverseResponse | None:
        """Notice of what was dropped since the last one."""
        if not self._count:
            return None
        notice = Notice(
            kind=NOTICE_KIND_CHUNKS_DROPPED,
            detail="the client reads too slowly",
            first_chunk=self._first,
            chunks=self._count,
        )
        self._count = 0
        return ConverseResponse(notice=notice)
