"""Plays cases into a results file, with progress; or one case, to look at it and listen to it."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla_lab.bench.case import Case, Samples
from duplexsla_lab.bench.case_view import case_text
from duplexsla_lab.bench.conversation import Heartbeat, PlaySettings, play_case
from duplexsla_lab.bench.results import CaseResult, ResultsFile, RunHeader, digest
from duplexsla_lab.bench.runner import Runner
from duplexsla_lab.bench.system_interface import SystemFactory

PlayedRun = tuple[RunHeader, list[Case], dict[str, CaseResult]]


def playable_cases(cases: Sequence[Case], *, prefill: bool) -> list[Case]:
    """Without their history, cases in which the assistant is to be speaking already are none."""
    return [case for case in cases if prefill or not case.needs_history]


def play(
    cases: Sequence[Case],
    name: str,
    make: SystemFactory,
    path: Path,
    options: argparse.Namespace,
    *,
    prefill: bool,
) -> PlayedRun:
    """Plays what the file at `path` lacks. Raises ResultsError."""
    chosen = playable_cases(cases, prefill=prefill)
    if left := len(cases) - len(chosen):
        print(f"{left} cases are left out: they need their history (--prefill)", file=sys.stderr)
    settings = PlaySettings(prefill=prefill)
    head = RunHeader(name, prefill, digest(chosen), settings.row())
    runner = Runner(make, settings, now=time.monotonic, lanes=options.lanes, deadline_s=options.deadline)
    with ResultsFile(path, head) as file:
        start_s, before = time.monotonic(), len(file.done)
        for result in runner.run(chosen, file, again=options.again):
            _progress(result, len(file.done), len(chosen), before, time.monotonic() - start_s)
        return head, chosen, file.done


def _progress(result: CaseResult, done: int, cases: int, before: int, spent_s: float) -> None:
    if result.failed:
        print(f"{result.case} failed: {result.failed}", file=sys.stderr)
    if done % 20 == 0 or done == cases:
        rate = (done - before) / max(spent_s, 1e-9)
        left_s = (cases - done) / rate if rate > 0 else 0.0
        print(f"{done}/{cases} cases, {rate:.1f} a second, {left_s:.0f} s left", file=sys.stderr)


def play_one(case: Case, make: SystemFactory, *, prefill: bool, wav: Path | None) -> str:
    """What the system does in a case, chunk by chunk; `wav` gets both sides, history first."""
    result, sound = play_case(case, make(), PlaySettings(prefill=prefill), Heartbeat())
    if wav:
        _write_stereo(wav, case, sound, history=prefill)
    return case_text(case, result)


def _write_stereo(path: Path, case: Case, sound: Samples, *, history: bool) -> None:
    from duplexsla_lab.data.timeline.session_view import write_stereo

    user, assistant = [], []
    for turn in case.history if history else ():
        heard = turn.samples()
        user.append(heard)
        said = turn.track.samples() if turn.track else np.zeros(0, np.int16)
        assistant.append(np.pad(said, (0, max(0, _whole(len(heard)) - len(said)))))
        user[-1] = np.pad(heard, (0, len(assistant[-1]) - len(heard)))
    sides = (np.concatenate([*user, case.samples()]), np.concatenate([*assistant, sound]))
    write_stereo(path, *sides)


def _whole(samples: int) -> int:
    """In whole chunks."""
    return -(-samples // CHUNK_SAMPLES) * CHUNK_SAMPLES
