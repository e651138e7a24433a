"""What the gateway counts, and how it is told to OpenTelemetry: read by callback, so that counting is an
addition.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from duplexsla.telemetry import Histogram, metrics, names


@dataclass
class GatewayMetrics:
    """Totals since the start; `live` is the present number of sessions."""

    live: int = 0
    opened: int = 0
    refused: int = 0
    failed: int = 0
    steps: int = 0
    misses: int = 0
    concealed_samples: int = 0
    lost_samples: int = 0
    chunks_dropped: int = 0
    actions: int = 0
    actions_unavailable: int = 0
    outcomes: int = 0
    outcomes_unclaimed: int = 0
    rebuilt: int = 0
    migrated: int = 0
    parked: int = 0
    resumed: int = 0
    chunks_forgotten: int = 0
    journal_chunks: int = 0
    journal_failures: int = 0
    fences_refused: int = 0
    refusals: Counter[str] = field(default_factory=Counter)  # `refused` by error code
    shed: Counter[str] = field(default_factory=Counter)  # because steps ran late
    step_s: Histogram = field(default_factory=lambda: Histogram(metrics.STEP_BOUNDS_S))
    rebuild_gap_s: Histogram = field(default_factory=lambda: Histogram(metrics.GAP_BOUNDS_S))

    def as_dict(self) -> dict[str, int]:
        """The plain numbers."""
        return {name: getattr(self, name) for name in METRICS}


METRICS = {
    "live": names.METRIC_LIVE,
    "opened": names.METRIC_OPENED,
    "refused": names.METRIC_REFUSED,
    "failed": names.METRIC_FAILED,
    "steps": names.METRIC_STEPS,
    "misses": names.METRIC_MISSES,
    "concealed_samples": names.METRIC_CONCEALED,
    "lost_samples": names.METRIC_LOST,
    "chunks_dropped": names.METRIC_CHUNKS_DROPPED,
    "actions": names.METRIC_ACTIONS,
    "actions_unavailable": names.METRIC_UNAVAILABLE,
    "outcomes": names.METRIC_OUTCOMES,
    "outcomes_unclaimed": names.METRIC_OUTCOMES_UNCLAIMED,
    "rebuilt": names.METRIC_REBUILT,
    "migrated": names.METRIC_MIGRATED,
    "parked": names.METRIC_PARKED,
    "resumed": names.METRIC_RESUMED,
    "chunks_forgotten": names.METRIC_CHUNKS_FORGOTTEN,
    "journal_chunks": names.METRIC_JOURNAL_CHUNKS,
    "journal_failures": names.METRIC_JOURNAL_FAILURES,
    "fences_refused": names.METRIC_FENCES_REFUSED,
}


def observe(counts: GatewayMetrics, meter: Meter) -> None:
    """Registers every count with a meter."""
    for each, name in METRICS.items():
        create = meter.create_observable_gauge if each == "live" else meter.create_observable_counter
        create(name, [_reader(counts, each)])


def _reader(counts: GatewayMetrics, field: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda _: [Observation(getattr(counts, field))]
