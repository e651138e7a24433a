"""A recorded span against one that the SDK has started and ended: what we rely on in the SDK."""

from collections.abc import Sequence

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext

from duplexsla.telemetry import Telemetry, fail, names
from duplexsla.telemetry.export import as_json

START_NS, END_NS = 1_700_000_000_000_000_000, 1_700_000_000_160_000_000
ATTRIBUTES = {names.ATTR_CHUNK: 7, names.ATTR_STEP_MS: 21.5, names.ATTR_MISS: False, names.ATTR_HOME: "demo"}


class Collected(SpanExporter):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.spans += spans
        return SpanExportResult.SUCCESS


def _both(error: Exception | None) -> list[ReadableSpan]:
    """The same span, recorded and made by the SDK, but for its id."""
    collected = Collected()
    telemetry = Telemetry("gateway", [collected])
    segment = telemetry.start("segment")
    parent = segment.get_span_context()
    telemetry.record(
        "step",
        telemetry.child(parent),
        parent=parent,
        attributes=ATTRIBUTES,
        start_ns=START_NS,
        end_ns=END_NS,
        error=error,
    )
    span = telemetry.start("step", parent=segment, attributes=ATTRIBUTES, start_ns=START_NS)
    if error is not None:
        fail(span, error)
    span.end(END_NS)
    telemetry.shutdown()
    return collected.spans


@pytest.mark.parametrize("error", [None, KeyError("lamp")])
def test_a_recorded_span_leaves_the_process_as_one_of_the_sdk_does(error: Exception | None) -> None:
    recorded, made = _both(error)
    assert recorded.context.span_id != made.context.span_id
    made._context = SpanContext(
        made.context.trace_id, recorded.context.span_id, False, recorded.context.trace_flags
    )
    assert as_json(recorded) == as_json(made)
    assert encode_spans([recorded]) == encode_spans([made])
