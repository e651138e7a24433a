from collections.abc import Sequence
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from duplexsla.telemetry import Telemetry, fail, names, read_spans, setup
from duplexsla.telemetry.export import JsonLines, SpanOutbox


class Kept(SpanExporter):
    """Remembers the names of exported spans; fails while `broken`."""

    def __init__(self, *, broken: bool = False) -> None:
        self.names: list[str] = []
        self.broken = broken

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.broken:
            raise ConnectionError
        self.names += [span.name for span in spans]
        return SpanExportResult.SUCCESS


def test_a_trace_reads_back_from_the_file(tmp_path: Path) -> None:
    telemetry = setup("gateway", trace_file=tmp_path / "deep" / "trace.jsonl")
    with (
        telemetry.span("outer", attributes={names.ATTR_CHUNK: 7}) as outer,
        telemetry.span("inner", parent=outer),
    ):
        pass
    telemetry.shutdown()
    first, second = read_spans(tmp_path / "deep" / "trace.jsonl")
    assert (first["name"], second["name"], first["service"]) == ("outer", "inner", "gateway")
    assert first["trace_id"] == second["trace_id"] and second["parent_id"] == first["span_id"]
    assert first["attributes"] == {names.ATTR_CHUNK: 7}


def test_a_half_written_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    telemetry = setup("x", trace_file=path)
    telemetry.start("whole").end()
    telemetry.shutdown()
    path.write_text(path.read_text() + '{"name": "ha')
    assert [span["name"] for span in read_spans(path)] == ["whole"]


def test_without_a_destination_nothing_is_recorded() -> None:
    telemetry = setup("x")
    assert not telemetry.recording and not telemetry.start("span").is_recording()
    telemetry.shutdown()


def test_an_exception_marks_its_span_and_goes_on(tmp_path: Path) -> None:
    telemetry = setup("x", trace_file=tmp_path / "t")
    with pytest.raises(KeyError), telemetry.span("block"):
        raise KeyError("lamp")
    telemetry.shutdown()
    (span,) = read_spans(tmp_path / "t")
    assert span["status"] == "error" and "lamp" in str(span["detail"])


def test_slo_keeps_only_traces_with_a_miss_an_error_or_an_action() -> None:
    kept = Kept()
    telemetry = Telemetry("x", [kept], "slo")
    for name in ("calm", "missed", "failed", "acted"):
        root = telemetry.start(f"{name} root")
        child = telemetry.start(f"{name} child", parent=root)
        if name == "missed":
            child.set_attribute(names.ATTR_MISS, True)
        if name == "failed":
            fail(child, ValueError("no"))
        if name == "acted":
            child.set_attribute(names.ATTR_ACTIONS, 1)
        child.end()
        root.end()
        telemetry.start(f"{name} late", parent=root).end()
    telemetry.shutdown()
    roots = [f"{name} {part}" for name in ("missed", "failed", "acted") for part in ("child", "root", "late")]
    assert kept.names == roots


def test_a_ratio_keeps_or_drops_whole_traces() -> None:
    kept = Kept()
    telemetry = Telemetry("x", [kept], 0.5)
    for index in range(200):
        root = telemetry.start(str(index))
        telemetry.start(str(index), parent=root).end()
        root.end()
    telemetry.shutdown()
    assert 100 < len(kept.names) < 300
    assert all(kept.names.count(name) == 2 for name in kept.names)


def test_a_full_queue_drops_and_counts() -> None:
    telemetry = Telemetry("x", [Kept()])
    span = telemetry.tracer.start_span("span")
    outbox = SpanOutbox([Kept()], capacity=3, flush_s=3_600)
    for _ in range(5):
        outbox.put(span)  # type: ignore[arg-type]
    assert outbox.dropped == 2
    outbox.shutdown()
    telemetry.shutdown()


def test_a_broken_exporter_loses_spans_counted_and_harms_nobody() -> None:
    telemetry = Telemetry("x", [Kept(broken=True)])
    telemetry.start("span").end()
    telemetry.flush()
    assert telemetry.dropped == 1
    telemetry.shutdown()


def test_a_full_trace_file_is_put_aside_and_two_are_all_there_ever_are(tmp_path: Path) -> None:
    path, made = tmp_path / "trace.jsonl", Recorded()
    exporters = [JsonLines(path, max_bytes=1_000) for _ in range(2)]  # as two processes share a file
    for _ in range(10):
        for exporter in exporters:
            exporter.export(made.spans)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["trace.jsonl", "trace.jsonl.1"]
    assert all(file.stat().st_size < 3_000 for file in tmp_path.iterdir())
    assert read_spans(path) and read_spans(tmp_path / "trace.jsonl.1")


class Recorded:
    """One real span."""

    def __init__(self) -> None:
        provider = TracerProvider()
        with provider.get_tracer("test").start_as_current_span("step") as span:
            pass
        assert isinstance(span, ReadableSpan)
        self.spans = [span]
