"""Trace context on the wire: W3C traceparent (https://www.w3.org/TR/trace-context/)."""

from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, TraceFlags, set_span_in_context

TRACEPARENT = "traceparent"
Parent = Span | SpanContext | str | bytes | None  # bytes and str: a traceparent


def inject(span: Span | SpanContext) -> str:
    """W3C traceparent of a span (trace-context level 1)."""
    context = span.get_span_context() if isinstance(span, Span) else span
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def extract(traceparent: str | bytes | None) -> SpanContext | None:
    """Context named by a W3C traceparent, or None when it is missing or malformed."""
    try:
        text = traceparent.decode() if isinstance(traceparent, bytes) else traceparent or ""
        version, trace_id, span_id, flags = text.split("-")[:4]
        context = SpanContext(int(trace_id, 16), int(span_id, 16), True, TraceFlags(int(flags, 16)))
    except ValueError:
        return None
    return context if context.is_valid and version != "ff" else None


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
