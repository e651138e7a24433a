"""The decoder by its control port: whether it gets on, what it counts, and its drain."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.trace import SpanContext

from duplexsla.clock import CHUNK_MS
from duplexsla.engine.engine import StepOutput
from duplexsla.engine.native.library import KERNEL_KINDS
from duplexsla.engine.session_registry import Answer, SessionRegistry
from duplexsla.errors import SlotsExhausted, StaleFence
from duplexsla.telemetry import Histogram, MetricSamples, Telemetry, metrics

STUCK_S = 10.0  # the longest tick rebuilds sessions from their past, and takes a third of it
DEADLINE_S = 60.0  # of a drain, for those who name none
POLL_S = 0.05
SILENT_S = 5.0  # a session without a chunk for so long has been left


class TickWatch:
    """A tick that hangs makes its process useless, and only its own clock tells. One thread ticks, another
    asks.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since_s: float | None = None

    @contextmanager
    def tick(self) -> Iterator[None]:
        self._since_s = self._clock()
        try:
            yield
        finally:
            self._since_s = None

    @property
    def well(self) -> bool:
        """No tick is under way for longer than STUCK_S."""
        since_s = self._since_s
        return since_s is None or self._clock() - since_s < STUCK_S


class DecoderMetrics:
    """Counts every tick: Triton knows no session, slot or fence. One thread counts, another may read."""

    def __init__(self, decoder: SessionRegistry, telemetry: Telemetry) -> None:
        self._decoder, self._telemetry = decoder, telemetry
        self._tick_s = Histogram(metrics.TICK_BOUNDS_S)
        self._chunks = self._misses = self._refused = self._fenced = self._expired = 0

    def tick(
        self, answers: Sequence[Answer], *, tick_s: float, expired: int, span: SpanContext | None
    ) -> None:
        """`span`: of one of the tick's chunks, if any was recorded."""
        self._tick_s.observe(tick_s, span)
        self._misses += tick_s * 1000 > CHUNK_MS
        self._expired += expired
        for answer in answers:
            self._chunks += isinstance(answer, StepOutput)
            self._refused += isinstance(answer, SlotsExhausted)
            self._fenced += isinstance(answer, StaleFence)

    def samples(self) -> MetricSamples:
        return {
            metrics.SPANS_DROPPED: self._telemetry.dropped,
            metrics.DRAINING: self._decoder.draining,
            metrics.DECODER_SESSIONS: self._decoder.num_live,
            metrics.DECODER_SLOTS: self._decoder.num_live + self._decoder.num_free,
            metrics.DECODER_FREE_SLOTS: self._decoder.num_free,
            metrics.KERNELS: {kind: kind == self._decoder.engine.backends.kernels for kind in KERNEL_KINDS},
            metrics.TICK_SECONDS: self._tick_s,
            metrics.CHUNKS_DECODED: self._chunks,
            metrics.DECODER_DEADLINE_MISSES: self._misses,
            metrics.DECODER_ADMISSIONS_REFUSED: self._refused,
            metrics.DECODER_FENCES_REFUSED: self._fenced,
            metrics.DECODER_SESSIONS_EXPIRED: self._expired,
            metrics.NOT_FINITE: self._decoder.not_finite,
            metrics.TEXTS_DROPPED: self._decoder.engine.dropped_texts,
        }


class DecoderDrain:
    """Starts no session any more, and waits until the last one has moved or ended. For a preStop hook: after
    SIGTERM Triton answers nobody.

    The process goes on, so each request waits by its own deadline: a short one does not cut a later one.
    """

    def __init__(self, decoder: SessionRegistry, alone: threading.Lock) -> None:
        """`alone` is held by whoever uses the decoder."""
        self._decoder, self._alone = decoder, alone

    @property
    def draining(self) -> bool:
        return self._decoder.draining

    async def drain(self, deadline_s: float | None) -> int:
        """Sessions left at the deadline. Cancelling it is safe: no session starts, nobody waits.

        It polls, because sessions end by the clock too: when nobody has sent a chunk for SILENT_S.
        """
        self._decoder.drain()
        deadline = time.monotonic() + (DEADLINE_S if deadline_s is None else deadline_s)
        while (left := await asyncio.to_thread(self._left)) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)
        return left

    def _left(self) -> int:
        with self._alone:
            self._decoder.expire(time.monotonic(), idle_s=SILENT_S)
            return self._decoder.num_live
