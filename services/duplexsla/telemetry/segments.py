"""The traces of one session, in segments of at most 10 s."""

import time
from collections.abc import Callable
from typing import NamedTuple

from opentelemetry.trace import INVALID_SPAN_CONTEXT, Span, SpanContext, SpanKind

from duplexsla.telemetry.names import SPAN_SEGMENT, SPAN_SESSION, SPAN_STEP
from duplexsla.telemetry.traceparent import links_to
from duplexsla.telemetry.tracing import Attributes, Telemetry

SEGMENT_S = 10.0


class StepContext(NamedTuple):
    """A step's span before it is over, and its segment's."""

    context: SpanContext
    parent: SpanContext

    @property
    def recorded(self) -> bool:
        return self.context.trace_flags.sampled


UNTRACED = StepContext(INVALID_SPAN_CONTEXT, INVALID_SPAN_CONTEXT)


class SessionTrace:
    """The traces of one session: its start, then segments of at most `segment_s`, then a span per step.

    Wall time is read once per segment; the spans in it are placed by the monotonic clock. Times are seconds
    of `clock`.
    """

    def __init__(
        self,
        telemetry: Telemetry,
        attributes: Attributes,
        *,
        parent: str | None = None,
        segment_s: float = SEGMENT_S,
        clock: Callable[[], float] = time.monotonic,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._telemetry, self._attributes, self._segment_s = telemetry, attributes, segment_s
        self._clock, self._wall_ns = clock, wall_ns
        self.opening = telemetry.start(
            SPAN_SESSION, parent=parent, kind=SpanKind.SERVER, attributes=attributes
        )
        self.opening.end()
        self._segment: Span | None = None
        self._previous: SpanContext | None = None
        self._parent = INVALID_SPAN_CONTEXT
        self._started = 0.0
        self._started_ns = 0

    def step(self, start: float) -> StepContext:
        """Where a step that starts now belongs: below the segment that covers `start`."""
        if not self._telemetry.recording:
            return UNTRACED
        if self._segment is None or start - self._started >= self._segment_s:
            self._start_segment(start)
        return StepContext(self._telemetry.child(self._parent), self._parent)

    def record(self, step: StepContext, start: float, end: float, attributes: Attributes) -> None:
        """A step that is over."""
        self._telemetry.record(
            SPAN_STEP,
            step.context,
            parent=step.parent,
            attributes=attributes,
            start_ns=self._started_ns + int((start - self._started) * 1e9),
            end_ns=self._started_ns + int((end - self._started) * 1e9),
        )

    def close(self) -> None:
        """Ends the running segment."""
        if self._segment is not None:
            self._segment.end()
            self._previous, self._segment = self._segment.get_span_context(), None

    def _start_segment(self, start: float) -> None:
        self.close()
        self._started, self._started_ns = start, self._wall_ns() - int((self._clock() - start) * 1e9)
        self._segment = self._telemetry.start(
            SPAN_SEGMENT,
            links=links_to(self.opening, self._previous),
            attributes=self._attributes,
            start_ns=self._started_ns,
        )
        self._parent = self._segment.get_span_context()
