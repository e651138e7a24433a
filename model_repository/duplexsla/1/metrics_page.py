"""What a decoder counts, and the samples of its metrics page: Triton knows no session, slot or fence."""

from collections.abc import Sequence

from opentelemetry.trace import SpanContext

from duplexsla.clock import CHUNK_MS
from duplexsla.engine.engine import StepOutput
from duplexsla.engine.session_registry import Answer, SessionRegistry
from duplexsla.errors import SlotsExhausted, StaleFence
from duplexsla.telemetry import Histogram, MetricSamples, Telemetry, metrics


class DecoderMetrics:
    """Counts every tick. One thread counts, another may read."""

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
            metrics.TICK_SECONDS: self._tick_s,
            metrics.CHUNKS_DECODED: self._chunks,
            metrics.DECODER_DEADLINE_MISSES: self._misses,
            metrics.DECODER_ADMISSIONS_REFUSED: self._refused,
            metrics.DECODER_FENCES_REFUSED: self._fenced,
            metrics.DECODER_SESSIONS_EXPIRED: self._expired,
            metrics.TEXTS_DROPPED: self._decoder.engine.dropped_texts,
        }
