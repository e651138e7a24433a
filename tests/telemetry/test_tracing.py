"""Spans on their way out: to a collector, and as the SDK's own would leave."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_grpc
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext

from duplexsla.telemetry import Telemetry, fail, names, setup
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


class Collector(trace_grpc.TraceServiceServicer):
    def __init__(self) -> None:
        self.spans: list[str] = []

    def Export(self, request, context):  # type: ignore[no-untyped-def]  # noqa: N802
        scopes = [scope for resource in request.resource_spans for scope in resource.scope_spans]
        self.spans += [span.name for scope in scopes for span in scope.spans]
        return trace_pb2.ExportTraceServiceResponse()


def test_a_collector_gets_spans() -> None:
    collector = Collector()
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        trace_grpc.add_TraceServiceServicer_to_server(collector, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        telemetry = setup("gateway", otlp_endpoint=f"127.0.0.1:{port}")
        telemetry.start(names.SPAN_STEP).end()
        telemetry.shutdown()
        server.stop(None).wait()
    assert collector.spans == [names.SPAN_STEP]
