"""A run as one JSON object: all that was measured, the verdict, and what the other reports are made from."""

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from duplexsla.errors import SettingError
from duplexsla_loadtest.checker import ActionMismatch, check
from duplexsla_loadtest.coordinator import LoadRun
from duplexsla_loadtest.figures import Measured, SessionFigures
from duplexsla_loadtest.metrics import Metrics, metrics_of
from duplexsla_loadtest.objectives import JudgedObjective, LoadVerdict, Objective, Objectives, judge
from duplexsla_loadtest.worker import ConversationResult

FORMAT = 1
MAX_MISMATCHES = 100
FIGURES = (
    "conversations", "refused", "failed", "reconnects", "restarts", "decoder_changes", "chunks", "misses",
    "miss_ratio", "lost", "step_p50_ms", "step_p90_ms", "step_p99_ms", "step_p99.9_ms", "step_max_ms",
    "server_step_p50_ms", "server_step_p99_ms", "sessions_with_3_consecutive_misses", "gaps",
    "concealed_chunks", "dropped_replies", "deferrals", "outage_p50_ms", "outage_max_ms",
    "decoder_gap_max_ms", "open_p99_ms", "refusal_p99_ms", "turns", "unanswered_turns",
    "first_sound_p50_ms", "first_sound_p99_ms", "sound_chunks", "underruns", "underrun_ratio",
    "sessions_with_underruns", "asks", "asks_met", "asks_unmet", "call_p50_ms", "call_p99_ms", "actions",
    "outcome_done", "outcome_confirm", "action_p50_ms", "action_p99_ms", "effect_p50_ms", "effect_p99_ms",
    "actions_missing", "actions_extra", "actions_twice", "actions_out_of_order", "actions_unchecked",
)  # fmt: skip
OWN = (
    "own_lag_p50_ms", "own_lag_p99_ms", "own_lag_max_ms", "own_send_lag_p99_ms", "own_processor_share",
    "own_waited_share",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What was measured, ready to be judged, displayed and compared."""

    about: dict[str, Any]  # address, mix, sessions, times, seed, machine
    measured: Measured
    sessions: Sequence[Mapping[str, Any]]  # of each conversation: number, kind, home, ended, worst_run, tally
    seconds: Mapping[int, Metrics]
    own: Sequence[Metrics]
    mismatches: Sequence[ActionMismatch]
    verdict: LoadVerdict

    @property
    def kinds(self) -> list[str]:
        return sorted({row["kind"] for row in self.sessions})

    def row(self) -> dict[str, Any]:
        return {
            "loadtest": FORMAT,
            "about": self.about,
            "verdict": self.verdict.word,
            "void": list(self.verdict.void),
            "objectives": [_objective_row(each) for each in self.verdict.judged],
            "figures": figures(self.measured, (*FIGURES, *OWN)),
            "by_kind": {kind: figures(self.measured.of_kind(kind), FIGURES) for kind in self.kinds},
            "findings": [asdict(each) for each in self.mismatches[:MAX_MISMATCHES]],
            "sessions": [dict(row) | {"tally": row["tally"].row()} for row in self.sessions],
            "seconds": {str(second): each.row() for second, each in sorted(self.seconds.items())},
            "own": [each.row() for each in self.own],
        }


def build_report(run: LoadRun, objectives: Objectives, effects: Mapping[str, list[dict[str, Any]]]) -> Report:
    """The report of a run; `effects` of the homes that could be asked."""
    mismatches: list[ActionMismatch] = []
    for result in run.results:
        found = check(result.measures, effects.get(result.home))
        result.metrics.counts.update(each.count for each in found)
        if result.home not in effects:
            result.metrics.counts["actions_unchecked"] += len(result.measures.requested)
        mismatches += found
    rows = [_session_row(result) for result in sorted(run.results, key=lambda each: each.planned.number)]
    measured = Measured(_sessions(rows), run.own, window_s=run.window_s)
    verdict = judge(measured, objectives, lost_workers=run.lost_workers)
    return Report(_about(run), measured, rows, run.seconds, run.own, mismatches, verdict)


def read_report(path: Path) -> Report:
    """SettingError when this is not a report of ours."""
    try:
        row = json.loads(path.read_text())
        if row["loadtest"] != FORMAT:
            raise SettingError(f"{path}: a report of format {row['loadtest']}; this reads {FORMAT}")
        return _read(row)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingError(f"{path} is no report of a load test: {error!r}") from error


def judge_again(report: Report, objectives: Objectives) -> Report:
    """The same run by other objectives. What was void because a process died stays so."""
    verdict = judge(report.measured, objectives, lost_workers=report.about["workers"] - len(report.own))
    return replace(report, verdict=verdict)


def figures(measured: Measured, names: Sequence[str]) -> dict[str, float]:
    """Those of them that have a sample, rounded to four digits."""
    found = {name: measured.figure(name) for name in names}
    return {name: float(f"{value:.4g}") for name, value in found.items() if value is not None}


def live(seconds: Mapping[int, Metrics]) -> dict[int, int]:
    """Conversations that were under way at the end of each second."""
    count, found = 0, {}
    for second in range(max(seconds, default=0) + 1):
        counts = seconds[second].counts if second in seconds else {}
        count += counts.get("conversations", 0) - counts.get("ended", 0)
        found[second] = count
    return found


def _read(row: Mapping[str, Any]) -> Report:
    sessions = [dict(each) | {"tally": metrics_of(each["tally"])} for each in row["sessions"]]
    own = [metrics_of(each) for each in row["own"]]
    about = dict(row["about"])
    measured = Measured(_sessions(sessions), own, window_s=about["duration_s"] - about["warm_up_s"])
    verdict = LoadVerdict(row["verdict"], tuple(map(_read_objective, row["objectives"])), tuple(row["void"]))
    seconds = {int(second): metrics_of(each) for second, each in row["seconds"].items()}
    return Report(
        about, measured, sessions, seconds, own, [ActionMismatch(**each) for each in row["findings"]], verdict
    )


def _about(run: LoadRun) -> dict[str, Any]:
    job = run.job
    return {
        "address": job.address,
        "mix": job.mix.name,
        "mix_about": job.mix.about,
        "sessions": job.load.sessions,
        "most_live": max(live(run.seconds).values(), default=0),
        "duration_s": job.load.duration_s,
        "warm_up_s": job.warm_up_s,
        "seed": job.load.seed,
        "workers": len(run.own) + run.lost_workers,
        "nice": job.nice,
        "terms": asdict(job.settings),
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(run.began_at)),
        "machine": {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version()},
    }


def _session_row(result: ConversationResult) -> dict[str, Any]:
    return {
        "number": result.planned.number,
        "kind": result.planned.kind,
        "home": result.home,
        "session_ids": [f"{number:016x}" for number in result.measures.session_ids],
        "at_s": round(result.planned.at_s, 3),
        "chunks": result.planned.chunks,
        "ended": result.ended,
        "worst_run": result.measures.worst_run,
        "tally": result.metrics,
    }


def _sessions(rows: Sequence[Mapping[str, Any]]) -> list[SessionFigures]:
    return [SessionFigures(row["kind"], row["tally"], row["worst_run"]) for row in rows]


def _objective_row(judged: JudgedObjective) -> dict[str, Any]:
    return asdict(judged.objective) | {"value": judged.value, "held": judged.held}


def _read_objective(row: Mapping[str, Any]) -> JudgedObjective:
    return JudgedObjective(Objective(row["name"], row["limit"], row["at_least"]), row["value"], row["held"])
