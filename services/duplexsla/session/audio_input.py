"""The audio of one session up to the decoder: cut into chunks, held in a bounded backlog, taken by a clock.

What never came or found no room is summed up until it is declared. Nothing here waits: time is an argument,
seconds of one monotonic clock.

The clock of a live session is its microphone: a chunk is due when it is complete, however fast or slow the
microphone counts its samples, so that nothing adds up. Audio that comes in bursts is late, and whole.
"""

import math
from collections import deque
from enum import Enum
from typing import NamedTuple

from duplexsla.audio.conversion import InputConverter
from duplexsla.clock import CHUNK_BYTES, CHUNK_S, CHUNK_SAMPLES
from duplexsla.errors import AudioError
from duplexsla.v1.session_pb2 import NOTICE_KIND_AUDIO_GAP, ConverseResponse, Notice

MAX_FRAME_BYTES = 65_536

BACKLOG_CHUNKS = 4  # 640 ms of audio that waits for the decoder, beside what a late burst brings
EXTENDED_CHUNKS = 50  # 8 s, while another decoder is searched for

GRACE_S = 0.080  # a live chunk that comes this late is still used; after it, silence takes its place
JITTER_S = 2.0  # at most this much longer is waited for audio that comes in bursts
JITTER_FALL = 0.020  # of the wait for bursts, s per s
SPACING_S = CHUNK_S / 2  # from one chunk of a backlog to the next: two in 160 ms
FASTEST = 1.002  # that a microphone is: who sends more than it can give is held back
CATCH_UP_CHUNKS = 4  # silence is made up for at most this much of a time in which nothing could be sent

MUTED_S = 10.0  # a client that has sent nothing for this long is muted: its silence is no fault of a network

DRIFT_WINDOW_S = 30.0  # the least delayed chunk of each is compared

LONG_GAP_CHUNKS = 6  # a gap that goes on is declared about once a second


class Chunker:
    """Cuts one session's audio, whose frames may end anywhere; holds less than one chunk between calls."""

    def __init__(self, converter: InputConverter | None = None) -> None:
        """`converter`: of a client whose sound is not 16 kHz, mono, 16 bits."""
        self._convert = converter.push if converter else bytes
        self._size = converter.chunk_bytes if converter else CHUNK_BYTES
        self._rest = b""

    def push(self, samples: bytes) -> list[bytes]:
        """Chunks (CHUNK_BYTES each) that this frame completes; AudioError: too large, or no sound."""
        if len(samples) > MAX_FRAME_BYTES:
            raise AudioError(f"a frame of {len(samples)} bytes: send at most {MAX_FRAME_BYTES} at once")
        data = self._rest + samples if self._rest else samples
        whole = len(data) - len(data) % self._size
        self._rest = data[whole:]
        return [self._convert(data[start : start + self._size]) for start in range(0, whole, self._size)]

    def flush(self) -> bytes:
        """The begun chunk, filled up with silence; empty when none is begun. Half a sample is no sound."""
        begun = self._convert(self._rest)
        begun = begun[: len(begun) - len(begun) % 2]
        padded = begun.ljust(CHUNK_BYTES, b"\0") if begun else b""
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
        self._normal = capacity
        self._extended = False
        self.burst_chunks = 0  # that may come at once, beside the normal capacity

    def __len__(self) -> int:
        return len(self._chunks)

    @property
    def capacity(self) -> int:
        normal = self._normal + self.burst_chunks
        return max(normal, EXTENDED_CHUNKS) if self._extended else normal

    def extend_capacity(self) -> None:
        """Holds EXTENDED_CHUNKS until fewer than its normal capacity wait."""
        self._extended = True

    @property
    def full(self) -> bool:
        return len(self._chunks) >= self.capacity

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
            self._extended = False
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


class FileClock:
    """A chunk is due when it is complete; nothing is ever concealed."""

    def arrive(self, now: float) -> None:
        """A chunk is complete."""

    def decide(self, now: float, oldest_at: float | None) -> Decision:
        """What to do at `now`; `oldest_at`: when the oldest waiting chunk was complete; None: none waits."""
        return WAIT_FOR_AUDIO if oldest_at is None else Decision(ClockDecision.TAKE, oldest_at)

    def advance(self, decision: Decision, now: float) -> None:
        """The chunk that was decided on is sent."""


class LiveClock:
    """Follows the microphone: a chunk is taken when it is complete, a backlog two chunks in 160 ms.

    Without audio it waits for GRACE_S and the jitter target, then silence takes its place every 160 ms.
    Nobody gets more than JITTER_S ahead of a microphone that is FASTEST.
    """

    def __init__(self) -> None:
        self.jitter = JitterTarget()
        self._expected: float | None = None  # when the next chunk should be complete; None: before the first
        self._earliest = -math.inf  # when the next chunk of a backlog may be due
        self._free_at = -math.inf  # when it may be sent
        self._recorded_until = -math.inf  # a microphone has recorded by then what was taken

    def arrive(self, now: float) -> None:
        if self._expected is None:
            self._recorded_until = now
        self._expected = now + CHUNK_S
        self.jitter.arrive(now)

    def decide(self, now: float, oldest_at: float | None) -> Decision:
        if oldest_at is not None:
            held_until = self._recorded_until - JITTER_S
            due = max(oldest_at, self._earliest, held_until)
            send_at = max(due, self._free_at)
            if now < send_at:
                return Decision(ClockDecision.WAIT, send_at)
            return Decision(ClockDecision.TAKE, due)
        if self._expected is None:
            return WAIT_FOR_AUDIO
        patience_s = GRACE_S + self.jitter.target_s
        latest = max(self._expected, now - CATCH_UP_CHUNKS * CHUNK_S) + patience_s
        return Decision(ClockDecision.CONCEAL if now >= latest else ClockDecision.WAIT, latest)

    def advance(self, decision: Decision, now: float) -> None:
        if decision.choice is ClockDecision.CONCEAL:
            patience_s = GRACE_S + self.jitter.target_s
            self._expected = decision.at - patience_s + CHUNK_S
            self.jitter.drift.restart()
            return
        self._earliest, self._free_at = decision.at + SPACING_S, now + SPACING_S
        recorded_from = max(self._recorded_until, now - EXTENDED_CHUNKS * CHUNK_S)
        self._recorded_until = recorded_from + CHUNK_S / FASTEST


class JitterTarget:
    """How late audio comes that does come: grows with a late burst, falls by JITTER_FALL.

    Late is what others make up for that come sooner than 160 ms after it. Audio that was never recorded (a
    muted microphone) is not late, and does not make anybody wait.
    """

    def __init__(self) -> None:
        self.target_s = 0.0
        self.drift = MicrophoneDrift()
        self._at: float | None = None  # the newest chunk
        self._number = 0
        self._latest_s = -math.inf  # the longest delay of late, falling

    def arrive(self, now: float) -> None:
        fallen_s = 0.0 if self._at is None else JITTER_FALL * (now - self._at)
        delay_s = now - self._number * CHUNK_S  # and a constant
        self._latest_s = max(self._latest_s - fallen_s, delay_s)
        made_up_s = min(self._latest_s - delay_s, JITTER_S)
        self.target_s = max(self.target_s - fallen_s, made_up_s)
        self._at, self._number = now, self._number + 1
        self.drift.add(now, delay_s)


class MicrophoneDrift:
    """By how much a microphone's 16,000 samples a second are more or fewer, while its audio has no gap."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.ppm = 0.0  # positive: fast; 0 until two windows are over
        self._first: tuple[float, float] | None = None  # time and delay of the least delayed chunk
        self._least: tuple[float, float] | None = None
        self._window_ends = -math.inf

    def add(self, now: float, delay_s: float) -> None:
        """`delay_s`: of a chunk, and a constant."""
        if self._least is not None and now >= self._window_ends:
            self._first = self._first or self._least
            first_at, first_s = self._first
            at, least_s = self._least
            self.ppm = 1e6 * (first_s - least_s) / (at - first_at) if at > first_at else 0.0
            self._least = None
        if self._least is None:
            self._window_ends = now + DRIFT_WINDOW_S
            self._least = (now, delay_s)
        elif delay_s < self._least[1]:
            self._least = (now, delay_s)


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
        self._arrived_at = -math.inf  # the newest chunk
        self.clock: LiveClock | FileClock
        self.restart_clock()

    @property
    def exhausted(self) -> bool:
        return self.ended and not len(self.backlog)

    def put(self, samples: bytes, now: float) -> int:
        """A chunk is complete; number of chunks dropped for it (0 or 1)."""
        self._arrived_at = now
        self.clock.arrive(now)
        self.backlog.burst_chunks = math.ceil(self.jitter_s / CHUNK_S)
        return self.backlog.put(BufferedChunk(samples, now))

    @property
    def jitter_s(self) -> float:
        """For this long audio that is late is waited for, beside GRACE_S."""
        return self.clock.jitter.target_s if isinstance(self.clock, LiveClock) else 0.0

    @property
    def drift_ppm(self) -> float:
        """By how much a live session's microphone is fast; negative: slow."""
        return self.clock.jitter.drift.ppm if isinstance(self.clock, LiveClock) else 0.0

    def muted(self, now: float) -> bool:
        """Whether nothing has come for MUTED_S."""
        return now - self._arrived_at > MUTED_S

    def restart_clock(self) -> None:
        """Time stood still: the next audio is on time whenever it comes."""
        self.clock = LiveClock() if self.live else FileClock()
