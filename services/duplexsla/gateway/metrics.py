"""What a gateway counts. Counting is an addition; metrics_page.py shows the numbers."""

from collections import Counter
from dataclasses import dataclass, field, fields

from duplexsla.telemetry import Histogram, metrics


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
    chunks_withheld: int = 0
    actions: int = 0
    actions_unavailable: int = 0
    actions_denied: int = 0
    outcomes: int = 0
    outcomes_unclaimed: int = 0
    outcomes_newer: int = 0
    rebuilt: int = 0
    migrated: int = 0
    models_changed: int = 0
    parked: int = 0
    resumed: int = 0
    chunks_forgotten: int = 0
    journal_chunks: int = 0
    journal_failures: int = 0
    fences_refused: int = 0
    calls_refused: Counter[str] = field(default_factory=Counter)  # of the model, here, by why
    requests: Counter[str] = field(default_factory=Counter)  # of clients, beside sound, by kind
    requests_heard: Counter[str] = field(default_factory=Counter)  # of speakers, by what came of them
    claims: Counter[str] = field(default_factory=Counter)  # of the assistant, by whether they were true
    room_events: Counter[str] = field(default_factory=Counter)  # by what became of them
    refusals: Counter[str] = field(default_factory=Counter)  # `refused` by error code
    shed: Counter[str] = field(default_factory=Counter)  # because steps ran late
    step_s: Histogram = field(default_factory=lambda: Histogram(metrics.STEP_BOUNDS_S))
    rebuild_gap_s: Histogram = field(default_factory=lambda: Histogram(metrics.GAP_BOUNDS_S))

    def as_dict(self) -> dict[str, int]:
        """The plain numbers."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.type is int}
