"""How recorded spans leave the process: a bounded queue, an export policy, a file of JSON lines."""

import json
import os
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import StatusCode

from duplexsla.telemetry.names import ATTR_ACTION, ATTR_ACTIONS, ATTR_MISS

QUEUE_SPANS = 32_768
BATCH_SPANS = 2_048
FLUSH_S = 1.0
MAX_FILE_BYTES = 256 << 20
OPEN_TRACES = 4_096  # traces whose fate policy `slo` has not decided yet, or has decided lately

Policy = str | float  # "all", "slo" or a share of the traces, 0 to 1

_encode = json.JSONEncoder(separators=(",", ":")).encode


class SpanOutbox:
    """Bounded queue of ended spans, and the thread that exports them; when full, new ones drop, counted.

    The SDK's BatchSpanProcessor does not count what an exporter fails to take, and logs a line per lost span.
    """

    def __init__(
        self, exporters: Sequence[SpanExporter], *, capacity: int = QUEUE_SPANS, flush_s: float = FLUSH_S
    ) -> None:
        self._exporters, self._capacity, self._flush_s = exporters, capacity, flush_s
        self._spans: deque[ReadableSpan] = deque()
        self._wake = threading.Event()
        self._lock = threading.Lock()  # one export at a time
        self._closed = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
        self._thread.start()

    def put(self, span: ReadableSpan) -> None:
        if self._closed or len(self._spans) >= self._capacity:
            self.dropped += 1
            return
        self._spans.append(span)
        if len(self._spans) >= BATCH_SPANS:
            self._wake.set()

    def force_flush(self) -> None:
        with self._lock:
            while self._spans:
                batch = [self._spans.popleft() for _ in range(min(len(self._spans), BATCH_SPANS))]
                for exporter in self._exporters:
                    self._export(exporter, batch)

    def shutdown(self) -> None:
        self._closed = True
        self._wake.set()
        self._thread.join(timeout=10)
        for exporter in self._exporters:
            exporter.shutdown()

    def _export(self, exporter: SpanExporter, batch: Sequence[ReadableSpan]) -> None:
        try:
            result = exporter.export(batch)
        except Exception:  # outermost frame of tracing: a broken exporter must not end the service
            result = SpanExportResult.FAILURE
        if result is not SpanExportResult.SUCCESS:
            self.dropped += len(batch)

    def _run(self) -> None:
        while not self._closed:
            self._wake.wait(self._flush_s)
            self._wake.clear()
            self.force_flush()
        self.force_flush()


class ExportPolicy(SpanProcessor):
    """Decides which recorded spans leave the process.

    all: every one. A ratio: by the trace id, so that every service keeps the same traces. slo: spans wait
    until the local root of their trace has ended; the trace is kept when one of them missed a deadline,
    failed or held an action.
    """

    def __init__(self, chosen: Policy, outbox: SpanOutbox) -> None:
        self._outbox = outbox
        self._traces = SloTraces(outbox) if chosen == "slo" else None
        self._bound = int((chosen if isinstance(chosen, float) else 1.0) * (1 << 64))

    def on_end(self, span: ReadableSpan) -> None:
        if self._traces is not None:
            self._traces.on_end(span)
        elif (span.context.trace_id & ((1 << 64) - 1)) < self._bound:
            self._outbox.put(span)

    def shutdown(self) -> None:
        self._outbox.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        self._outbox.force_flush()
        return True


class SloTraces:
    """Spans of traces that are not decided yet: at most `OPEN_TRACES`, the oldest is dropped and counted."""

    def __init__(self, outbox: SpanOutbox) -> None:
        self._outbox = outbox
        self._waiting: OrderedDict[int, list[ReadableSpan]] = OrderedDict()
        self._kept: OrderedDict[int, bool] = OrderedDict()
        self._lock = threading.Lock()

    def on_end(self, span: ReadableSpan) -> None:
        trace_id = span.context.trace_id
        with self._lock:
            if self._kept.get(trace_id):
                self._outbox.put(span)
                return
            waiting = self._waiting.setdefault(trace_id, [])
            waiting.append(span)
            if span.parent is None or span.parent.is_remote:
                self._decide(trace_id, self._waiting.pop(trace_id))
            elif len(self._waiting) > OPEN_TRACES:
                self._outbox.dropped += len(self._waiting.popitem(last=False)[1])

    def _decide(self, trace_id: int, spans: list[ReadableSpan]) -> None:
        if not any(matters(span) for span in spans):
            return
        self._kept[trace_id] = True
        if len(self._kept) > OPEN_TRACES:
            self._kept.popitem(last=False)
        for span in spans:
            self._outbox.put(span)


def matters(span: ReadableSpan) -> bool:
    """Whether policy `slo` keeps a trace for this span's sake: an error, a missed deadline or an action."""
    attributes = span.attributes or {}
    return (
        span.status.status_code is StatusCode.ERROR
        or bool(attributes.get(ATTR_MISS))
        or bool(attributes.get(ATTR_ACTIONS))
        or ATTR_ACTION in attributes
    )


class JsonLines(SpanExporter):
    """Appends spans to a file, one JSON object per line, ids in hex; several processes may share the file.

    A file that has reached `max_bytes` becomes FILE.1, in place of the one before it: two files, never more.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._max_bytes = path, max_bytes
        self._file = self._open()

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def _rotate(self) -> None:
        """Renames a full file, unless another process has done so, and opens a new one."""
        full = os.fstat(self._file)
        if self._path.exists() and os.path.samestat(self._path.stat(), full):
            self._path.replace(self._path.with_name(self._path.name + ".1"))
        os.close(self._file)
        self._file = self._open()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if os.fstat(self._file).st_size >= self._max_bytes:
            self._rotate()
        lines = "".join(_encode(as_json(span)) + "\n" for span in spans)
        os.write(self._file, lines.encode())
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        os.close(self._file)


def as_json(span: ReadableSpan) -> dict[str, object]:
    """A span as the file holds it: hex ids, Unix times in ns, attributes, links."""
    return {
        "name": span.name,
        "service": span.resource.attributes.get("service.name", ""),
        "kind": span.kind.name.lower(),
        "trace_id": f"{span.context.trace_id:032x}",
        "span_id": f"{span.context.span_id:016x}",
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else "",
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "status": span.status.status_code.name.lower(),
        "detail": span.status.description or "",
        "attributes": dict(span.attributes or {}),
        "links": [
            {"trace_id": f"{link.context.trace_id:032x}", "span_id": f"{link.context.span_id:016x}"}
            for link in span.links
        ],
    }


def read_spans(path: str | Path) -> list[dict[str, object]]:
    """Spans of a trace file, oldest first; a half-written last line is left out."""
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if line.endswith("\n")]
    return sorted((json.loads(line) for line in lines), key=lambda span: span["start_ns"])
