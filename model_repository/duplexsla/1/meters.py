"""The decoder's own metrics, beside Triton's."""

import time
from typing import Any

import triton_python_backend_utils as pb_utils

from duplexsla.engine.decoder import Decoder

REPORT_S = 1.0
GAUGES = {
    "duplexsla_live_sessions": "Sessions that hold a slot",
    "duplexsla_free_slots": "Slots that no session holds",
    "duplexsla_tick_ms": "Duration of the last tick",
}
COUNTERS = {
    "duplexsla_ticks_total": "Ticks",
    "duplexsla_tick_ms_total": "Time spent in ticks",
    "duplexsla_deadline_misses_total": "Ticks that took longer than a chunk lasts",
    "duplexsla_expired_sessions_total": "Sessions closed because no chunk came",
    "duplexsla_dropped_texts_total": "Texts for the action channel that found no room",
}


class Meters:
    """Counts every tick and tells Triton once a second (a call costs more than the number), and at once when
    sessions came or went."""

    def __init__(self, model: str) -> None:
        self._families = [_family(name, text, pb_utils.MetricFamily.GAUGE) for name, text in GAUGES.items()]
        self._families += [
            _family(name, text, pb_utils.MetricFamily.COUNTER) for name, text in COUNTERS.items()
        ]
        metrics = [family.Metric(labels={"model": model}) for family in self._families]
        self._metrics = dict(zip((*GAUGES, *COUNTERS), metrics, strict=True))
        self._counts = dict.fromkeys(COUNTERS, 0.0)  # not told yet
        self._live = -1
        self._told_s = 0.0
        self._dropped = 0

    def tick(self, decoder: Decoder, *, tick_s: float, missed: bool, expired: int) -> None:
        self._counts["duplexsla_ticks_total"] += 1
        self._counts["duplexsla_tick_ms_total"] += tick_s * 1000
        self._counts["duplexsla_deadline_misses_total"] += missed
        self._counts["duplexsla_expired_sessions_total"] += expired
        now_s = time.monotonic()
        if decoder.num_live != self._live or now_s - self._told_s >= REPORT_S:
            self._told_s = now_s
            self._tell(decoder, tick_s)

    def _tell(self, decoder: Decoder, tick_s: float) -> None:
        self._live, dropped = decoder.num_live, decoder.engine.dropped_texts
        self._counts["duplexsla_dropped_texts_total"] = dropped - self._dropped
        self._dropped = dropped
        self._metrics["duplexsla_live_sessions"].set(self._live)
        self._metrics["duplexsla_free_slots"].set(decoder.num_free)
        self._metrics["duplexsla_tick_ms"].set(tick_s * 1000)
        for name, count in self._counts.items():
            if count:
                self._metrics[name].increment(count)
                self._counts[name] = 0.0


def _family(name: str, description: str, kind: Any) -> Any:
    return pb_utils.MetricFamily(name=name, description=description, kind=kind)
