"""Spans and counts against a collector on the wire."""

from concurrent.futures import ThreadPoolExecutor

import grpc
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_grpc

from duplexsla.telemetry import names, setup


class Collector(trace_grpc.TraceServiceServicer, metrics_grpc.MetricsServiceServicer):
    def __init__(self) -> None:
        self.spans: list[str] = []
        self.metrics: dict[str, int] = {}

    def Export(self, request, context):  # type: ignore[no-untyped-def]  # noqa: N802
        if isinstance(request, trace_pb2.ExportTraceServiceRequest):
            scopes = [scope for resource in request.resource_spans for scope in resource.scope_spans]
            self.spans += [span.name for scope in scopes for span in scope.spans]
            return trace_pb2.ExportTraceServiceResponse()
        scopes = [scope for resource in request.resource_metrics for scope in resource.scope_metrics]
        for metric in (metric for scope in scopes for metric in scope.metrics):
            self.metrics[metric.name] = metric.sum.data_points[0].as_int
        return metrics_pb2.ExportMetricsServiceResponse()


def _count(options: CallbackOptions) -> list[Observation]:
    return [Observation(7)]


def test_a_collector_gets_spans_and_counts() -> None:
    collector = Collector()
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        trace_grpc.add_TraceServiceServicer_to_server(collector, server)
        metrics_grpc.add_MetricsServiceServicer_to_server(collector, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        telemetry = setup("gateway", otlp_endpoint=f"127.0.0.1:{port}")
        telemetry.start(names.SPAN_STEP).end()
        telemetry.meter.create_observable_counter(names.METRIC_STEPS, [_count])
        telemetry.shutdown()
        server.stop(None).wait()
    assert collector.spans == [names.SPAN_STEP]
    assert collector.metrics == {names.METRIC_STEPS: 7, names.METRIC_SPANS_DROPPED: 0}
