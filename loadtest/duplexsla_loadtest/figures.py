"""Every figure of a run by its name: what objectives, reports and comparisons speak of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from duplexsla.errors import SettingError
from duplexsla_loadtest.metrics import Metrics, total

TIMES = (
    "step", "server_step", "first_sound", "call", "action", "effect", "open", "refusal", "outage",
    "decoder_gap", "underrun", "own_lag", "own_send_lag",
)  # fmt: skip
COUNTS = (
    "conversations", "ended", "ok", "refused", "failed", "reconnects", "restarts", "resumed",
    "decoder_changes", "chunks", "misses", "lost", "deferrals", "gaps", "concealed_chunks",
    "dropped_replies", "overload_notices", "turns", "early_replies", "unanswered_turns", "asks", "asks_met",
    "asks_unmet", "actions", "outcomes", "actions_unavailable", "underruns", "underrun_ms", "sound_chunks",
    "actions_missing", "actions_extra", "actions_twice", "actions_out_of_order", "actions_unchecked",
)  # fmt: skip
FAMILIES = ("refused_", "failed_", "outcome_")  # counts whose names end with what the server said
SOUND_MS = 160
RATIOS = {  # name -> what is divided by what, and by how much that counts
    "miss": ("misses", "chunks", 1),
    "lost": ("lost", "chunks", 1),
    "deferral": ("deferrals", "chunks", 1),
    "refused": ("refused", "conversations", 1),
    "failed": ("failed", "conversations", 1),
    "unanswered_turn": ("unanswered_turns", "turns", 1),
    "early_reply": ("early_replies", "turns", 1),
    "ask_unmet": ("asks_unmet", "asks", 1),
    "underrun": ("underrun_ms", "sound_chunks", SOUND_MS),
}
_TIME = re.compile(r"(?P<time>\w+)_(?:p(?P<rank>\d+(?:\.\d+)?)|(?P<whole>mean|max))_ms")
_RUN = re.compile(r"sessions_with_(?P<run>\d+)_consecutive_misses")


@dataclass(frozen=True)
class SessionFigures:
    """One conversation as figures need it."""

    kind: str
    metrics: Metrics
    worst_run: int  # consecutive misses


class Measured:
    """What was measured, pooled, by kind of caller, and of the tester itself (one Metrics a worker)."""

    def __init__(
        self, sessions: Sequence[SessionFigures], own: Sequence[Metrics] = (), *, window_s: float = 1.0
    ) -> None:
        self._sessions, self._own, self._window_s = sessions, own, window_s
        self.metrics = total(session.metrics for session in sessions)

    def of_kind(self, kind: str) -> "Measured":
        return Measured([session for session in self._sessions if session.kind == kind])

    def figure(self, name: str) -> float | None:
        """None when there is no sample; SettingError for a name that means nothing."""
        kind, slash, rest = name.rpartition("/")
        if slash:
            return self.of_kind(kind).figure(rest)
        if name.startswith("own_"):
            return self._own_figure(name)
        if found := _RUN.fullmatch(name):
            return self._share([session.worst_run >= int(found["run"]) for session in self._opened()])
        if name.startswith("sessions_with_"):
            count = _known_count(name.removeprefix("sessions_with_"))
            return self._share([session.metrics.counts[count] > 0 for session in self._opened()])
        return figure(self.metrics, name)

    def _opened(self) -> list[SessionFigures]:
        return [session for session in self._sessions if not session.metrics.counts["refused"]]

    def _share(self, flags: Sequence[bool]) -> float | None:
        return sum(flags) / len(flags) if flags else None

    def _own_figure(self, name: str) -> float | None:
        """Of the worst worker."""
        shares = {"own_processor_share": "own_processor_us", "own_waited_share": "own_waited_us"}
        if name in shares:
            return max((each.counts[shares[name]] / self._window_s / 1e6 for each in self._own), default=None)
        values = [figure(each, name) for each in self._own]
        return max((value for value in values if value is not None), default=None)


def figure(metrics: Metrics, name: str) -> float | None:
    """A figure that these metrics hold; None when there is no sample."""
    if found := _TIME.fullmatch(name):
        return _time(metrics, found)
    if name.endswith("_ratio"):
        return _ratio(metrics, name.removesuffix("_ratio"))
    return float(metrics.counts[_known_count(name)])


def _time(metrics: Metrics, found: re.Match[str]) -> float | None:
    if found["time"] not in TIMES:
        raise SettingError(f"no time {found['time']!r}: there are {', '.join(TIMES)}")
    if found["time"] not in metrics.times:
        return None
    histogram = metrics.times[found["time"]]
    if found["whole"] == "mean":
        return histogram.mean
    return histogram.percentile(100.0 if found["whole"] else float(found["rank"]))


def _ratio(metrics: Metrics, name: str) -> float | None:
    if name not in RATIOS:
        raise SettingError(f"no ratio {name!r}: there are {', '.join(RATIOS)}")
    part, whole, weight = RATIOS[name]
    return metrics.counts[part] / (weight * metrics.counts[whole]) if metrics.counts[whole] else None


def _known_count(name: str) -> str:
    if name not in COUNTS and not name.startswith(FAMILIES):
        raise SettingError(f"no figure {name!r}: there are the counts {', '.join(COUNTS)}")
    return name
