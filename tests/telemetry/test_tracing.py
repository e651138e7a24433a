"""Spans on their way out: to a collector, and as the SDK's own would leave."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_grpc
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from duplexsla.clock import CHUNK_S
from duplexsla.telemetry import (
    SessionTrace,
    Telemetry,
    extract,
    fail,
    inject,
    links_to,
    names,
    read_spans,
    setup,
)
from duplexsla.telemetry.export import as_json

START_NS, END_NS = 1_700_000_000_000_000_000, 1_700_000_000_160_000_000
ATTRIBUTES = {names.ATTR_CHUNK: 7, names.ATTR_STEP_MS: 21.5, names.ATTR_MISS: False, names.ATTR_HOME: "demo"}

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


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


def test_a_traceparent_survives_a_round_trip() -> None:
    context = extract(TRACEPARENT)
    assert context is not None and inject(context) == TRACEPARENT
    assert extract(TRACEPARENT.encode()) == context


def test_a_malformed_traceparent_is_no_parent() -> None:
    for bad in (
        "",
        None,
        b"\xff",
        "00-zz-11-01",
        "00-1",
        "ff-" + TRACEPARENT[3:],
        f"00-{0:032x}-{0:016x}-01",
    ):
        assert extract(bad) is None


def test_links_leave_out_what_names_no_span() -> None:
    assert [inject(link.context) for link in links_to(TRACEPARENT, None, "nonsense")] == [TRACEPARENT]


def _of_sdk(traceparent: str) -> SpanContext | None:
    carrier = {"traceparent": traceparent}
    context = get_current_span(TraceContextTextMapPropagator().extract(carrier, Context())).get_span_context()
    return context if context.is_valid else None


def test_it_is_read_as_the_sdk_reads_it() -> None:
    rng = random.Random(5)
    assert extract(TRACEPARENT) == _of_sdk(TRACEPARENT) is not None
    for _ in range(3_000):
        text = list(TRACEPARENT)
        for _ in range(rng.choice((1, 1, 2, 8))):
            where, what = (
                rng.randrange(len(text)),
                rng.choice(("", "0", "f", "-", "g", "_", "A", "ff", "00-")),
            )
            text[where] = what
        given = "".join(text) + rng.choice(("", "", "-01", "x"))
        assert extract(given) == _of_sdk(given), given


def test_a_long_session_is_cut_into_segments_linked_to_it_and_to_each_other(tmp_path: Path) -> None:
    now = 0.0
    telemetry = setup("gateway", trace_file=tmp_path / "t")
    trace = SessionTrace(
        telemetry, {names.ATTR_SESSION: "01"}, clock=lambda: now, wall_ns=lambda: int((1_000 + now) * 1e9)
    )
    for chunk in range(130):  # 20.8 s
        now = chunk * CHUNK_S
        trace.record(trace.step(now), now, now + 0.02, {names.ATTR_CHUNK: chunk})
    trace.close()
    telemetry.shutdown()
    spans = read_spans(tmp_path / "t")
    (session,) = [s for s in spans if s["name"] == names.SPAN_SESSION]
    segments = [s for s in spans if s["name"] == names.SPAN_SEGMENT]
    steps = [s for s in spans if s["name"] == names.SPAN_STEP]
    assert len(segments) == 3 and len(steps) == 130
    assert len({s["trace_id"] for s in segments}) == 3
    for index, segment in enumerate(segments):
        linked = [link["span_id"] for link in segment["links"]]  # type: ignore[attr-defined]
        assert linked[0] == session["span_id"]
        assert linked[1:] == ([segments[index - 1]["span_id"]] if index else [])
    by_id = {s["span_id"]: s for s in segments}
    for step in steps:
        parent = by_id[step["parent_id"]]
        assert parent["trace_id"] == step["trace_id"]
        assert 0 <= step["start_ns"] - parent["start_ns"] < 10e9  # type: ignore[operator]
        assert abs(step["end_ns"] - step["start_ns"] - 20e6) < 1e3  # type: ignore[operator]


def test_without_a_destination_steps_cost_no_span() -> None:
    trace = SessionTrace(setup("gateway"), {})
    assert not trace.step(0.0).recorded
    trace.close()


def test_a_session_whose_traces_the_ratio_drops_records_no_step_and_no_action_below_it(
    tmp_path: Path,
) -> None:
    telemetry = setup("gateway", trace_file=tmp_path / "t", policy=0.0)
    trace = SessionTrace(telemetry, {})
    step = trace.step(0.0)
    assert not step.recorded
    trace.record(step, 0.0, 0.02, {})
    telemetry.start(names.SPAN_PUBLISH, parent=step.context).end()
    trace.close()
    telemetry.shutdown()
    assert not read_spans(tmp_path / "t")


def test_a_ratio_keeps_whole_segments_with_their_steps(tmp_path: Path) -> None:
    telemetry = setup("gateway", trace_file=tmp_path / "t", policy=0.5)
    trace = SessionTrace(telemetry, {}, segment_s=1.0)
    for second in range(60):
        for start in (second, second + 0.5):
            trace.record(trace.step(start), start, start + 0.02, {})
    trace.close()
    telemetry.shutdown()
    spans = read_spans(tmp_path / "t")
    segments = {s["span_id"]: s for s in spans if s["name"] == names.SPAN_SEGMENT}
    steps = [s for s in spans if s["name"] == names.SPAN_STEP]
    assert 0 < len(segments) < 60 and len(steps) == 2 * len(segments)
    assert {s["trace_id"] for s in steps} == {s["trace_id"] for s in segments.values()}
