"""Tracing of one process."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
)
from opentelemetry.util.types import AttributeValue

from duplexsla.telemetry.export import ExportPolicy, JsonLines, Policy, SpanOutbox
from duplexsla.telemetry.traceparent import Parent, parent_context

RECONNECT_MS = 5_000  # at most, to a collector that is back: gRPC would wait 2 minutes
SCOPE = "duplexsla"
SAMPLED = TraceFlags(TraceFlags.SAMPLED)
UNSET = Status()

Attributes = Mapping[str, AttributeValue]


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
