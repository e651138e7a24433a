"""Tracing of one process, and of the sessions in it.

A session's traces are segments of at most SEGMENT_S. Trace context is on the wire as W3C traceparent
(https://www.w3.org/TR/trace-context/); there is one per step, so it is not the SDK's propagator, which gives
the same in two to three times as long (1.7 and 3.1 us against 0.8 and 1.1 us).
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    INVALID_SPAN,
    INVALID_SPAN_CONTEXT,
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from duplexsla.telemetry.export import ExportPolicy, JsonLines, Policy, SpanOutbox
from duplexsla.telemetry.names import SPAN_SEGMENT, SPAN_SESSION, SPAN_STEP

TRACEPARENT = "traceparent"
FORMAT = re.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
Parent = Span | SpanContext | str | bytes | None  # bytes and str: a traceparent

RECONNECT_MS = 5_000  # at most, to a collector that is back: gRPC would wait 2 minutes
SCOPE = "duplexsla"
SAMPLED = TraceFlags(TraceFlags.SAMPLED)
UNSET = Status()

Attributes = Mapping[str, AttributeValue]

SEGMENT_S = 10.0


def inject(span: Span | SpanContext) -> str:
    """W3C traceparent of a span (trace-context level 1)."""
    context = span.get_span_context() if isinstance(span, Span) else span
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def extract(traceparent: str | bytes | None) -> SpanContext | None:
    """Context named by a W3C traceparent, or None when it is missing or malformed."""
    text = traceparent.decode("latin-1") if isinstance(traceparent, bytes) else traceparent or ""
    found = FORMAT.fullmatch(text)
    if found is None or found[1] == "ff" or (found[1] == "00" and found[5]):
        return None
    context = SpanContext(int(found[2], 16), int(found[3], 16), True, TraceFlags(int(found[4], 16)))
    return context if context.is_valid else None


def parent_context(parent: Parent) -> Context:
    """A Context that holds this parent alone; an empty one (a new trace) without a parent."""
    if isinstance(parent, Span):
        return set_span_in_context(parent, Context())
    if not isinstance(parent, SpanContext):
        parent = extract(parent)
    return set_span_in_context(NonRecordingSpan(parent), Context()) if parent else Context()


def links_to(*targets: Parent) -> list[Link]:
    """Links to each target that names a span."""
    spans = (t.get_span_context() if isinstance(t, Span) else t for t in targets)
    contexts = (c if isinstance(c, SpanContext) else extract(c) for c in spans)
    return [Link(context) for context in contexts if context is not None and context.is_valid]


class Telemetry:
    """Tracing of one process: starts spans, counts those it had to drop, flushes on `shutdown`."""

    def __init__(
        self,
        service: str,
        exporters: Sequence[SpanExporter],
        chosen: Policy = "all",
    ) -> None:
        self.service = service
        self._outbox = SpanOutbox(exporters) if exporters else None
        self._resource = resource = Resource({"service.name": service})
        self._policy = ExportPolicy(chosen, self._outbox) if self._outbox is not None else None
        self._scope, self._ids = InstrumentationScope(SCOPE), RandomIdGenerator()
        self._provider = TracerProvider(
            # Spans of a trace that its ratio drops are not even recorded.
            sampler=TraceIdRatioBased(chosen) if isinstance(chosen, float) else ALWAYS_ON,
            resource=resource,
            span_limits=SpanLimits(max_span_attributes=32, max_links=8, max_events=16),
            shutdown_on_exit=False,
        )
        if self._policy is not None:
            self._provider.add_span_processor(self._policy)
        self.tracer: Tracer = self._provider.get_tracer(SCOPE)

    @property
    def dropped(self) -> int:
        """Spans lost to a full queue or a failing exporter so far."""
        return self._outbox.dropped if self._outbox else 0

    @property
    def recording(self) -> bool:
        return self._outbox is not None

    def start(
        self,
        name: str,
        *,
        parent: Parent = None,
        links: Sequence[Link] = (),
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes | None = None,
        start_ns: int | None = None,
    ) -> Span:
        """A started span; end it yourself. Without a parent it starts a new trace."""
        if self._outbox is None:
            return INVALID_SPAN
        context = parent_context(parent)
        return self.tracer.start_span(name, context, kind, attributes, links, start_time=start_ns)

    def child(self, parent: SpanContext) -> SpanContext:
        """Context of a span below this one, which `record` may tell of once it is over."""
        if not parent.trace_flags.sampled:
            return parent
        return SpanContext(parent.trace_id, self._ids.generate_span_id(), False, SAMPLED)

    def record(
        self,
        name: str,
        context: SpanContext,
        *,
        parent: SpanContext,
        attributes: Attributes,
        start_ns: int,
        end_ns: int,
        error: BaseException | None = None,
    ) -> None:
        """A span that is over, and the error it ended with, of a context that `child` gave.

        1.5 us where starting and ending one takes the SDK 12, which counts where there is one per step.
        """
        if self._policy is None or not context.trace_flags.sampled:
            return
        span = ReadableSpan(
            name,
            context,
            parent,
            self._resource,
            attributes,
            status=_failure(error) if error else UNSET,
            start_time=start_ns,
            end_time=end_ns,
            instrumentation_scope=self._scope,
        )
        self._policy.on_end(span)

    @contextmanager
    def span(
        self,
        name: str,
        *,
        parent: Parent = None,
        links: Sequence[Link] = (),
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes | None = None,
    ) -> Iterator[Span]:
        """A span around a block; an exception marks it as an error and goes on."""
        span = self.start(name, parent=parent, links=links, kind=kind, attributes=attributes)
        try:
            yield span
        except Exception as error:
            fail(span, error)
            raise
        finally:
            span.end()

    def flush(self) -> None:
        """Writes out every ended span that the policy keeps; blocks until done."""
        if self._outbox is not None:
            self._outbox.force_flush()

    def shutdown(self) -> None:
        """Writes out what is left and ends the exporting threads; blocks for some seconds at most."""
        self._provider.shutdown()


def fail(span: Span, error: BaseException) -> None:
    """Marks a span as failed, which also makes policy `slo` keep its trace."""
    span.set_status(_failure(error))


def _failure(error: BaseException) -> Status:
    return Status(StatusCode.ERROR, f"{type(error).__name__}: {error}")


def setup(
    service: str, *, otlp_endpoint: str = "", trace_file: str | Path = "", policy: Policy = "all"
) -> Telemetry:
    """Tracing of this process, to an OTLP gRPC endpoint ("host:4317"), a file of JSON lines, both or none.

    `policy` says which spans leave the process: "all", "slo" or a share of the traces (see
    `export.ExportPolicy`).
    """
    exporters: list[SpanExporter] = [JsonLines(Path(trace_file))] if trace_file else []
    if otlp_endpoint:
        # Imported on demand: a process without a collector need not load it.
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        insecure = not otlp_endpoint.startswith("https://")
        target: dict[str, Any] = {"endpoint": otlp_endpoint, "insecure": insecure, "timeout": 5}
        target["channel_options"] = (("grpc.max_reconnect_backoff_ms", RECONNECT_MS),)
        exporters.append(OTLPSpanExporter(**target))
    return Telemetry(service, exporters, policy)


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
