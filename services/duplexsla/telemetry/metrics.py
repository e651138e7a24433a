"""Every metric that a service shows to Prometheus on its control port: name, kind, meaning. Define one here
before it is used.

A name says service, thing and unit, as in https://prometheus.io/docs/practices/naming: counters end in
_total; of a histogram the samples end in _bucket, _sum and _count. A metric with a label has a sample for
each of its known values from the start, so that no query is without an answer before the first event.

The page that Prometheus scrapes tells numbers that a service keeps anyway, read when they are asked for.
Counting is an addition to the service's own integers; prometheus_client writes the page. A histogram is ours
because an observation is on the path of every step: a bisection and two additions, no lock, and the span kept
as it is until somebody reads (https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars).
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from opentelemetry.trace import SpanContext
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar
from prometheus_client.utils import floatToGoString


class Metric(NamedTuple):
    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    label: str = ""  # the one label of its samples; "" for none


def _counter(name: str, meaning: str, label: str = "") -> Metric:
    return Metric(name, "counter", meaning, label)


def _gauge(name: str, meaning: str, label: str = "") -> Metric:
    return Metric(name, "gauge", meaning, label)


def _histogram(name: str, meaning: str) -> Metric:
    return Metric(name, "histogram", meaning)


# All services.
SPANS_DROPPED = _counter("duplexsla_spans_dropped_total", "Spans lost to a full queue or a failing exporter")
DRAINING = _gauge("duplexsla_draining", "1 while the process drains: it takes on nothing new")
TASK_DEATHS = _counter("duplexsla_task_deaths_total", "Background tasks that ended with an error")

# Gateway: sessions.
SESSIONS = _gauge("duplexsla_gateway_sessions", "Live sessions")
EDGE_SESSIONS = _gauge("duplexsla_gateway_edge_sessions", "Clients of live sessions, by protocol", "edge")
SESSIONS_OPENED = _counter("duplexsla_gateway_sessions_opened_total", "Sessions that were admitted")
ADMISSIONS_REFUSED = _counter(
    "duplexsla_gateway_admissions_refused_total",
    "Sessions that were not admitted, or not for longer, by error code",
    "reason",
)
SESSIONS_FAILED = _counter("duplexsla_gateway_sessions_failed_total", "Sessions that ended with an error")
SESSIONS_REBUILT = _counter(
    "duplexsla_gateway_sessions_rebuilt_total", "Sessions that continued on another decoder after a loss"
)
SESSIONS_MIGRATED = _counter(
    "duplexsla_gateway_sessions_migrated_total", "Sessions that moved off a decoder that drains"
)
MODELS_CHANGED = _counter(
    "duplexsla_gateway_models_changed_total",
    "Sessions that went on with another model, with their newest words alone",
)
SESSIONS_PARKED = _counter(
    "duplexsla_gateway_sessions_parked_total", "Clients that disconnected without ending their session"
)
SESSIONS_RESUMED = _counter("duplexsla_gateway_sessions_resumed_total", "Clients that resumed their session")
SLOTS = _gauge("duplexsla_gateway_slots", "Slots of all decoders that this gateway knows")
DECODERS = _gauge(
    "duplexsla_gateway_decoders", "Decoders that this gateway knows, by whether it uses them", "state"
)
LOGIN_REASONS = (
    "missing",
    "malformed",
    "wrong_algorithm",
    "unknown_key",
    "wrong_signature",
    "wrong_issuer",
    "wrong_audience",
    "expired",
    "revoked",
    "replayed",
    "locked_out",
)
LOGINS = _counter("duplexsla_gateway_logins_total", "Callers who showed who they are")
LOGINS_REFUSED = _counter(
    "duplexsla_gateway_logins_refused_total", "Callers whom nobody knows, by the reason", "reason"
)
QUOTAS_AWAY = _counter(
    "duplexsla_gateway_quotas_away_total", "Times that shared counters of quotas did not answer"
)
UNOPENED_STREAMS = _gauge("duplexsla_gateway_unopened_streams", "Streams that have not opened a session")
STREAMS_GAVE_WAY = _counter(
    "duplexsla_gateway_streams_gave_way_total", "Streams without a session that ended because others wait"
)
DISCOVERY_AWAY = _gauge(
    "duplexsla_gateway_discovery_away", "1 while the Kubernetes API does not answer the discovery of decoders"
)

# Gateway: steps.
STEPS = _counter("duplexsla_gateway_steps_total", "Chunks that a decoder answered")
STEP_SECONDS = _histogram(
    "duplexsla_gateway_step_seconds",
    "From a chunk's due time to its answer; live sessions: by the wall clock",
)
DEADLINE_MISSES = _counter("duplexsla_gateway_deadline_misses_total", "Steps that took longer than 160 ms")
QUEUE_DEPTH = _gauge("duplexsla_gateway_queue_depth", "Items that wait, of all sessions, by queue", "queue")
REBUILD_GAP_SECONDS = _histogram(
    "duplexsla_gateway_rebuild_gap_seconds", "Sound that a client missed when its decoder was lost"
)
AUDIO_CONCEALED_SECONDS = _counter(
    "duplexsla_gateway_audio_concealed_seconds_total", "Silence in place of clients' audio that did not come"
)
AUDIO_WAIT_SECONDS = _gauge(
    "duplexsla_gateway_audio_wait_seconds", "How long the oldest audio that waits for a decoder has waited"
)
JITTER_TARGET_SECONDS = _gauge(
    "duplexsla_gateway_jitter_target_seconds",
    "Longest that a live session waits for audio in bursts",
)
MICROPHONE_DRIFT = _gauge(
    "duplexsla_gateway_microphone_drift_ppm",
    "By how much a live session's microphone is fast or slow, at most",
    "direction",
)
AUDIO_LOST_SECONDS = _counter(
    "duplexsla_gateway_audio_lost_seconds_total", "Clients' audio that no decoder could take in time"
)
CHUNKS_DROPPED = _counter(
    "duplexsla_gateway_chunks_dropped_total", "Answered chunks that a slow client did not get"
)
CHUNKS_FORGOTTEN = _counter(
    "duplexsla_gateway_chunks_forgotten_total", "Chunks lost with the gateway that had received them"
)

CHUNKS_WITHHELD = _counter(
    "duplexsla_gateway_chunks_withheld_total",
    "Chunks of speech that nobody was to hear: nobody had turned to the service, or it was stopped",
)
CLIENT_REQUESTS = _counter(
    "duplexsla_gateway_client_requests_total",
    "What clients tell beside sound, by kind",
    "kind",
)

REQUESTS_HEARD = _counter(
    "duplexsla_gateway_requests_heard_total",
    "Requests for an effect that the model heard, by whether it called a function then",
    "answer",
)
CLAIMS = _counter(
    "duplexsla_gateway_claims_total",
    "Replies that say that something was done; broken: no outcome had told so",
    "kept",
)

# Gateway: overload.
OVERLOAD_LEVEL = _gauge(
    "duplexsla_gateway_overload_level", "What is shed: 1 traces, 2 file sessions, 3 journals, 4 new sessions"
)
SHED = _counter("duplexsla_gateway_shed_total", "What was shed because steps ran late", "what")

# Gateway: actions, journals, fences.
ACTIONS = _counter(
    "duplexsla_gateway_actions_total",
    "Actions, by whether they were handed over: published, unavailable, denied",
    "state",
)
CALLS_REFUSED = _counter(
    "duplexsla_gateway_calls_refused_total",
    "Calls of the model that became no action: not of its toolset, an answer to nothing, too many",
    "reason",
)
OUTCOMES = _counter("duplexsla_gateway_outcomes_total", "Outcomes delivered to clients")
OUTCOMES_ODD = _counter(
    "duplexsla_gateway_outcomes_odd_total",
    "Outcomes that could not be read, or whose state is of a newer version and is told as it is",
    "reason",
)
OUTCOMES_UNCLAIMED = _counter(
    "duplexsla_gateway_outcomes_unclaimed_total", "Outcomes of sessions that other gateways have"
)
ROOM_EVENTS = _counter(
    "duplexsla_gateway_room_events_total",
    "What happened in rooms: delivered to a session, kept for the next one, late, or of an unknown kind",
    "result",
)
JOURNAL_CHUNKS = _gauge("duplexsla_gateway_journal_chunks", "Chunks in the journals of live sessions")
JOURNAL_BYTES = _gauge("duplexsla_gateway_journal_bytes", "Their packed size")
JOURNAL_SAVED = _counter(
    "duplexsla_gateway_journal_saved_chunks_total", "Chunks written behind to the archive"
)
JOURNAL_FAILURES = _counter(
    "duplexsla_gateway_journal_failures_total", "Batches of journals that the archive did not take"
)
GATEWAY_FENCES_REFUSED = _counter(
    "duplexsla_gateway_fences_refused_total", "Sessions given up here because another gateway owns them"
)

# Decoder.
DECODER_SESSIONS = _gauge("duplexsla_decoder_sessions", "Sessions that hold a slot")
DECODER_SLOTS = _gauge("duplexsla_decoder_slots", "Slots")
DECODER_FREE_SLOTS = _gauge("duplexsla_decoder_free_slots", "Slots that no session holds")
KERNELS = _gauge("duplexsla_decoder_kernels", "1 for the kind of kernels that computes", "kind")
TICK_SECONDS = _histogram("duplexsla_decoder_tick_seconds", "One tick: a chunk of every session in the batch")
CHUNKS_DECODED = _counter("duplexsla_decoder_chunks_total", "Chunks decoded; over ticks: the mean batch")
DECODER_DEADLINE_MISSES = _counter(
    "duplexsla_decoder_deadline_misses_total", "Ticks that took longer than a chunk lasts, 160 ms"
)
DECODER_ADMISSIONS_REFUSED = _counter(
    "duplexsla_decoder_admissions_refused_total", "Sessions that found no slot, or a decoder that drains"
)
DECODER_FENCES_REFUSED = _counter(
    "duplexsla_decoder_fences_refused_total", "Chunks refused because of a fence older than the session's"
)
DECODER_SESSIONS_EXPIRED = _counter(
    "duplexsla_decoder_sessions_expired_total", "Sessions closed because no chunk came"
)
NOT_FINITE = _counter(
    "duplexsla_decoder_not_finite_total", "Sessions that ended because their model's numbers were not finite"
)
TEXTS_DROPPED = _counter(
    "duplexsla_decoder_texts_dropped_total", "Texts for the action channel that found no room"
)

# Executor.
EXECUTOR_ACTIONS = _counter(
    "duplexsla_executor_actions_total",
    "Actions by how they ended; moved: another executor does them, dead: dead letters",
    "state",
)
ACTION_SECONDS = _histogram(
    "duplexsla_executor_action_seconds", "From the chunk that asked for an action to its published outcome"
)
EXECUTOR_MISADDRESSED = _counter(
    "duplexsla_executor_outcomes_misaddressed_total",
    "Outcomes for a partition that the topic does not have: written by their key",
)
EXECUTOR_ROOM_EVENTS = _counter(
    "duplexsla_executor_room_events_total",
    "What happened in rooms: told, kept for the next session, repeated, told everywhere (no hints), late",
    "result",
)
EXECUTOR_QUEUE_DEPTH = _gauge("duplexsla_executor_queue_depth", "Actions taken in and not settled")
EXECUTOR_FENCES_REFUSED = _counter(
    "duplexsla_executor_fences_refused_total", "Actions not done because of an older fence"
)
EXECUTOR_OVER_QUOTA = _counter(
    "duplexsla_executor_over_quota_total",
    "Actions of which a home or tenant has had too many, by risk",
    "risk",
)
EXECUTOR_GATE_REFUSALS = _counter(
    "duplexsla_executor_gate_refusals_total",
    "Actions that a gate kept from acting, or made a question of, by gate",
    "gate",
)
EXECUTOR_POLICIES_REJECTED = _counter(
    "duplexsla_executor_policies_rejected_total", "Versions of the policy file that could not be used"
)
SOURCE_SILENT_SECONDS = _gauge(
    "duplexsla_executor_source_silent_seconds", "Since Kafka was last polled as a member of the group"
)
OPEN_BREAKERS = _gauge("duplexsla_executor_open_breakers", "Devices whose circuit breaker is open")
LEDGER_AWAY = _gauge("duplexsla_executor_ledger_away", "1 while the ledger does not answer")
LEDGER_UNWRITTEN = _gauge(
    "duplexsla_executor_ledger_unwritten_outcomes", "Outcomes that wait for the ledger to be back"
)
LEDGER_KEYS = _gauge(
    "duplexsla_executor_ledger_keys", "Keys in the ledger's database: actions, fences, leases, journals"
)
LEDGER_BYTES = _gauge("duplexsla_executor_ledger_bytes", "Memory that the ledger's Redis uses")

# Deletion costs of pods.
DELETION_COST_PODS = _gauge("duplexsla_deletion_cost_pods", "Decoder pods")
DELETION_COST_UPDATES = _counter("duplexsla_deletion_cost_updates_total", "Costs that were written on pods")

# Home.
EFFECTS = _counter("duplexsla_home_effects_total", "Calls of devices that had an effect")
HOME_REFUSALS = _counter(
    "duplexsla_home_refusals_total", "Calls of devices that had none, by error code", "reason"
)
HOME_FENCES_REFUSED = _counter(
    "duplexsla_home_fences_refused_total", "Calls refused because of an older fence"
)

ALL = tuple(each for each in globals().values() if isinstance(each, Metric))

# Upper bounds of buckets, s.
# fmt: off
STEP_BOUNDS_S = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.12, 0.16, 0.2, 0.24, 0.32, 0.64, 1.28)
TICK_BOUNDS_S = (0.0025, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.12, 0.16, 0.24, 0.32, 0.64)
ACTION_BOUNDS_S = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
GAP_BOUNDS_S = (0.0, 0.08, 0.16, 0.32, 0.5, 0.64, 1.0, 2.0, 3.0, 5.0, 10.0)
# fmt: on

_SCALARS: dict[str, type[CounterMetricFamily | GaugeMetricFamily]] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
}


class Histogram:
    """Observations in buckets, each with its newest exemplar. One thread observes, any may read."""

    def __init__(self, bounds: Sequence[float]) -> None:
        """`bounds`: upper bounds in ascending order, the last bucket has none."""
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._exemplars: list[tuple[SpanContext, float, float] | None] = [None] * (len(bounds) + 1)
        self.sum = 0.0

    @property
    def count(self) -> int:
        return sum(self._counts)

    def observe(self, value: float, span: SpanContext | None = None) -> None:
        """`span` shows how it came to this value; give it only if it is recorded."""
        bucket = bisect_left(self._bounds, value)
        self._counts[bucket] += 1
        self.sum += value
        if span is not None:
            self._exemplars[bucket] = (span, value, time.time())

    def buckets(self) -> "list[tuple[str, float] | tuple[str, float, Exemplar]]":
        """Upper bound, observations up to it, and the exemplar if there is one."""
        total, rows = 0, []
        bounds = (*self._bounds, float("inf"))
        for bound, count, kept in zip(bounds, list(self._counts), self._exemplars, strict=True):
            total += count
            exemplar = (_exemplar(*kept),) if kept else ()
            rows.append((floatToGoString(bound), float(total), *exemplar))
        return rows


Value = float | Mapping[str, float] | Histogram  # a mapping: by value of the metric's label
MetricSamples = Mapping[Metric, Value]


class MetricsPage(Collector):
    """GET /metrics of one process: its own samples, and CPU, memory and open files of the process."""

    def __init__(self, read: Callable[[], MetricSamples]) -> None:
        """`read` is called for every page, on the asking thread."""
        self._read = read
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def collect(self) -> Iterator[Family]:
        for metric, value in self._read().items():
            yield _family(metric, value)

    def __call__(self, accept: str = "") -> tuple[str, bytes]:
        """Content type and body, as the `accept` header wants it: exemplars are in OpenMetrics alone."""
        encode, content_type = choose_encoder(accept)
        return content_type, encode(self._registry)


def _family(metric: Metric, value: Value) -> Family:
    if isinstance(value, Histogram):
        return HistogramMetricFamily(metric.name, metric.meaning, value.buckets(), value.sum)
    labels = [metric.label] if metric.label else []
    family = _SCALARS[metric.kind](metric.name, metric.meaning, labels=labels)
    by_label = value.items() if isinstance(value, Mapping) else [("", value)]
    for label, number in by_label:
        family.add_metric([label] if metric.label else [], number)
    return family


def _exemplar(span: SpanContext, value: float, at_s: float) -> Exemplar:
    return Exemplar({"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"}, value, at_s)
