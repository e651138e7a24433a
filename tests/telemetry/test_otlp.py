"""Spans against a collector on the wire."""

from concurrent.futures import ThreadPoolExecutor

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_grpc

from duplexsla.telemetry import names, setup


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
