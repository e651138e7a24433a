"""The audio of one session up to the decoder: cut into chunks, held in a bounded backlog, taken by a clock.

What never came or found no room is summed up until it is declared. Nothing here waits: time is an argument,
seconds of one monotonic clock.
"""

import math
from collections import deque
from enum import Enum
from typing import NamedTuple, Protocol

from duplexsla.clock import CHUNK_BYTES, CHUNK_S, CHUNK_SAMPLES
from duplexsla.errors import AudioError
from duplexsla.v1.session_pb2 import NOTICE_KIND_AUDIO_GAP, ConverseResponse, Notice

MAX_FRAME_BYTES = 65_536

BACKLOG_CHUNKS = 4  # 640 ms of audio that waits for the decoder
EXTENDED_CHUNKS = 50  # 8 s, while another decoder is searched for

GRACE_S = 0.080  # a live chunk that comes this late is still used; after it, silence takes its place
LEAD_S = CHUNK_S  # at most this much a live session's clock may be moved forward for audio that comes early
CATCH_UP_CHUNKS = 4  # silence is made up for at most this much of a time in which nothing could be sent

LONG_GAP_CHUNKS = 6  # a gap that goes on is declared about once a second


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


class BufferedChunk(NamedTuple):
    """One chunk of the user's audio."""

    samples: bytes  # CHUNK_BYTES
    at: float  # when it was complete, s


class Backlog:
    """Audio that waits for the decoder. Live sessions drop the oldest; file sessions ask `full` first."""

    def __init__(self, capacity: int = BACKLOG_CHUNKS) -> None:
        self._chunks: deque[BufferedChunk] = deque()
        self._normal = self._capacity = capacity

    def __len__(self) -> int:
        return len(self._chunks)

    def extend_capacity(self) -> None:
        """Holds EXTENDED_CHUNKS until fewer than its normal capacity wait."""
        self._capacity = max(self._normal, EXTENDED_CHUNKS)

    @property
    def full(self) -> bool:
        return len(self._chunks) >= self._capacity

    @property
    def oldest_at(self) -> float | None:
        return self._chunks[0].at if self._chunks else None

    def put(self, chunk: BufferedChunk) -> int:
        """Adds a chunk; number of chunks dropped for it (0 or 1)."""
        dropped = 0
        if self.full:
            self._chunks.popleft()
            dropped = 1
        self._chunks.append(chunk)
        return dropped

    def take(self) -> BufferedChunk:
        chunk = self._chunks.popleft()
        if len(self._chunks) < self._normal:
            self._capacity = self._normal
        return chunk

    def clear(self) -> None:
        self._chunks.clear()


class ClockDecision(Enum):
    TAKE = "take"  # the oldest waiting chunk
    CONCEAL = "conceal"  # silence, in place of audio that did not come
    WAIT = "wait"


class Decision(NamedTuple):
    choice: ClockDecision
    at: float  # when the chunk was due; of WAIT: when to ask again (inf: when audio has come)


WAIT_FOR_AUDIO = Decision(ClockDecision.WAIT, math.inf)


class SessionClock(Protocol):
    def decide(self, now: float, oldest_at: float | None) -> Decision:
        """What to do at `now`; `oldest_at`: when the oldest waiting chunk was complete; None: none waits."""

    def advance(self) -> None:
        """The chunk that was decided on is over."""


class FileClock:
    """A chunk is due when it is complete; nothing is ever concealed."""

    def decide(self, now: float, oldest_at: float | None) -> Decision:
        return WAIT_FOR_AUDIO if oldest_at is None else Decision(ClockDecision.TAKE, oldest_at)

    def advance(self) -> None:
        pass


class LiveClock:
    """Slots of 160 ms from the first chunk on; deadlines are absolute, so that nothing adds up.

    The origin may move forward once or more, by `LEAD_S` in all, to where the earliest audio says it is: a
    first chunk that was slow to come must not delay all others.
    """

    def __init__(self) -> None:
        self._origin: float | None = None
        self._slot = 0
        self._lead_s = LEAD_S
        self.skipped = 0  # slots passed over because the session was held up

    def decide(self, now: float, oldest_at: float | None) -> Decision:
        if self._origin is None:
            if oldest_at is None:
                return WAIT_FOR_AUDIO
            self._origin = oldest_at
        due = self._due(now, oldest_at)
        if oldest_at is None:
            latest = due + GRACE_S
            return (
                Decision(ClockDecision.CONCEAL, due)
                if now >= latest
                else Decision(ClockDecision.WAIT, latest)
            )
        if due > now:
            due -= self._pull(due - now)
        return Decision(ClockDecision.TAKE, due) if now >= due else Decision(ClockDecision.WAIT, due)

    def advance(self) -> None:
        self._slot += 1

    def _due(self, now: float, oldest_at: float | None) -> float:
        """When the next slot is due, after passing over those whose audio was dropped or will never come."""
        assert self._origin is not None
        due = self._origin + self._slot * CHUNK_S
        newest = now - CATCH_UP_CHUNKS * CHUNK_S if oldest_at is None else oldest_at - CHUNK_S
        if due < newest:
            behind = math.ceil((newest - due) / CHUNK_S)
            self._slot += behind
            self.skipped += behind
            due = self._origin + self._slot * CHUNK_S
        return due

    def _pull(self, early_s: float) -> float:
        """Moves the origin forward by as much of `early_s` as is left."""
        assert self._origin is not None
        moved = min(early_s, self._lead_s)
        self._lead_s -= moved
        self._origin -= moved
        return moved


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


class AudioInput:
    """The client's audio that no decoder was given. `receive` fills it, `pace` takes from it."""

    def __init__(self, *, live: bool) -> None:
        self.live = live
        self.backlog = Backlog()
        self.gaps = AudioGaps()
        self.ended = False  # by the client: no more will come
        self.all_taken = False  # by `pace`: nothing more will be in flight
        self.clock: SessionClock
        self.restart_clock()

    @property
    def exhausted(self) -> bool:
        return self.ended and not len(self.backlog)

    def restart_clock(self) -> None:
        """Time stood still: the next audio is on time whenever it comes."""
        self.clock = LiveClock() if self.live else FileClock()
